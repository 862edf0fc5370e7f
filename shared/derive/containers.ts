import type { Task } from '../model/task.ts';

/**
 * What a container of a running task is to clients. serving: its ports are registered.
 * stopped: they are not, and their records go as a stopped task's do. starting: not yet; what is
 * registered stays.
 */
export type ContainerState = 'serving' | 'starting' | 'stopped';

/**
 * Containers live and die apart from their task: one that is not essential may stop and leave the
 * task running. STOPPED is final, since ECS's agent stops whatever comes back. A container of which
 * no status is told is as the task is.
 */
export const containerState = ({ containers }: Containers, name: string): ContainerState => {
  const status = containers.find((one) => one.name === name)?.lastStatus;
  if (status === undefined || status === 'RUNNING') return 'serving';
  return status === 'STOPPED' ? 'stopped' : 'starting';
};

type Containers = Pick<Task, 'containers'>;

/** Containers that have stopped. */
export const stoppedIn = (task: Containers): Task['containers'] =>
  task.containers.filter(({ name }) => containerState(task, name) === 'stopped');

/**
 * Whether a container serves by this news of its task that was known to have stopped: the news is
 * old then. A task that stops brings nothing back.
 */
export const revives = (news: Task, known: Containers): boolean =>
  news.desiredStatus !== 'STOPPED' &&
  stoppedIn(known).some(({ name }) => containerState(news, name) !== 'stopped');
