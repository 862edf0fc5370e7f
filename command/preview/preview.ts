import { matches } from '../../local/aws/rule.ts';
import { captureLog } from '../../local/log.ts';
import { patternsIn } from '../../local/rules.ts';
import type { Config } from '../../shared/config/config.ts';
import type { Target } from '../../shared/model/registration.ts';
import { consulCatalog } from '../../shared/registries/directories.ts';
import { handleBatch } from '../../shared/sync/handle-events.ts';
import { syncRuntime } from '../../shared/sync/runtime.ts';
import { createFindings, type Findings } from './findings.ts';
import { detailOf, placeOf, type Recording } from './recording.ts';
import { againstAccount, againstSimulator, type Surroundings } from './stage.ts';
import type { Subject } from './subjects.ts';

/** What would become of one task, and why. */
export interface Preview extends Findings {
  /** Its ARN; empty where an event tells of something else. */
  readonly task: string;
  /** What was assumed, and what it was compared with. */
  readonly said: readonly string[];
  /** What Consul holds now under the names that the task would have; only where it was asked. */
  readonly inConsul?: readonly Target[];
}

/**
 * The event function's own work on this task under `observe`, by which nothing is written anywhere.
 * One at a time in a process, whose environment it sets and puts back.
 */
export const preview = async (
  subject: Subject,
  around: Surroundings,
  signal: AbortSignal,
): Promise<Preview> => {
  const stage = await (around.account ? againstAccount : againstSimulator)(subject, around);
  const findings = createFindings();
  const release = captureLog(findings.take);
  try {
    const { context, config } = await syncRuntime();
    const delivery = { messageId: 'preview', body: JSON.stringify(stage.event), receiveCount: 1 };
    const failed = await handleBatch([delivery], context, signal);
    const found = findings.found();
    const inConsul = stage.asksConsul ? await heldInConsul(found, config, signal) : undefined;
    return {
      task: String(detailOf(subject)['taskArn'] ?? ''),
      said: [...stage.said, ...subject.told, ...(subject.isEvent ? ruleSays(subject) : [])],
      ...found,
      isUndecided: found.isUndecided || failed.length > 0,
      ...(inConsul && { inConsul }),
    };
  } finally {
    release();
    await stage.stop();
  }
};

const heldInConsul = async ({ changes }: Findings, config: Config, signal: AbortSignal) => {
  const names = new Set(changes.flat().map(({ service }) => service));
  const held = (await consulCatalog(config)?.(signal)) ?? [];
  return held.filter(({ service }) => names.has(service));
};

const ruleSays = (recording: Recording): string[] =>
  patternsIn(placeOf(recording)).some((pattern) => matches(pattern, recording.event))
    ? []
    : [
        "The stack's rules do not pass this event on. What follows is what the function would make of it.",
      ];
