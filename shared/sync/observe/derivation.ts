import type { Derived } from '../../derive/derived.ts';
import type { Registration } from '../../model/registration.ts';
import type { Definition, Task } from '../../model/task.ts';

/** What a task derives, and from what. */
export interface Derivation extends Derived {
  readonly task: Task;
  readonly definition: Definition;
}

/** Why a record goes though its task runs on. */
export const CONTAINER_STOPPED = 'its container has stopped';

/** Whether a record, under whichever name, is of a container that has stopped. */
export const isOfStopped = (
  { id }: Pick<Registration, 'id'>,
  { stoppedIds }: Pick<Derivation, 'stoppedIds'>,
): boolean => stoppedIds.has(id);
