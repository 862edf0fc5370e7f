import type { Place } from './network.ts';
import type { Container, Task } from './shapes.ts';

export interface StopContainer {
  readonly exitCode?: number;
  /** What the agent says of it; usually nothing. */
  readonly reason?: string;
  /**
   * Whether ECS goes on telling the host ports that it had. AWS does not say which; Docker gives
   * the ports back either way.
   */
  readonly bindings?: 'kept' | 'dropped';
}

/** The containers of a task, one of which has stopped. It never runs again. */
export const withStopped = (
  task: Task,
  name: string,
  { exitCode = 0, reason, bindings = 'kept' }: StopContainer,
): readonly Container[] =>
  withOne(task, name, (container) => {
    if (container.lastStatus === 'STOPPED')
      throw new Error(`container ${name} has stopped already`);
    return {
      lastStatus: 'STOPPED',
      exitCode,
      ...(reason && { reason }),
      ...(bindings === 'dropped' && { networkBindings: [] }),
    };
  });

/** The containers of a task, one of which has waited and runs now. */
export const withStarted = (task: Task, name: string, place: Place): readonly Container[] =>
  withOne(task, name, ({ lastStatus }) => {
    if (lastStatus !== 'PENDING') throw new Error(`container ${name} is ${lastStatus}`);
    return { lastStatus: 'RUNNING', networkBindings: place.bindings[name] ?? [] };
  });

const withOne = (
  { containers, taskArn }: Task,
  name: string,
  change: (container: Container) => Partial<Container>,
): readonly Container[] => {
  if (!containers.some((container) => container.name === name))
    throw new Error(`no container ${name} in ${taskArn}`);
  return containers.map((container) =>
    container.name === name ? { ...container, ...change(container) } : container,
  );
};
