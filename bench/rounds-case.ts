import { plainSecret } from '../shared/config/secret.ts';
import type { Registration } from '../shared/model/registration.ts';
import { NO_REMOVALS } from '../shared/plan/removals.ts';
import { createLogger } from '../shared/platform/log.ts';
import { createTelemetry } from '../shared/platform/telemetry.ts';
import { createRegistry } from '../shared/registries/eureka/index.ts';
import type { Registry } from '../shared/registries/registry.ts';
import { awsSource } from '../shared/source/aws.ts';
import type { ReconcileContext } from '../shared/sync/context.ts';
import { createLogDeduper, LastRound } from '../shared/sync/memory.ts';
import { reconcile } from '../shared/sync/reconcile.ts';
import type { RoundFigures } from './rounds.bench.ts';
import { ARN, CONFIG, OWNER } from './settings.ts';

const [TASKS, CLUSTERS] = process.argv.slice(2).map(Number);
if (!TASKS || !CLUSTERS) throw new Error('expected two numbers: tasks, clusters');

const TASKS_PER_HOST = 30;
const SERVICES = 200;
const STARTED = new Date(Date.UTC(2026, 0, 1));

/** Tasks are spread evenly; a task's id is its number, and so is a host's. */
const perCluster = Math.ceil(TASKS / CLUSTERS);
const clusterArn = (cluster: number) => `${ARN}:cluster/cluster-${cluster}`;
const hex = (at: number) => at.toString(16).padStart(32, '0');
const numberIn = (arn: string) => Number.parseInt(arn.slice(arn.lastIndexOf('/') + 1), 16);
const instanceArn = (cluster: number, host: number) =>
  `${ARN}:container-instance/cluster-${cluster}/${hex(host)}`;

const rawTask = (at: number) => {
  const cluster = Math.floor(at / perCluster);
  const service = at % SERVICES;
  return {
    taskArn: `${ARN}:task/cluster-${cluster}/${hex(at)}`,
    clusterArn: clusterArn(cluster),
    taskDefinitionArn: `${ARN}:task-definition/service-${service}:7`,
    version: 3,
    desiredStatus: 'RUNNING',
    lastStatus: 'RUNNING',
    group: `service:service-${service}`,
    startedBy: 'ecs-svc/1234567890123456789',
    launchType: 'EC2',
    availabilityZone: 'eu-west-1a',
    containerInstanceArn: instanceArn(cluster, Math.floor(at / TASKS_PER_HOST)),
    createdAt: STARTED,
    startedAt: STARTED,
    containers: [
      {
        name: 'web',
        networkBindings: [
          {
            bindIP: '0.0.0.0',
            containerPort: 8080,
            hostPort: 32_768 + (at % TASKS_PER_HOST),
            protocol: 'tcp',
          },
        ],
      },
    ],
    overrides: { containerOverrides: [{ name: 'web' }] },
  };
};

const definitionOf = (arn: string) => ({
  taskDefinitionArn: arn,
  family: arn.slice(arn.lastIndexOf('/') + 1).split(':')[0],
  networkMode: 'bridge',
  containerDefinitions: [
    {
      name: 'web',
      image: 'example/web:7',
      portMappings: [{ containerPort: 8080 }],
      dockerLabels: { SERVICE_TAGS: 'blue,v7', SERVICE_TEAM: 'shop' },
    },
    // Without a port: a reason for each task.
    { name: 'log', image: 'example/log:1' },
  ],
});

const calls = new Map<string, number>();

type Input = Readonly<Record<string, string>> & {
  readonly tasks: readonly string[];
  readonly containerInstances: readonly string[];
  readonly InstanceIds?: readonly string[];
};

const ANSWERS: Readonly<Record<string, (input: Input) => unknown>> = {
  ListClustersCommand: () => ({
    clusterArns: Array.from({ length: CLUSTERS }, (_, at) => clusterArn(at)),
  }),
  ListTasksCommand: ({ cluster = '', nextToken }) => {
    const first = Number(cluster.slice(cluster.lastIndexOf('-') + 1)) * perCluster;
    const from = nextToken ? Number(nextToken) : first;
    const end = Math.min(first + perCluster, TASKS);
    const to = Math.min(from + 100, end);
    const taskArns = Array.from({ length: to - from }, (_, at) => rawTask(from + at).taskArn);
    return { taskArns, ...(to < end && { nextToken: String(to) }) };
  },
  DescribeTasksCommand: ({ tasks }) => ({
    tasks: tasks.map((arn) => rawTask(numberIn(arn))),
    failures: [],
  }),
  DescribeTaskDefinitionCommand: ({ taskDefinition = '' }) => ({
    taskDefinition: definitionOf(taskDefinition),
  }),
  DescribeContainerInstancesCommand: ({ containerInstances }) => ({
    containerInstances: containerInstances.map((containerInstanceArn) => ({
      containerInstanceArn,
      ec2InstanceId: `i-${hex(numberIn(containerInstanceArn)).slice(-17)}`,
    })),
  }),
  DescribeInstancesCommand: ({ InstanceIds = [] }) => ({
    Reservations: [
      {
        Instances: InstanceIds.map((InstanceId) => ({
          InstanceId,
          PrivateIpAddress: `10.${Number.parseInt(InstanceId.slice(-6), 16) % 256}.0.1`,
          Placement: { AvailabilityZone: 'eu-west-1a' },
          State: { Name: 'running' },
        })),
      },
    ],
  }),
};

/** AWS, as far as a round asks it; it answers at once. */
const aws = {
  send: async (command: { readonly input: Input }) => {
    const { name } = command.constructor;
    calls.set(name, (calls.get(name) ?? 0) + 1);
    const answer = ANSWERS[name];
    if (!answer) throw new Error(`no answer to ${name}`);
    return answer(command.input);
  },
};

const records = new Map<string, Registration>();
const eureka = createRegistry({ urls: plainSecret('') }, { owner: OWNER });
/** Eureka's rules over a map. */
const registry: Registry = {
  ...eureka,
  list: async () => ({ records: [...records.values()] }),
  get: async (refs) => refs.flatMap((ref) => records.get(eureka.key(ref)) ?? []),
  apply: async (changes) =>
    changes.map((change) => {
      if (change.kind === 'upsert') records.set(eureka.key(change.record), change.record);
      return { change, status: 'done' };
    }),
};

let logged = 0;
const write = (line: string) => {
  logged += line.length;
};
const context: ReconcileContext = {
  config: CONFIG,
  source: awsSource({
    ecs: aws as never,
    ec2: aws as never,
    external: async () => new Map(),
    now: Date.now,
  }),
  registries: [registry],
  queue: { send: async () => {} },
  isNews: createLogDeduper(),
  lastRound: new LastRound(),
  telemetry: createTelemetry({
    owner: OWNER,
    now: Date.now,
    logger: createLogger({ write }),
    write,
  }),
  now: Date.now,
  sleep: async () => {},
  store: {
    readSummary: async () => undefined,
    saveSummary: async () => {},
    readApproval: async () => undefined,
    saveApproval: async () => {},
    readRemovals: async () => NO_REMOVALS,
    saveRemovals: async () => {},
  },
};

/** Time is no matter here: as much as a round wants. */
const round = () => reconcile(context, Date.now() + 3_600_000, new AbortController().signal);

await round();
if (records.size !== TASKS) throw new Error(`${records.size} records of ${TASKS} tasks`);
calls.clear();
logged = 0;
const before = process.cpuUsage();
const summary = await round();
const { user, system } = process.cpuUsage(before);
if (summary.registries.eureka?.drift !== 0) throw new Error('the round was not at rest');
const figures: RoundFigures = {
  cpu: (user + system) / 1e6,
  memory: process.resourceUsage().maxRSS * 1_024,
  calls: [...calls.values()].reduce((sum, count) => sum + count, 0),
  describeInstances: calls.get('DescribeInstancesCommand') ?? 0,
  logged,
};
console.log(JSON.stringify(figures));
