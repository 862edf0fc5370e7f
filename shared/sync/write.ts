import type { Change, Outcome } from '../model/plan.ts';
import type { Ref, Registration } from '../model/registration.ts';
import { refOf } from '../plan/plan.ts';
import type { Context, Telemetry } from '../platform/telemetry.ts';
import { describe } from '../platform/telemetry.ts';
import type { Registry } from '../registries/registry.ts';
import type { Derivation } from './derive-tasks.ts';

/** A registry's `apply` must not throw; should one all the same, its changes are to be tried again. */
export const apply = async (
  registry: Registry,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> => {
  if (changes.length === 0) return [];
  try {
    return await registry.apply(changes, signal);
  } catch (error) {
    const reason = `${registry.name}: ${describe(error)}`;
    return changes.map((change) => ({ change, status: 'retry', reason }));
  }
};

/** Where each outcome came from: task, event, version, for its log line. */
export const tell = (
  telemetry: Telemetry,
  registry: Registry,
  outcomes: readonly Outcome[],
  contextOf: (ref: Ref) => Context,
): void => {
  for (const outcome of outcomes) telemetry.outcome(registry.name, outcome, contextOf(refOf(outcome.change)));
};

/** A task's records at one registry, with what was left out on the way told. */
export const fitAll = (
  registry: Registry,
  { instances }: Pick<Derivation, 'instances'>,
  context: Context,
  { telemetry }: { readonly telemetry: Telemetry },
): readonly Registration[] =>
  instances.flatMap((instance) => {
    const { records, notes } = registry.fit(instance);
    for (const note of notes) telemetry.note(`${registry.name}: ${note}`, context);
    return records;
  });

/** The change is in force, or will be without anybody's doing. */
export const isSettled = ({ status }: Outcome) =>
  status === 'done' || status === 'unchanged' || status === 'gone' || status === 'refused';
