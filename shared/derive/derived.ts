import type { Skip } from '../model/plan.ts';
import type { Identity, Instance } from '../model/registration.ts';
import type { Definition, Host, Task } from '../model/task.ts';
import type { NameClaims } from './claim.ts';
import type { Reason } from './ports.ts';

export interface DeriveInput {
  readonly task: Task;
  readonly definition: Definition;
  /** Needed for bridge and host mode; absent: not read, or unknown to ECS or EC2. */
  readonly host?: Host;
  /**
   * What keeps the whole task out, if anything does: it does not run, or its host is down. Absent:
   * it runs.
   */
  readonly obstacle?: Reason;
  /** Who else claims the names that `namesToAsk` gave. Absent: nothing is known of that. */
  readonly claims?: NameClaims;
  /** Public IPv4 of the task's own interface, where public addresses are asked for. */
  readonly publicIpv4?: string;
}

export interface Derived {
  /**
   * The records that this task has while it runs, from task and definition alone (no address, no
   * binding), so that a stopped task can be taken out without a look at any registry. Sorted by
   * service and id, what is only guessed last.
   */
  readonly identities: readonly Identity[];
  /** Those of them whose container has stopped: their records go, as a stopped task's do. */
  readonly stopped: readonly Identity[];
  /**
   * Ids of all records that these containers may have, whatever names and ports other rules or an
   * older version gave them.
   */
  readonly stoppedIds: ReadonlySet<string>;
  /**
   * What is to be registered now. Empty unless the task is running. Each has its identity in
   * `identities`. Sorted alike.
   */
  readonly instances: readonly Instance[];
  /**
   * The keys of the names that it asks for and that others have a better right to: whose they are,
   * as `ownerText` has them. Nobody's: others may have one, and it is not known.
   */
  readonly lost: ReadonlyMap<string, readonly string[]>;
  /** What is left out, and why. */
  readonly skips: readonly Skip[];
  /**
   * What was changed on the way (a name that was mapped or cut, a label that tried to set a
   * reserved key), in words.
   */
  readonly notes: readonly string[];
}
