import type { World } from '../../../local/aws/world.ts';
import type { Stage } from './stage.ts';

/** In `mixed` single containers of living tasks stop, wait and start. */
export const SERVICES = ['web', 'api', 'checked', 'mixed'] as const;
export type ServiceName = (typeof SERVICES)[number];

const SECOND = 1_000;

/**
 * Two clusters, two hosts, and services: of one port, of two ports on hosts, with a health check,
 * and of containers that come and go one by one. Those with two ports and with a health check have
 * probes in Consul, for which its other node is.
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
        dockerLabels: { SERVICE_9090_CHECK_HTTP: 'http://{ip}:{port:8080}/health' },
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
        dockerLabels: { SERVICE_CHECK_TCP: 'true' },
      },
    ],
  });
  world.registerTaskDefinition({
    family: 'mixed',
    networkMode: 'bridge',
    containerDefinitions: [
      { name: 'mixed', image, portMappings: [{ containerPort: 8080 }] },
      { name: 'admin', image, essential: false, portMappings: [{ containerPort: 9000 }] },
      { name: 'migrate', image, essential: false },
    ],
  });
};

/**
 * A task of a service that starts as tasks do: some seconds to RUNNING, some more until its check
 * has answered.
 */
export const startTask = (stage: Stage, service: ServiceName): string => {
  const { world, after, random } = stage;
  const waits = service === 'mixed' && random.chance(0.4);
  const { taskArn } = world.runTask({
    cluster: service === 'checked' ? 'depot' : 'shop',
    taskDefinition: service,
    service,
    launchType: service === 'api' || service === 'mixed' ? 'EC2' : 'FARGATE',
    ...(waits && { waiting: ['mixed'] }),
    until: 'PENDING',
  });
  const running = random.between(1, 4) * SECOND;
  after(running, () => {
    for (let step = 0; step < 2; step++)
      if (world.task(taskArn)?.desiredStatus === 'RUNNING') world.advance(taskArn);
  });
  if (service === 'mixed')
    after(running + random.between(1, 8) * SECOND, () => prepare(stage, taskArn));
  if (service !== 'checked') return taskArn;
  after(running + random.between(3, 15) * SECOND, () => {
    if (world.task(taskArn)?.desiredStatus === 'RUNNING') world.setHealth(taskArn, 'HEALTHY');
  });
  return taskArn;
};

/** What prepares the others is done, and what has waited for that starts. */
const prepare = ({ world }: Stage, taskArn: string): void => {
  const stateOf = (name: string) =>
    world.task(taskArn)?.containers.find((container) => container.name === name)?.lastStatus;
  if (world.task(taskArn)?.desiredStatus !== 'RUNNING') return;
  if (stateOf('migrate') === 'RUNNING') world.stopContainer(taskArn, 'migrate');
  if (stateOf('mixed') === 'PENDING') world.startContainer(taskArn, 'mixed');
};

/** One container exits: one that its task can do without, or one that takes it along. */
export const stopContainer = (
  stage: Stage,
  taskArn: string,
  { name, bindings }: { readonly name: string; readonly bindings: 'kept' | 'dropped' },
): void => {
  const how = { exitCode: 1, bindings, until: 'RUNNING' } as const;
  const { desiredStatus } = stage.world.stopContainer(taskArn, name, how);
  if (desiredStatus === 'STOPPED') walkToEnd(stage, taskArn);
};

/** Its end as ECS tells it: shall stop, stops for some seconds, has stopped. */
export const stopTask = (stage: Stage, taskArn: string): void => {
  const { world } = stage;
  if (world.task(taskArn)?.desiredStatus !== 'RUNNING') return;
  world.stopTask(taskArn, { until: 'RUNNING' });
  walkToEnd(stage, taskArn);
};

const walkToEnd = ({ world, after, random }: Stage, taskArn: string): void => {
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
