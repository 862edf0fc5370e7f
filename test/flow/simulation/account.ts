import type { World } from '../../../local/aws/world.ts';
import type { Stage } from './stage.ts';

export const SERVICES = ['web', 'api', 'checked'] as const;
export type ServiceName = (typeof SERVICES)[number];

const SECOND = 1_000;

/**
 * Two clusters, two hosts, and three services: of one port, of two ports on hosts, and with a
 * health check.
 */
export const furnish = (world: World): void => {
  world.addCluster('shop');
  world.addCluster('depot');
  world.addMachine({ cluster: 'shop', privateIpAddress: '10.1.0.10' });
  world.addMachine({
    cluster: 'shop',
    privateIpAddress: '10.1.0.11',
    availabilityZone: 'eu-central-1b',
  });
  const image = 'example/app:1';
  world.registerTaskDefinition({
    family: 'web',
    networkMode: 'awsvpc',
    containerDefinitions: [{ name: 'web', image, portMappings: [{ containerPort: 8080 }] }],
  });
  world.registerTaskDefinition({
    family: 'api',
    networkMode: 'bridge',
    containerDefinitions: [
      {
        name: 'api',
        image,
        portMappings: [{ containerPort: 8080 }, { containerPort: 9090, name: 'admin' }],
      },
    ],
  });
  world.registerTaskDefinition({
    family: 'checked',
    networkMode: 'awsvpc',
    containerDefinitions: [
      {
        name: 'checked',
        image,
        portMappings: [{ containerPort: 8080 }],
        healthCheck: { command: ['CMD', 'true'] },
      },
    ],
  });
};

/**
 * A task of a service that starts as tasks do: some seconds to RUNNING, some more until its check
 * has answered.
 */
export const startTask = ({ world, after, random }: Stage, service: ServiceName): string => {
  const { taskArn } = world.runTask({
    cluster: service === 'checked' ? 'depot' : 'shop',
    taskDefinition: service,
    service,
    launchType: service === 'api' ? 'EC2' : 'FARGATE',
    until: 'PENDING',
  });
  const running = random.between(1, 4) * SECOND;
  after(running, () => {
    for (let step = 0; step < 2; step++)
      if (world.task(taskArn)?.desiredStatus === 'RUNNING') world.advance(taskArn);
  });
  if (service !== 'checked') return taskArn;
  after(running + random.between(3, 15) * SECOND, () => {
    if (world.task(taskArn)?.desiredStatus === 'RUNNING') world.setHealth(taskArn, 'HEALTHY');
  });
  return taskArn;
};

/** Its end as ECS tells it: shall stop, stops for some seconds, has stopped. */
export const stopTask = ({ world, after, random }: Stage, taskArn: string): void => {
  if (world.task(taskArn)?.desiredStatus !== 'RUNNING') return;
  world.stopTask(taskArn, { until: 'RUNNING' });
  for (let step = 1; step <= 4; step++)
    after(step * random.between(500, 3_000), () => {
      if (world.task(taskArn)) world.advance(taskArn);
    });
};

/**
 * EC2 says that the host goes; ECS places nothing there any more, and takes its tasks down a minute
 * later.
 */
export const loseHost = ({ world, after }: Stage, instanceId: string): void => {
  for (const { clusterArn } of world.clusters())
    for (const { containerInstanceArn, ec2InstanceId } of world.containerInstances(clusterArn))
      if (ec2InstanceId === instanceId)
        world.changeContainerInstance(containerInstanceArn, { status: 'DRAINING' });
  world.setMachineState(instanceId, 'shutting-down');
  after(60 * SECOND, () => world.loseMachine(instanceId));
};
