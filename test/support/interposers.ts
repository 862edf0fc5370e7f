import { idOf } from '../../shared/model/arn.ts';
import { type Change, refOf } from '../../shared/model/plan.ts';
import { KEY, type Registration } from '../../shared/model/registration.ts';
import type { Task } from '../../shared/model/task.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import type { Source } from '../../shared/source/source.ts';
import type { SyncContext } from '../../shared/sync/context.ts';

/**
 * What stands between the code and what it works with, so that a rule can be broken from outside:
 * however the code is built inside, it reads sources, writes registries and queues looks. Each
 * takes dependencies and gives others.
 */
export type Interposer = <D extends SyncContext>(context: D) => D;

export const withRegistries = <D extends SyncContext>(
  context: D,
  change: (registry: Registry) => Partial<Registry>,
): D => ({
  ...context,
  registries: context.registries.map((registry) => ({ ...registry, ...change(registry) })),
});

export const withSource = <D extends SyncContext>(context: D, change: Partial<Source>): D => ({
  ...context,
  source: { ...context.source, ...change },
});

/** What is true of the invocation under way. */
export interface Invocation {
  /** Whether the rule is broken in it at all. */
  readonly isConcerned: () => boolean;
  /** The ids of tasks of which something was written in it. */
  readonly written: () => Set<string | undefined>;
}

/** Every record's id begins with its task's. */
const taskIdOf = (change: Change) => refOf(change).id.split('-', 1)[0];

/**
 * ECS says nothing more of the tasks of which such a change was written, nor is any of them looked
 * at again.
 */
export const unconfirmed =
  ({ isConcerned, written }: Invocation, concerns: (change: Change) => boolean): Interposer =>
  (context) => ({
    ...withSource(
      withRegistries(context, ({ apply }) => ({
        apply: async (changes, signal) => {
          const outcomes = await apply(changes, signal);
          if (isConcerned())
            for (const change of changes.filter(concerns)) written().add(taskIdOf(change));
          return outcomes;
        },
      })),
      {
        describeTasks: async (cluster, tasks, signal) => {
          const described = await context.source.describeTasks(cluster, tasks, signal);
          return {
            ...described,
            tasks: described.tasks.filter(({ arn }) => !written().has(idOf(arn))),
          };
        },
      },
    ),
    queue: {
      send: (looks, signal) => {
        const left = looks.map((look) => ({
          ...look,
          tasks: look.tasks.filter((arn) => !written().has(idOf(arn))),
        }));
        return context.queue.send(
          left.filter(({ tasks }) => tasks.length > 0),
          signal,
        );
      },
    },
  });

/**
 * DescribeTasks answers otherwise: of each task as it is, or of one that ECS does not know, as it
 * was last.
 */
export const describing = (
  change: (task: Task, missing: boolean) => Task | undefined,
  isConcerned: () => boolean = () => true,
): Interposer => {
  const known = new Map<string, Task>();
  return (context) =>
    withSource(context, {
      describeTasks: async (cluster, tasks, signal) => {
        const described = await context.source.describeTasks(cluster, tasks, signal);
        for (const task of described.tasks) known.set(task.arn, task);
        if (!isConcerned()) return described;
        const missing = described.missing.flatMap((arn) => {
          const task = known.get(arn);
          return (task && change(task, true)) ?? [];
        });
        const told = described.tasks.flatMap((task) => change(task, false) ?? []);
        const still = described.missing.filter((arn) => !missing.some((task) => task.arn === arn));
        return { ...described, tasks: [...told, ...missing], missing: still };
      },
    });
};

export const asStopped = (task: Task): Task => ({
  ...task,
  desiredStatus: 'STOPPED',
  version: task.version + 99,
});

/**
 * Records of others bear our mark, and the ARN of a task of this cluster that ECS does not know.
 */
export const adopting =
  (cluster: string): Interposer =>
  (context) => {
    const { owner } = context.config;
    const task = `${cluster.replace(':cluster/', ':task/')}/${'0'.repeat(32)}`;
    const marks = { [KEY.owner]: owner, [KEY.cluster]: cluster, [KEY.task]: task };
    const adopt = (record: Registration): Registration =>
      record.metadata[KEY.owner] === owner
        ? record
        : { ...record, cluster, metadata: { ...record.metadata, ...marks } };
    return withRegistries(context, ({ list, get }) => ({
      list: async (signal) => {
        const listing = await list(signal);
        return { ...listing, records: listing.records.map(adopt) };
      },
      get: async (refs, signal) => (await get(refs, signal)).map(adopt),
    }));
  };
