import type { Health } from '../model/registration.ts';
import type { ContainerDefinition, Definition, EcsHealth, Task } from '../model/task.ts';
import { containerState } from './containers.ts';

/**
 * The health of each container's ports: the worse of the container's own and of the task's
 * essential containers, as far as they have checks. Without an essential container the task goes,
 * and its ports with it; one that is not essential speaks for itself alone, and one that has
 * stopped for nobody.
 */
export const healthIn = (
  { containers }: Definition,
  task: Task,
): ((container: ContainerDefinition) => Health) => {
  const told = new Map(task.containers.map(({ name, health }) => [name, toHealth(health)]));
  const ownOf = ({ name, hasHealthCheck }: ContainerDefinition): readonly Health[] =>
    hasHealthCheck ? [told.get(name) ?? 'starting'] : [];
  const essential = containers
    .filter(({ name, isEssential }) => isEssential && containerState(task, name) !== 'stopped')
    .flatMap(ownOf);
  return (container) => {
    const answers = [...essential, ...ownOf(container)];
    return WORST_FIRST.find((health) => answers.includes(health)) ?? 'healthy';
  };
};

const WORST_FIRST = ['unhealthy', 'starting'] as const;

const toHealth = (told: EcsHealth | undefined): Health =>
  told === 'HEALTHY' ? 'healthy' : told === 'UNHEALTHY' ? 'unhealthy' : 'starting';
