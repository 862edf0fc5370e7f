import { expect } from 'vitest';
import type { Task } from '../../../local/aws/world/shapes.ts';
import { stopContainer } from './account.ts';
import type { Script } from './history.ts';
import { eachMinute, MINUTE, runningTasks, steadyLife } from './scripts.ts';
import type { Stage } from './stage.ts';
import { isAlive } from './truth.ts';

/** A container's host port, as ECS tells it. */
const portOf = ({ world }: Stage, taskArn: string, name: string) =>
  world.task(taskArn)?.containers.find((one) => one.name === name)?.networkBindings[0]?.hostPort;

/**
 * A container that its task can do without exits, and Docker gives its port to the next task's, in
 * each minute again.
 */
const portHandedOn =
  (bindings: 'kept' | 'dropped', besides: (stage: Stage) => void) =>
  (stage: Stage): void => {
    besides(stage);
    eachMinute(stage, 4, 20, () => {
      const task = runningTasks(stage).find((one) => isAlive(one, 'admin'));
      const port = portOf(stage, task?.taskArn ?? '', 'admin');
      stopContainer(stage, task?.taskArn ?? '', { name: 'admin', bindings });
      const next = stage.world.runTask({
        cluster: 'shop',
        taskDefinition: 'mixed',
        service: 'mixed',
        launchType: 'EC2',
        machine: machineOf(stage, task),
      });
      expect(portOf(stage, next.taskArn, 'mixed')).toBe(port);
    });
  };

const machineOf = ({ world }: Stage, task: Task | undefined): string => {
  const { clusterArn = '', containerInstanceArn = '' } = task ?? {};
  return world.containerInstance(clusterArn, containerInstanceArn)?.ec2InstanceId ?? '';
};

const withoutEvents = (stage: Stage) => {
  stage.deliver(() => []);
  stage.watch.suspend('events');
};

/** Days as those of `days.test.ts`, by what happens. */
export const CONTAINER_DAYS: readonly (readonly [string, Script])[] = (
  [
    ['kept', 'that it had, kept', () => {}],
    ['dropped', 'dropped', () => {}],
    ['kept', 'that it had, kept, and no event arrives', withoutEvents],
    ['dropped', 'dropped, and no event arrives', withoutEvents],
  ] as const
).map(([bindings, how, besides]) => [
  `a container exits in a living task, the ports ${how}: its record goes, and the next task has its port`,
  {
    eventful: 6 * MINUTE,
    life: steadyLife('mixed', 3),
    misfortunes: portHandedOn(bindings, besides),
  },
]);
