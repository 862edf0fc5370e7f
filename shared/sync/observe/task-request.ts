import type { Derived } from '../../derive/derived.ts';
import { hasHealthCheck } from '../../derive/needs.ts';
import type { ClusterArn, TaskArn } from '../../model/arn.ts';
import type { Definition, Task } from '../../model/task.ts';
import { type Observation, type TaskState, taskState } from './task-state.ts';

/** What a task derives, and from what. */
export interface Derivation extends Derived {
  readonly task: Task;
  readonly definition: Definition;
}

interface Named {
  readonly arn: TaskArn;
  readonly cluster: ClusterArn;
}

/** A task that is to be observed, with what is known of it beforehand, by who asks. */
export type TaskRequest = Named &
  (
    | {
        readonly from: 'trigger';
        /** As the event has told of it. */
        readonly known?: Task | undefined;
        /** It ran before. */
        readonly hasRun: boolean;
        /** Whether something newer than an answer of ECS's was handled already. */
        readonly isOutdated: (answer: Task) => boolean;
        /**
         * `leaving`: EC2 says that its host goes down; `doubtful`: it may, so not knowing is not
         * up.
         */
        readonly host?: 'leaving' | 'doubtful' | undefined;
      }
    /** It is believed: ECS is not asked. */
    | { readonly from: 'event'; readonly task: Task }
    /** What was written of it counts for as long as nothing has changed that it goes by. */
    | { readonly from: 'write'; readonly written: Derivation }
    | {
        readonly from: 'round';
        /** ListTasks names it. */
        readonly isListed: boolean;
        /** Its start, as its records say it. Absent: it has none. */
        readonly recordedStart?: number | undefined;
      }
  );

/** A task, and what ECS says of it. */
export interface JudgedRequest {
  readonly request: TaskRequest;
  readonly observation: Observation;
  /** As long as nothing is known of its host. */
  readonly state: TaskState;
  readonly isAsWritten: boolean;
}

/** Without what only reading its dependencies tells. */
export const judgeRequest = (
  request: TaskRequest,
  byTask: ReadonlyMap<TaskArn, Task | 'missing'>,
  now: number,
): JudgedRequest => {
  const answer = request.from === 'event' ? request.task : (byTask.get(request.arn) ?? 'unread');
  const observation = observationOf(request, answer);
  const isAsWritten =
    request.from === 'write' && typeof answer === 'object' && derivesAlike(request.written, answer);
  return { request, observation, state: taskState(observation, now), isAsWritten };
};

const observationOf = (request: TaskRequest, answer: Observation['answer']): Observation => {
  if (answer === 'unread') return { answer };
  if (request.from === 'event') return { answer: request.task };
  if (request.from === 'round') {
    const { isListed, recordedStart: startedAt } = request;
    return answer === 'missing' ? { answer, startedAt, isListed } : { answer };
  }
  const known = request.from === 'write' ? request.written.task : request.known;
  const hasRun = request.from === 'write' || request.hasRun;
  // One that never started counts from when it was made.
  if (answer === 'missing') return { answer, startedAt: known?.startedAt ?? known?.createdAt };
  // Of what never changes an older answer tells the truth, too.
  if (known && contradicts(answer, known)) return { answer, hasRun };
  const isOutdated = request.from === 'trigger' && request.isOutdated(answer);
  return { answer, known, hasRun, isOutdated };
};

/**
 * Whether ECS says otherwise of what never changes about a task. Of one that stops that counts for
 * nothing: an older answer would bring it back.
 */
export const contradicts = (answer: Task, known: Task): boolean =>
  answer !== known && known.desiredStatus !== 'STOPPED' && originOf(answer) !== originOf(known);

const originOf = ({ definitionArn, group, startedBy, overrides }: Task) =>
  JSON.stringify([definitionArn, group, startedBy, Object.entries(overrides).sort()]);

/** Whether a task still derives the same: deriving costs more than to compare what it goes by. */
const derivesAlike = ({ task, definition }: Derivation, now: Task): boolean =>
  // Events lack the health, which says nothing where nothing is checked.
  hasHealthCheck(definition)
    ? textOf(task) === textOf(now)
    : textOf(withoutHealth(task)) === textOf(withoutHealth(now));

const textOf = (task: Task) =>
  JSON.stringify({ ...task, version: 0, desiredStatus: '', lastStatus: '' });

const withoutHealth = ({ health: _, ...task }: Task): Task => ({
  ...task,
  containers: task.containers.map(({ health: _health, ...container }) => container),
});
