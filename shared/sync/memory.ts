import { revives, stoppedIn } from '../derive/containers.ts';
import type { ClusterArn, TaskArn } from '../model/arn.ts';
import type { RegistryName } from '../model/registration.ts';
import type { Host, Task } from '../model/task.ts';
import { BoundedMap } from '../platform/bounded-map.ts';

/** Tasks remembered while warm: some 100 bytes each. */
const MAX_HANDLED = 10_000;
/**
 * Messages already logged: 5,000 definitions with ten each, a port's reasons and what each registry
 * had to change. Each round goes through all of them in turn, so one too few would log all of them
 * again. At some 300 bytes each, 15 MB.
 */
const MAX_LOGGED = 50_000;

/**
 * Whether news of a task is from before other news of it: it has a lower version, or a container
 * that has stopped, which is final, runs in it.
 */
export const isBefore = (news: Task, known: Pick<Task, 'version' | 'containers'>): boolean =>
  news.version < known.version || revives(news, known);

/** What the newest news of a task has said. */
interface Handled {
  readonly version: number;
  readonly stopped: boolean;
  /** Those that had stopped, of a task that runs. */
  readonly containers: Task['containers'];
}

/**
 * What this function instance has handled: the five events of one stop cost one write, and a
 * lagging answer of ECS's does not revive a stopped task. Nothing is wrong for longer than a round
 * when it is empty, and another instance does not share it.
 */
export class Memory {
  readonly #handled = new BoundedMap<TaskArn, Handled>(MAX_HANDLED);
  readonly #logged = new BoundedMap<string, true>(MAX_LOGGED);
  readonly #cutOff = new Map<RegistryName, number>();
  /** Clusters that the last round did not finish, all of them: its summary has no room for many. */
  unfinished: readonly string[] | undefined;
  /** Hosts of the last round, by instance id. */
  hosts: ReadonlyMap<string, Host> = new Map();
  #clusters: { readonly arns: readonly ClusterArn[]; readonly until: number } | undefined;

  /**
   * Whether the event brings nothing new. Stopping is sticky: nothing after it counts, whatever its
   * version, nor does what brings back a container that has stopped; a first stop always counts, as
   * does an event that says no version (0).
   */
  knows(task: Task): boolean {
    const last = this.#handled.get(task.arn);
    if (last === undefined || last.stopped) return last !== undefined;
    if (task.desiredStatus === 'STOPPED') return false;
    return revives(task, last) || (task.version > 0 && task.version <= last.version);
  }

  /** Whether an answer of ECS's comes from before what was handled here: it changes nothing. */
  isAheadOf(answer: Task): boolean {
    const last = this.#handled.get(answer.arn);
    if (last === undefined) return false;
    return isBefore(answer, last) || (last.stopped && answer.desiredStatus !== 'STOPPED');
  }

  remember(task: Task): void {
    const stopped = task.desiredStatus === 'STOPPED';
    const containers = stopped ? [] : stoppedIn(task);
    this.#handled.set(task.arn, { version: task.version, stopped, containers });
  }

  /**
   * Whether a sentence is said for the first time: the reconciler would repeat each reason every
   * minute.
   */
  isNews(sentence: string): boolean {
    if (this.#logged.get(sentence)) return false;
    this.#logged.set(sentence, true);
    return true;
  }

  /** The clusters listed last, until they are too old (milliseconds since the epoch). */
  clusters(now: number): readonly ClusterArn[] | undefined {
    return this.#clusters && now < this.#clusters.until ? this.#clusters.arns : undefined;
  }

  rememberClusters(arns: readonly ClusterArn[], until: number): void {
    this.#clusters = { arns, until };
  }

  /**
   * True if the registry has not been cut off since `since` (milliseconds since the epoch); then
   * others may wait for it longer.
   */
  mayHoldUp(registry: RegistryName, since: number): boolean {
    return (this.#cutOff.get(registry) ?? Number.NEGATIVE_INFINITY) < since;
  }

  /** The registry has been cut off just now. */
  heldUp(registry: RegistryName, now: number): void {
    this.#cutOff.set(registry, now);
  }

  /** The message will come again: what was handled must not be skipped then. */
  forget(taskArn: TaskArn): void {
    this.#handled.delete(taskArn);
  }
}
