import type { Derived } from '../../derive/derived.ts';
import type { Reason } from '../../derive/ports.ts';
import type { Registration } from '../../model/registration.ts';
import type { Task } from '../../model/task.ts';
import type { Registry } from '../../registries/registry.ts';
import { isBefore } from '../memory.ts';

/** What is known of one task at the moment when its state is decided: the input of `taskState`. */
export type Observation =
  /** ECS was not asked, or could not answer. */
  | { readonly answer: 'unread' }
  /** It knows no such task. */
  | {
      readonly answer: 'missing';
      /** Milliseconds since the epoch; absent: not known, so it may be young. */
      readonly startedAt?: number | undefined;
      /** ListTasks names it. */
      readonly isListed?: boolean | undefined;
    }
  /** What it says of the task, in an event that is believed or from DescribeTasks. */
  | {
      readonly answer: Task;
      /** The task as it was known before ECS was asked: by its event, or when it was written. */
      readonly known?: Task | undefined;
      /** Something newer than the answer was handled already. */
      readonly isOutdated?: boolean | undefined;
      /** It ran before: an answer in which it does not run yet is an old one. */
      readonly hasRun?: boolean | undefined;
      /**
       * `leaving`: an EC2 event announces its shutdown; `down`: EC2 reports it down; `unsure`: it
       * may be either.
       */
      readonly host?: 'up' | 'leaving' | 'down' | 'unsure';
    };

/**
 * What one task's records are to be.
 * running: as derived. starting: none yet. stopping: none, at once.
 * expired: none, as far as the delete limit allows, since ECS has forgotten the task and may be
 * wrong about many at once.
 * unknown: whatever they are; nothing is concluded from what ECS did not say.
 */
export type TaskState =
  | { readonly state: 'running' | 'expired'; readonly reason: string }
  /** `obstacle`: why nothing of it is registered, as the log says it of the task itself. */
  | {
      readonly state: 'starting' | 'stopping';
      readonly reason: string;
      readonly obstacle: Reason;
    }
  | { readonly state: 'unknown'; readonly reason: string; readonly because: UnknownBecause };

/**
 * Why a task's state is unknown. unread: ECS did not answer. missing: it does not know the task.
 * outdated: what it says is from before what is known. underivable: what the task is derived from
 * besides itself, its host among it, cannot be read.
 */
type UnknownBecause = 'unread' | 'missing' | 'outdated' | 'underivable';

/**
 * The one table that every path asks: events, confirmations, rounds, and the operator's commands.
 * Of a running task's containers `containerState` says which serve. Pure.
 */
export const taskState = (seen: Observation, now: number): TaskState => {
  if (seen.answer === 'unread') return unknown('unread', 'ECS could not be asked');
  if (seen.answer === 'missing') {
    if (seen.isListed) return unknown('missing', 'ECS lists it, but does not describe it');
    if (isLongGone(seen.startedAt, now)) return { state: 'expired', reason: EXPIRED };
    return unknown('missing', 'ECS does not know it, or not yet');
  }
  const { answer, known, host } = seen;
  if (seen.isOutdated || (known && isBefore(answer, known)))
    return unknown('outdated', 'the answer is outdated');
  if (answer.desiredStatus === 'STOPPED')
    return { state: 'stopping', reason: 'task is stopping', obstacle: notRunning(answer) };
  if (host === 'leaving') return onDownHost('its host is going down');
  if (host === 'down') return onDownHost('its EC2 instance is shutting down or gone');
  if (host === 'unsure') return unknown('underivable', 'its host cannot be read now');
  if (isRunning(answer)) return { state: 'running', reason: 'task is running' };
  // What has run never starts again.
  if (seen.hasRun) return unknown('outdated', 'the answer is from before it ran');
  const reason = `task is ${answer.lastStatus}: it is registered once it is RUNNING`;
  return { state: 'starting', reason, obstacle: notRunning(answer) };
};

const notRunning = ({ desiredStatus, lastStatus }: Task): Reason => [
  'not-running',
  `desiredStatus ${desiredStatus}, lastStatus ${lastStatus}`,
];

const onDownHost = (reason: string): TaskState => ({
  state: 'stopping',
  reason,
  obstacle: ['host-down', reason],
});

/** Why a record goes though its task runs on. */
export const CONTAINER_STOPPED = 'its container has stopped';

/** Whether a task has this record by what it derives, at this registry. */
export const hasRecord = (
  { identities }: Pick<Derived, 'identities'>,
  record: Registration,
  { key, refs }: Pick<Registry, 'key' | 'refs'>,
): boolean => {
  const own = key(record);
  return identities.some((identity) => refs(identity).some((ref) => key(ref) === own));
};

/** Whether ECS does not know the task, or not yet. */
export const isMissing = (state: TaskState | undefined): boolean =>
  state?.state === 'expired' || (state?.state === 'unknown' && state.because === 'missing');

/** Whether ECS was asked about the task in vain. */
export const isUnread = (state: TaskState | undefined): boolean =>
  state?.state === 'unknown' && state.because === 'unread';

/** Registered is what runs, and is to go on running. */
const isRunning = ({ desiredStatus, lastStatus }: Task): boolean =>
  desiredStatus === 'RUNNING' && lastStatus === 'RUNNING';

/** Tolerated clock skew. */
const CLOCKS_DIFFER_BY_MS = 300_000;

/**
 * The start of a task by what its record says. Ours always say one, and never one to come: a
 * record that does not counts as old as can be, since it would else be young for ever.
 */
export const recordedStart = (started: string | undefined, now: number): number => {
  const at = Date.parse(started ?? '');
  return Number.isNaN(at) || at > now + CLOCKS_DIFFER_BY_MS ? Number.NEGATIVE_INFINITY : at;
};

const EXPIRED = 'ECS does not know the task any more';

/**
 * ECS describes a stopped task for at least an hour: missing for less than that is a lagging read.
 */
const DESCRIBED_FOR_MS = 3_600_000;

/** Whether ECS may have forgotten a task by now. A start to come is one of this moment. */
export const isLongGone = (startedAt: number | undefined, now: number) =>
  startedAt !== undefined && now - startedAt > DESCRIBED_FOR_MS;

const unknown = (because: UnknownBecause, reason: string): TaskState => ({
  state: 'unknown',
  reason,
  because,
});
