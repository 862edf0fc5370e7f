import { createHash, randomUUID } from 'node:crypto';
import { MOTO_ACCOUNT, type Moto, type PushedTask } from '../../../scripts/real/moto.ts';
import { type Account, CLUSTER, type DefinitionInput, type Host } from './account.ts';

/**
 * One family of each network mode, and one with a health check; each is an ECS service of the same
 * name.
 */
export const DEFINITIONS = [
  { family: 'web', networkMode: 'awsvpc', port: { containerPort: 8080, hostPort: 8080 } },
  {
    family: 'checked',
    networkMode: 'awsvpc',
    port: { containerPort: 8080, hostPort: 8080 },
    hasHealthCheck: true,
  },
  { family: 'api', networkMode: 'bridge', port: { containerPort: 8080, hostPort: 0 } },
  { family: 'metrics', networkMode: 'host', port: { containerPort: 9100, hostPort: 9100 } },
] as const satisfies readonly DefinitionInput[];

export type Family = (typeof DEFINITIONS)[number]['family'];

const REGION = 'eu-central-1';
export const arnOf = (resource: string) => `arn:aws:ecs:${REGION}:${MOTO_ACCOUNT}:${resource}`;
export const CLUSTER_ARN = arnOf(`cluster/${CLUSTER}`);

/** A task in the shape of DescribeTasks, and where it answers. */
export interface Member {
  readonly family: Family;
  /** The name that it is to be registered under. */
  readonly service: string;
  readonly task: PushedTask & { readonly version: number };
  /** address:port. */
  readonly endpoint: string;
  readonly host?: Host;
  /** Its health check has not answered yet. */
  readonly starting?: true;
}

/** So long ago that a task which ECS does not describe any more is known to have stopped. */
const TWO_HOURS = 7_200;

const common = (family: Family, at: number, { definitions }: Account) => {
  const id = createHash('sha256').update(`${family} ${at}`).digest('hex').slice(0, 32);
  const started = Math.floor(Date.now() / 1000) - TWO_HOURS;
  return {
    taskArn: arnOf(`task/${CLUSTER}/${id}`),
    clusterArn: CLUSTER_ARN,
    taskDefinitionArn: definitions.get(family) ?? '',
    group: `service:${family}`,
    startedBy: 'ecs-svc/1234567890123456789',
    desiredStatus: 'RUNNING',
    lastStatus: 'RUNNING',
    healthStatus: 'UNKNOWN',
    overrides: { containerOverrides: [{ name: 'app' }] },
    createdAt: started - 10,
    startedAt: started,
    version: 4,
  };
};

/** On Fargate: an address of its own. */
export const onFargate = (family: Family, at: number, account: Account): Member => {
  const address = `10.${DEFINITIONS.findIndex((one) => one.family === family)}.${at >> 8}.${at & 255}`;
  const details = {
    subnetId: 'subnet-1',
    networkInterfaceId: `eni-${at}`,
    privateIPv4Address: address,
  };
  return {
    family,
    service: family,
    endpoint: `${address}:8080`,
    task: {
      ...common(family, at, account),
      launchType: 'FARGATE',
      availabilityZone: `${REGION}${'abc'[at % 3]}`,
      attachments: [
        {
          id: 'a1',
          type: 'ElasticNetworkInterface',
          status: 'ATTACHED',
          details: Object.entries(details).map(([name, value]) => ({ name, value })),
        },
      ],
      containers: [
        {
          name: 'app',
          lastStatus: 'RUNNING',
          healthStatus: 'UNKNOWN',
          networkBindings: [],
          networkInterfaces: [{ attachmentId: 'a1', privateIpv4Address: address }],
        },
      ],
    },
  };
};

/** On a machine, at a port that Docker chose; reported for IPv4 and IPv6 both, as agents do. */
export const onBridge = (at: number, host: Host, account: Account): Member => {
  const hostPort = 32_768 + at;
  const binding = { containerPort: 8080, hostPort, protocol: 'tcp' };
  const networkBindings = ['0.0.0.0', '::'].map((bindIP) => ({ bindIP, ...binding }));
  return onMachine('api', at, { host, account, networkBindings, port: hostPort });
};

/** On a machine and at its own ports, of which the agent reports nothing. */
export const onHost = (at: number, host: Host, account: Account): Member =>
  onMachine('metrics', at, { host, account, networkBindings: [], port: 9100 });

interface OnMachine {
  readonly host: Host;
  readonly account: Account;
  readonly networkBindings: readonly object[];
  readonly port: number;
}

const onMachine = (
  family: Family,
  at: number,
  { host, account, networkBindings, port }: OnMachine,
): Member => ({
  family,
  service: family,
  host,
  endpoint: `${host.address}:${port}`,
  task: {
    ...common(family, at, account),
    launchType: 'EC2',
    availabilityZone: host.zone,
    containerInstanceArn: host.containerInstanceArn,
    attachments: [],
    containers: [
      {
        name: 'app',
        lastStatus: 'RUNNING',
        healthStatus: 'UNKNOWN',
        networkBindings,
        networkInterfaces: [],
      },
    ],
  },
});

/** What ECS says of them from now on: each a version newer. */
export const changeTasks = async (
  moto: Moto,
  members: readonly Member[],
  changes: Readonly<Record<string, unknown>>,
): Promise<readonly Member[]> => {
  const changed = members.map((member) => ({
    ...member,
    task: { ...member.task, ...changes, version: member.task.version + 1 },
  }));
  await moto.pushTasks(changed.map(({ task }) => task));
  return changed;
};

/** The changes by which ECS tells that a task's health check has answered. */
export const healthOf = ({ task }: Member, healthStatus: 'HEALTHY' | 'UNHEALTHY') => ({
  healthStatus,
  containers: (task['containers'] as object[]).map((one) => ({ ...one, healthStatus })),
});

export const toEnvelope = (source: string, detailType: string, detail: object) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': detailType,
  source,
  account: MOTO_ACCOUNT,
  time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  region: REGION,
  resources: [],
  detail,
});

/** Events name the interface `eni`, write times as text, and leave health out. */
export const toTaskEvent = ({ task }: Member): object => {
  const { healthStatus: _, attachments, ...told } = task;
  const times = ['createdAt', 'startedAt'].map((name) => [
    name,
    new Date(Number(task[name]) * 1000).toISOString(),
  ]);
  const detail = {
    ...told,
    ...Object.fromEntries(times),
    attachments: (attachments as object[]).map((one) => ({ ...one, type: 'eni' })),
  };
  return toEnvelope('aws.ecs', 'ECS Task State Change', detail);
};

export const toHostEvent = ({ instanceId }: Host, state: string): object =>
  toEnvelope('aws.ec2', 'EC2 Instance State-change Notification', {
    'instance-id': instanceId,
    state,
  });
