import { revives, stoppedIn } from '../derive/containers.ts';
import type { TaskArn } from '../model/arn.ts';
import type { RegistryName } from '../model/registration.ts';
import type { Host, Task } from '../model/task.ts';
import { BoundedMap } from '../platform/bounded-map.ts';

// What a function instance remembers while it is warm, in parts. Nothing is wrong for longer than a
// round where one is empty, and no other instance shares it.

/** Tasks remembered while warm: some 100 bytes each. */
const MAX_HANDLED = 10_000;
/**
 * Messages already logged: 5,000 definitions with ten each, a port's reasons and what each registry
 * had to change. Each round goes through all of them in turn, so one too few would log all of them
 * again. At some 300 bytes each, 15 MB.
 */
const MAX_LOGGED = 50_000;
/** Removals that count towards the delete limit. */
const MAX_COUNTED = 10_000;

/**
 * Whether news of a task is from before other news of it: it has a lower version, or a container
 * that has stopped, which is final, runs in it.
 */
export const isBefore = (news: Task, known: Pick<Task, 'version' | 'containers'>): boolean =>
  news.version < known.version || revives(news, known);

/**
 * Milliseconds for which an event's word stands against ECS's own. An answer may lag behind by
 * seconds; what it says after that is so, and the event was none of ECS's.
 */
const BELIEVED_FOR_MS = 10_000;

/** What the newest news of a task has said. */
interface Handled {
  /** When it was handled, in milliseconds since the epoch. */
  readonly at: number;
  readonly version: number;
  readonly stopped: boolean;
  /** Those that had stopped, of a task that runs. */
  readonly containers: Task['containers'];
  /** ECS has said something else: the event may have been none of ECS's. */
  readonly isDoubted?: true;
}

/**
 * Tasks of which an event was handled: the five events of one stop cost one write, and a lagging
 * answer of ECS's does not revive a stopped task.
 */
export class HandledTasks {
  readonly #handled = new BoundedMap<TaskArn, Handled>(MAX_HANDLED);

  /**
   * Whether the event brings nothing new. Stopping is sticky: nothing after it counts, whatever its
   * version, nor does what brings back a container that has stopped; a first stop always counts, as
   * does an event that says no version (0). What ECS has denied is believed for a while only.
   */
  has(task: Task, now: number): boolean {
    const last = this.#handled.get(task.arn);
    if (last === undefined || (last.isDoubted && now - last.at > BELIEVED_FOR_MS)) return false;
    if (last.stopped) return true;
    if (task.desiredStatus === 'STOPPED') return false;
    return revives(task, last) || (task.version > 0 && task.version <= last.version);
  }

  /**
   * Whether an answer of ECS's comes from before what was handled here a moment ago: it changes
   * nothing.
   */
  isAheadOf(answer: Task, now: number): boolean {
    const last = this.#handled.get(answer.arn);
    if (last === undefined || now - last.at > BELIEVED_FOR_MS) return false;
    return isBefore(answer, last) || (last.stopped && answer.desiredStatus !== 'STOPPED');
  }

  /** Of a task that is on its way nothing: its event changes nothing, and asks nobody. */
  add(task: Task, now: number): void {
    const stopped = task.desiredStatus === 'STOPPED';
    if (!stopped && task.lastStatus !== 'RUNNING') return;
    const containers = stopped ? [] : stoppedIn(task);
    this.#handled.set(task.arn, { at: now, version: task.version, stopped, containers });
  }

  /**
   * ECS's answer counts from now on, where what was handled says something else for too long: a
   * version that is made up would make true events old news.
   */
  correct(answer: Task, now: number): void {
    const last = this.#handled.get(answer.arn);
    if (last && (last.stopped || isBefore(answer, last))) this.add(answer, now);
  }

  /** ECS has said something else when it was asked; that it was not heard is no reason. */
  doubt(arn: TaskArn): void {
    const last = this.#handled.get(arn);
    if (last) this.#handled.set(arn, { ...last, isDoubted: true });
  }

  /** What comes now counts: its message will come again, or its event was none of ECS's. */
  delete(arn: TaskArn): void {
    this.#handled.delete(arn);
  }
}

/** Tells whether a sentence is logged for the first time: rounds would repeat it every minute. */
export const createLogDeduper = (): ((sentence: string) => boolean) => {
  const logged = new BoundedMap<string, true>(MAX_LOGGED);
  return (sentence) => {
    if (logged.get(sentence)) return false;
    logged.set(sentence, true);
    return true;
  };
};

/** Registries that were cut off since the others were done, with the time of it. */
export type CutOffs = Map<RegistryName, number>;

/** What the last round of the same instance leaves to the next. */
export class LastRound {
  /** Clusters that it did not finish, all of them: its summary has no room for many. */
  unfinished: readonly string[] | undefined;
  /** By instance id. */
  hosts: ReadonlyMap<string, Host> = new Map();
  /** By record, when its removal was counted towards the delete limit, in ms since the epoch. */
  readonly countedRemovals = new BoundedMap<string, number>(MAX_COUNTED);
}
