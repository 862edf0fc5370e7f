import { isObject, list, type Members } from './recording.ts';

/** Of a task definition alone a task is made up: of which service, and when it is. */
export interface MadeUpOf {
  readonly service: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Blocks for documentation (RFC 5737), so that nobody takes them for real. */
const OWN_ADDRESS = '192.0.2.10';
const FIRST_DYNAMIC_PORT = 32_768;
const PLACE = 'arn:aws:ecs:eu-central-1:000000000000';
const ID = '0'.repeat(32);

/** The event of a task as ECS describes it, in its present state. */
export const toTaskEvent = (task: Members, now: number): Members => {
  const [, , , region, account] = String(task['taskArn']).split(':');
  return {
    version: '0',
    id: '00000000-0000-0000-0000-000000000000',
    'detail-type': 'ECS Task State Change',
    source: 'aws.ecs',
    account,
    region,
    time: new Date(now).toISOString(),
    resources: [task['taskArn']],
    detail: {
      version: 1,
      ...withTimes(task),
      // Events have another name for it than DescribeTasks.
      attachments: list(task['attachments']).map((each) =>
        each['type'] === 'ElasticNetworkInterface' ? { ...each, type: 'eni' } : each,
      ),
      containers: list(task['containers']).map(withTimes),
    },
  };
};

/** The AWS CLI may print times as seconds since the epoch. */
const withTimes = (shape: Members): Members =>
  Object.fromEntries(
    Object.entries(shape).map(([name, value]) => [
      name,
      name.endsWith('At') && typeof value === 'number'
        ? new Date(value * 1_000).toISOString()
        : value,
    ]),
  );

/**
 * A task that runs, as one of this definition would: what nobody knows yet is assumed, and said.
 */
export const madeUpTask = (
  definition: Members,
  { service, now }: MadeUpOf,
): { readonly task: Members; readonly told: readonly string[] } => {
  const arn = String(definition['taskDefinitionArn'] ?? '');
  const place = /^arn:[^:]+:ecs:[^:]+:[^:]+(?=:task-definition\/)/.exec(arn)?.[0] ?? PLACE;
  const family = String(definition['family'] ?? 'task');
  const mode = String(definition['networkMode'] ?? 'bridge');
  const group = service ?? family;
  const task = {
    taskArn: `${place}:task/preview/${ID}`,
    clusterArn: `${place}:cluster/preview`,
    taskDefinitionArn: arn || `${place}:task-definition/${family}:1`,
    group: `service:${group}`,
    startedBy: 'ecs-svc/0000000000000000000',
    lastStatus: 'RUNNING',
    desiredStatus: 'RUNNING',
    healthStatus: 'UNKNOWN',
    createdAt: new Date(now).toISOString(),
    startedAt: new Date(now).toISOString(),
    ...(mode === 'awsvpc'
      ? { launchType: 'FARGATE', attachments: [OWN_INTERFACE] }
      : { launchType: 'EC2', containerInstanceArn: `${place}:container-instance/preview/${ID}` }),
    containers: containersOf(definition, mode),
  };
  const where = mode === 'awsvpc' ? `at ${OWN_ADDRESS}` : 'on a host, with ports of its choice';
  const named = service === undefined ? '; name another by --service' : '';
  return {
    task,
    told: [`Assumed: a task of ${family} runs ${where}, for the ECS service ${group}${named}.`],
  };
};

const OWN_INTERFACE = {
  id: ID,
  type: 'ElasticNetworkInterface',
  status: 'ATTACHED',
  details: [
    { name: 'networkInterfaceId', value: `eni-${'0'.repeat(17)}` },
    { name: 'privateIPv4Address', value: OWN_ADDRESS },
  ],
};

const containersOf = (definition: Members, mode: string): readonly Members[] => {
  let dynamic = FIRST_DYNAMIC_PORT;
  return list(definition['containerDefinitions']).map((container) => ({
    name: container['name'],
    image: container['image'],
    lastStatus: 'RUNNING',
    ...(isObject(container['healthCheck']) && { healthStatus: 'HEALTHY' }),
    networkBindings:
      mode === 'awsvpc'
        ? []
        : list(container['portMappings']).map(({ containerPort, hostPort, protocol }) => ({
            bindIP: '0.0.0.0',
            containerPort,
            hostPort: hostPort || (mode === 'host' ? containerPort : dynamic++),
            protocol: protocol ?? 'tcp',
          })),
  }));
};
