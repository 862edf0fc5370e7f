import type { ServiceRow } from '../../../local/consul/tables.ts';
import type { Fate, Passing } from '../../support/memory-network.ts';
import { type ServiceName, startTask, stopTask } from './account.ts';
import { calls, type FunctionName } from './installation.ts';
import type { Stage } from './stage.ts';
import type { Party } from './troubles.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

export const isIn = (name: FunctionName) => calls.getStore()?.name === name;

/** Some requests of one function take so long on the way there. */
export const slow = (
  stage: Stage,
  {
    name,
    party,
    when,
    there,
  }: { name: FunctionName; party: Party; when: (request: Passing) => boolean; there: number },
) =>
  stage.troubles.begin({
    strike: (request, to): Fate | undefined =>
      to === party && isIn(name) && when(request) ? { kind: 'serve', there, back: 5 } : undefined,
  });

export const registersInConsul = ({ body }: Passing) => body.includes('"Verb":"set"');

/**
 * It shall stop, and one event says so: each of those that follow would mend what the first was too
 * early for.
 */
export const stopOnce = ({ world }: Stage, taskArn: string) => {
  if (world.task(taskArn)?.desiredStatus === 'RUNNING')
    world.stopTask(taskArn, { until: 'RUNNING' });
};

/** Tasks of which each stops as soon as it runs, some seconds apart. */
export const hastyLife =
  (minutes: number) =>
  (stage: Stage): void => {
    for (let at = 10 * SECOND; at < minutes * MINUTE; at += 4 * SECOND)
      stage.after(at, () => {
        const arn = startTask(stage, 'web');
        const check = () => {
          const task = stage.world.task(arn);
          if (task?.lastStatus !== 'RUNNING') stage.after(100, check);
          else stage.after(stage.random.between(100, 1_500), () => stopOnce(stage, arn));
        };
        check();
      });
  };

/** So many tasks of a service, which run on from the start. */
export const steadyLife =
  (service: ServiceName, count: number) =>
  (stage: Stage): void => {
    for (let at = 0; at < count; at++) stage.after(at * 300, () => startTask(stage, service));
  };

/** So many tasks of the service `web`, whose two ports are called after another. */
export const sayingLife =
  (name: ServiceName, count: number) =>
  ({ world, after }: Stage): void => {
    world.registerTaskDefinition({
      family: 'saying',
      networkMode: 'awsvpc',
      containerDefinitions: [
        {
          name: 'web',
          image: 'example/app:1',
          portMappings: [{ containerPort: 8080 }, { containerPort: 9090, name: 'admin' }],
        },
      ],
      tags: [{ key: 'rollcall:name', value: name }],
    });
    const task = { cluster: 'shop', taskDefinition: 'saying', service: 'web' } as const;
    for (let at = 0; at < count; at++)
      after(at * 300, () => world.runTask({ ...task, launchType: 'FARGATE' }));
  };

export const runningTasks = ({ world }: Stage) =>
  world
    .tasks()
    .filter(
      ({ desiredStatus, lastStatus }) => desiredStatus === 'RUNNING' && lastStatus === 'RUNNING',
    );

/** Once in each of these minutes, so many seconds after it began. Rounds begin at 7. */
export const eachMinute = (stage: Stage, minutes: number, second: number, act: () => unknown) => {
  for (let minute = 1; minute <= minutes; minute++)
    stage.after(minute * MINUTE + second * SECOND, act);
};

export const stopOne = (stage: Stage) => {
  const [task] = runningTasks(stage);
  if (task) stopTask(stage, task.taskArn);
};

/** What Consul holds of ours is as somebody else would have it. */
export const tamper = (
  { servers, watch }: Stage,
  service: (row: ServiceRow) => readonly ServiceRow[],
) => {
  const tables = servers.consul?.tables();
  if (!tables) return;
  const services = [...tables.services].flatMap(([key, row]) =>
    row.node === 'consul'
      ? [[key, row] as const]
      : service(row).map((next) => [key, next] as const),
  );
  servers.consul?.restore({ ...tables, services: new Map(services) });
  watch.accept();
  watch.suspend('rounds', 'consul')();
};
