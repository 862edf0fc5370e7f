import { idOf } from '../../shared/model/arn.ts';
import type { Skip } from '../../shared/model/plan.ts';
import { skipText } from '../../shared/model/plan.ts';
import type { Instance, Registration } from '../../shared/model/registration.ts';
import { type SharedName, sharedNameText } from '../../shared/model/summary.ts';
import type { ForgottenRecord } from '../../shared/sync/admin/forgotten.ts';
import { ask } from '../ask.ts';
import type { Block } from '../blocks.ts';
import type { Run } from '../command.ts';
import { subjectOf } from '../subject.ts';

/** As the function `inspect` answers it. */
export interface Explained {
  readonly tasks: readonly ExplainedTask[];
  /** Held although ECS knows the task no more. A function of an older version does not tell. */
  readonly forgotten?: readonly ForgottenRecord[];
  readonly withheld: readonly WithheldThere[];
  /** Names of these tasks that others have too, as the last round met them. */
  readonly shared?: readonly SharedName[];
  /** What could not be read, or is not known, in words. */
  readonly unread: readonly string[];
}

interface WithheldThere {
  readonly cluster: string;
  readonly plan: string;
  readonly removals: number;
  readonly why: 'missing' | 'renamed';
}

export interface ExplainedTask {
  readonly task: string;
  readonly desiredStatus: string;
  readonly lastStatus: string;
  readonly health: string;
  readonly instances: readonly Instance[];
  readonly skips: readonly Skip[];
  readonly notes: readonly string[];
  readonly registries: readonly HeldThere[];
}

interface HeldThere {
  readonly registry: string;
  readonly records: readonly Registration[];
  /** What the next round would do, in words. */
  readonly would: readonly string[];
  readonly error?: string;
}

export const run: Run = async ({ args: [subject = ''], value }, tools) => {
  const command = { command: 'explain', cluster: value('cluster'), ...subjectOf(subject) };
  const explained = await ask<Explained>('inspect', command, tools);
  return { blocks: toBlocks(explained), json: explained, found: isAmiss(explained) };
};

const isAmiss = ({ tasks, forgotten = [], withheld, shared = [], unread }: Explained) =>
  tasks.length === 0 ||
  withheld.length + unread.length + forgotten.length + shared.length > 0 ||
  tasks.some(
    ({ instances, registries }) =>
      instances.length === 0 ||
      registries.some(({ would, error }) => would.length > 0 || error !== undefined),
  );

const toBlocks = ({ tasks, forgotten = [], withheld, shared = [], unread }: Explained): Block[] => [
  ...tasks.flatMap(taskBlocks),
  ...(forgotten.length > 0
    ? [
        ['held, although ECS knows the task no more:'],
        {
          head: ['registry', 'service', 'address', 'task', 'why it is still there'],
          rows: forgotten.map(({ registry, service, address, port, task, why }) => [
            registry,
            service,
            `${address}:${port}`,
            idOf(task),
            why,
          ]),
        },
      ]
    : []),
  [...withheld.map(sayWithheld), ...shared.map(sharedNameText), ...unread],
];

const taskBlocks = (one: ExplainedTask): Block[] => [
  [`${one.task}: desired ${one.desiredStatus}, last ${one.lastStatus}, health ${one.health}`],
  {
    head: ['service', 'address', 'health', 'id'],
    rows: one.instances.map(({ service, address, port, protocol, health, id }) => [
      service,
      `${address}:${port}/${protocol}`,
      health,
      id,
    ]),
  },
  [
    ...(one.instances.length === 0 ? ['derives no instance'] : []),
    ...one.skips.map(skipText),
    ...one.notes.map((note) => `note: ${note}`),
    ...one.registries.map(sayHeld),
  ],
];

const sayHeld = ({ registry, records, would, error }: HeldThere) => {
  if (error !== undefined) return `${registry}: ${error}`;
  const next = would.length > 0 ? `; next round: ${would.join('; ')}` : ', as it should';
  return `${registry}: holds ${records.length}${next}`;
};

const sayWithheld = ({ cluster, plan, removals, why }: WithheldThere) => {
  const what =
    why === 'missing'
      ? `${removals} removals of records whose tasks ECS does not know`
      : `${removals} records keep a name that their running tasks have lost`;
  return `withheld in ${cluster}: ${what}; to let them through, run: rollcall release ${plan}`;
};
