import type { Identity, RegistryName } from '../model/registration.ts';
import type { Work } from './collect.ts';
import type { DelayedLook, SyncDeps } from './deps.ts';

/** One task that is not at rest at one registry. */
export interface Open {
  readonly work: Work;
  readonly registry: RegistryName;
  readonly operations: readonly string[];
}

/** Seconds before each look. Lambda cuts a loop through SQS at about 16 rounds; ours ends itself after five. */
const DELAYS = [5, 10, 20, 40, 60] as const;
export const LOOKS = DELAYS.length;
const TASKS_PER_LOOK = 100;
/** Above that a look reads instead: with 12,000, some 50 bytes each, no queue would take it. */
const OPERATIONS_PER_LOOK = 300;
/** Identities in one look, some 200 bytes each: ten looks go out together, in 256 KB. */
const UNSEEN_PER_LOOK = 100;
/** A task with more is the reconciler's, should ECS never know it. */
const UNSEEN_PER_TASK = 20;

/**
 * Queues the next look for what is not at rest; what has had its five is the reconciler's.
 * Returns the works whose look could not be queued: their messages must come again.
 */
export const lookAgain = async (
  open: readonly Open[],
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<readonly Work[]> => {
  const due = open.filter((one) => nextLook(one) < DELAYS.length);
  for (const { work, registry } of open.filter((one) => !due.includes(one))) {
    deps.telemetry.note(
      'left to the reconciler after five looks',
      { path: 'look', task: work.arn },
      { registry },
    );
  }
  if (due.length === 0) return [];
  const isPutOff = ({ registry }: DelayedLook) =>
    deps.registries.some((one) => one.name === registry && (one.isSilent?.() || one.isRecovering?.()));
  try {
    const looks = toLooks(due, deps.registries.length);
    await deps.looks.send(
      looks.map((look) => (isPutOff(look) ? together(look, deps.now()) : look)),
      signal,
    );
    return [];
  } catch (error) {
    deps.telemetry.fault('looks cannot be queued', error, { path: 'event' });
    return due.map(({ work }) => work);
  }
};

/** Whether this was the last look at some registry. */
export const isLastLook = ({ targets }: Work) =>
  [...targets.values()].some(({ look }) => look + 1 >= DELAYS.length);

/** Seconds: looks at a registry that does not answer come due at these moments, all of them together. */
const BEAT = 10;

/**
 * Put off to the next beat. A hundred that come one by one once the registry answers again would cost a DescribeTasks
 * each, and ECS would throttle those that the other registries need; together they cost one.
 */
const together = (look: DelayedLook, now: number): DelayedLook => {
  const due = Math.ceil((now / 1_000 + look.delaySeconds) / BEAT) * BEAT;
  return { ...look, delaySeconds: Math.ceil(due - now / 1_000) };
};

const nextLook = ({ work, registry }: Open) => (work.targets.get(registry)?.look ?? -1) + 1;

/** Tasks that wait for every registry alike share one message; else one a registry, at most 100 tasks each. */
export const toLooks = (open: readonly Open[], registries: number): DelayedLook[] => {
  const groups = Map.groupBy(splitByReach(open, registries), ({ work, look, registry, operations }) =>
    JSON.stringify([work.cluster, look, registry, operations.length > 0]),
  );
  return [...groups.values()].flatMap((group) =>
    parts(group).flatMap((part) => {
      const [first] = part;
      if (!first) return [];
      const unseen = part.flatMap(({ work, unseen }) =>
        unseen.map(({ id, service, protocol }) => ({ task: work.arn, id, service, protocol })),
      );
      return {
        cluster: first.work.cluster,
        tasks: part.map(({ work }) => work.arn),
        look: first.look,
        // Tasks that share a look wait for each other's operations, so each of them may name all.
        operations: fewOf(new Set(part.flatMap(({ operations }) => operations))),
        delaySeconds: DELAYS[first.look] ?? 60,
        ...(first.registry && { registry: first.registry }),
        ...(unseen.length > 0 && { unseen }),
      };
    }),
  );
};

const fewOf = (operations: ReadonlySet<string>) =>
  operations.size > OPERATIONS_PER_LOOK ? [] : [...operations];

/** As many tasks as one look takes, and as many identities. */
const parts = (group: readonly Due[]): Due[][] => {
  const all: Due[][] = [];
  let identities = 0;
  for (const due of group) {
    const part = all.at(-1);
    identities += due.unseen.length;
    if (part && part.length < TASKS_PER_LOOK && identities <= UNSEEN_PER_LOOK) part.push(due);
    else {
      all.push([due]);
      identities = due.unseen.length;
    }
  }
  return all;
};

interface Due {
  readonly work: Work;
  readonly look: number;
  readonly registry?: RegistryName;
  readonly operations: readonly string[];
  readonly unseen: readonly Identity[];
}

const splitByReach = (open: readonly Open[], registries: number): Due[] =>
  [...Map.groupBy(open, ({ work }) => work.arn).values()].flatMap((ones): Due[] => {
    const [first] = ones;
    const look = first ? nextLook(first) : 0;
    const alike = ones.every((one) => nextLook(one) === look && one.operations.length === 0);
    if (first && alike && registries > 1 && ones.length === registries) {
      return [{ work: first.work, look, operations: [], unseen: unseenOf(first.work) }];
    }
    return ones.map((one) => ({
      work: one.work,
      look: nextLook(one),
      registry: one.registry,
      operations: one.operations,
      unseen: unseenOf(one.work),
    }));
  });

const unseenOf = ({ unseen = [] }: Work) => (unseen.length > UNSEEN_PER_TASK ? [] : unseen);
