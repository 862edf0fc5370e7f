import type { Health } from '../model/registration.ts';
import type { ContainerDefinition, Definition, EcsHealth, Task } from '../model/task.ts';

/**
 * The container's own health where it has a check, else the task's where any container has one,
 * else healthy.
 */
export const healthOf = (
  container: ContainerDefinition,
  definition: Definition,
  task: Task,
): Health => {
  const told = (name: string) => task.containers.find((other) => other.name === name)?.health;
  if (container.hasHealthCheck) return toHealth(told(container.name));
  const checked = definition.containers.filter((other) => other.hasHealthCheck);
  if (checked.length === 0) return 'healthy';
  // ECS counts essential containers only: with checks elsewhere the task says UNKNOWN for ever, and
  // that is no illness.
  const answered = checked.every(({ name }) => toHealth(told(name)) !== 'starting');
  return task.health === 'UNKNOWN' && answered ? 'healthy' : toHealth(task.health);
};

const toHealth = (told: EcsHealth | undefined): Health =>
  told === 'HEALTHY' ? 'healthy' : told === 'UNHEALTHY' ? 'unhealthy' : 'starting';
