import type { DescribedHost, DescribedInterface } from './described.ts';
import { isObject, list, type Members } from './recording.ts';

/** Of a task definition alone a task is made up: of which service, and when it is. */
export interface MadeUpOf {
  readonly service: string | undefined;
  /** Which kind of address the deployment registers: the task has one. */
  readonly address: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Blocks for documentation (RFC 5737, RFC 3849), so that nobody takes them for real. */
const OWN_ADDRESS = '192.0.2.10';
const PUBLIC_ADDRESS = '198.51.100.10';
const IPV6_ADDRESS = '2001:db8::10';
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

/** What AWS would describe. */
interface MadeUp {
  readonly task: Members;
  readonly hosts: readonly DescribedHost[];
  readonly networkInterfaces: readonly DescribedInterface[];
  readonly told: readonly string[];
}

/**
 * A task that runs, as one of this definition would: what nobody knows yet is assumed, and said.
 */
export const madeUpTask = (
  definition: Members,
  { service, address = 'private', now }: MadeUpOf,
): MadeUp => {
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
    containers: containersOf(definition, mode).map((one) => ({
      ...one,
      ...(mode === 'awsvpc' && address === 'ipv6' && { networkInterfaces: [OWN_IPV6] }),
    })),
  };
  const asked = ASKED[address];
  const where =
    mode === 'awsvpc'
      ? `at ${asked?.says ?? OWN_ADDRESS}`
      : `on a host${asked ? ` at ${asked.says}` : ''}, with ports of its choice`;
  const named = service === undefined ? '; name another by --service' : '';
  return {
    task,
    hosts: mode === 'awsvpc' || !asked ? [] : [asked.host],
    networkInterfaces: mode === 'awsvpc' && asked?.own ? [asked.own] : [],
    told: [`Assumed: a task of ${family} runs ${where}, for the ECS service ${group}${named}.`],
  };
};

/** How the kinds are described that no task has by itself. */
const ASKED: Readonly<
  Record<string, { readonly says: string; host: DescribedHost; own?: DescribedInterface }>
> = {
  public: {
    says: PUBLIC_ADDRESS,
    host: { PublicIpAddress: PUBLIC_ADDRESS },
    own: { Association: { PublicIp: PUBLIC_ADDRESS } },
  },
  ipv6: { says: IPV6_ADDRESS, host: { Ipv6Address: IPV6_ADDRESS } },
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

const OWN_IPV6 = { privateIpv4Address: OWN_ADDRESS, ipv6Address: IPV6_ADDRESS };

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
