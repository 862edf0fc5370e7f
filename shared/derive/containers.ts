import type { Container, Task } from '../model/task.ts';

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
export const containerState = ({ containers }: Task, name: string): ContainerState => {
  const status = containers.find((one: Container) => one.name === name)?.lastStatus;
  if (status === undefined || status === 'RUNNING') return 'serving';
  return status === 'STOPPED' ? 'stopped' : 'starting';
};
