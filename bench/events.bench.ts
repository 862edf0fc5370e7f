import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Outcome } from '../shared/model/plan.ts';
import type { Telemetry } from '../shared/platform/telemetry.ts';
import { type ConsulClient, createClient } from '../shared/registries/consul/client.ts';
import { createRegistry } from '../shared/registries/consul/index.ts';
import { toOperations } from '../shared/registries/consul/transactions.ts';
import type { WireOp } from '../shared/registries/consul/wire.ts';
import type { Registry } from '../shared/registries/registry.ts';
import { awsSource } from '../shared/source/aws.ts';
import type { EventContext } from '../shared/sync/context.ts';
import { handleBatch } from '../shared/sync/handle-events.ts';
import { createLogDeduper, HandledTasks } from '../shared/sync/memory.ts';
import type { Bench } from './figure.ts';
import { median } from './figure.ts';
import { ARN, CONFIG, OWNER, PLACE } from './settings.ts';

const CLUSTER = `${ARN}:cluster/shop`;
const DEFINITION = `${ARN}:task-definition/web:7`;
const BATCH = 10;
const ROUNDS = 15;
const EVENTS = 200;

/**
 * Milliseconds that Consul takes for a transaction: none, and what three servers take that write to
 * disk.
 */
const DELAYS = [0, 5];

/**
 * What events cost: processor time of one, alone and in a batch of ten, at a registry that takes no
 * time; and how many of the tasks a second that the same Consul transactions reach bare, against a
 * server in a thread of its own.
 */
export const events: Bench = async function* () {
  const free: Registry = { ...consulAt(''), apply: async (changes) => changes.map(done) };
  yield { name: 'cpu of one event', value: await cpuOf(free, 1), unit: 'ms' };
  yield { name: 'cpu of one event in a batch of ten', value: await cpuOf(free, BATCH), unit: 'ms' };
  for (const delay of DELAYS) {
    const name = `tasks a second, of what bare transactions of ${delay} ms reach`;
    yield { name, value: await shareOfBare(delay), unit: '%' };
  }
};

/** Milliseconds. */
const cpuOf = async (registry: Registry, size: number) => {
  const context = contextOf(registry);
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    await handle(context, size, EVENTS / size);
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / 1_000 / EVENTS);
  }
  return median(rounds);
};

const shareOfBare = async (delay: number) => {
  const server = new Worker(AGREEABLE, { eval: true, workerData: delay });
  const [address] = await once(server, 'message');
  const context = contextOf(consulAt(String(address)));
  const client = createClient({ addresses: [String(address)] });
  try {
    const operations = await operationsOfBatch();
    const shares: number[] = [];
    await handle(context, BATCH, EVENTS / BATCH);
    for (let round = 0; round < ROUNDS; round++) {
      const whole = await timeOf(() => handle(context, BATCH, EVENTS / BATCH));
      const bare = await timeOf(() => transact(client, operations, EVENTS / BATCH));
      shares.push((bare / whole) * 100);
    }
    return median(shares);
  } finally {
    await server.terminate();
  }
};

const consulAt = (address: string) => createRegistry({ addresses: [address] }, { owner: OWNER });

const done = (change: Outcome['change']): Outcome => ({ change, status: 'done' });

let started = 0;
const nextId = () => (started++).toString(16).padStart(32, '0');

const handle = async (context: EventContext, size: number, batches: number) => {
  for (let at = 0; at < batches; at++) {
    startedAt = new Date();
    const deliveries = Array.from({ length: size }, () => {
      const id = nextId();
      return { messageId: id, body: eventOf(id), receiveCount: 1 };
    });
    const failed = await handleBatch(deliveries, context, new AbortController().signal);
    if (failed.length > 0) throw new Error('an event failed: this is not what is measured here');
  }
};

/** The same transactions, made beforehand. */
const transact = async (client: ConsulClient, operations: readonly WireOp[], batches: number) => {
  for (let at = 0; at < batches; at++)
    await client.transact(operations, new AbortController().signal);
};

/** What a batch of ten writes. */
const operationsOfBatch = async (): Promise<readonly WireOp[]> => {
  const operations: WireOp[] = [];
  const apply: Registry['apply'] = async (changes) => {
    operations.push(...changes.flatMap((change) => toOperations(change, OWNER)));
    return changes.map(done);
  };
  await handle(contextOf({ ...consulAt(''), apply }), BATCH, 1);
  return operations;
};

const timeOf = async (work: () => Promise<void>) => {
  const before = performance.now();
  await work();
  return performance.now() - before;
};

/** Of the tasks of one batch: an event that comes long after their start would be looked into. */
let startedAt = new Date();

const rawTask = (id: string) => ({
  taskArn: `${ARN}:task/shop/${id}`,
  clusterArn: CLUSTER,
  taskDefinitionArn: DEFINITION,
  version: 3,
  desiredStatus: 'RUNNING',
  lastStatus: 'RUNNING',
  group: 'service:web',
  startedBy: 'ecs-svc/1234567890123456789',
  launchType: 'FARGATE',
  availabilityZone: 'eu-west-1a',
  createdAt: startedAt,
  startedAt,
  attachments: [
    {
      type: 'eni',
      status: 'ATTACHED',
      details: [
        { name: 'networkInterfaceId', value: 'eni-1' },
        { name: 'privateIPv4Address', value: '10.0.1.1' },
      ],
    },
  ],
  containers: [{ name: 'web', networkInterfaces: [{ privateIpv4Address: '10.0.1.1' }] }],
  overrides: { containerOverrides: [{ name: 'web' }] },
});

const eventOf = (id: string) =>
  JSON.stringify({
    id: `event-${id}`,
    source: 'aws.ecs',
    'detail-type': 'ECS Task State Change',
    account: PLACE.account,
    region: PLACE.region,
    time: new Date().toISOString(),
    detail: rawTask(id),
  });

const DESCRIBED = {
  taskDefinition: {
    taskDefinitionArn: DEFINITION,
    family: 'web',
    networkMode: 'awsvpc',
    containerDefinitions: [
      {
        name: 'web',
        image: 'example/web:7',
        portMappings: [{ containerPort: 8080 }],
        dockerLabels: { SERVICE_TAGS: 'blue,v7', SERVICE_TEAM: 'shop' },
      },
    ],
  },
};

/** ECS, which knows every task that it is asked about. */
const ecs = {
  send: async ({ input }: { input: { tasks?: readonly string[]; taskDefinition?: string } }) =>
    input.tasks
      ? {
          tasks: input.tasks.map((arn) => rawTask(arn.slice(arn.lastIndexOf('/') + 1))),
          failures: [],
        }
      : DESCRIBED,
};
const nothing = { send: () => Promise.reject(new Error('nothing here needs EC2')) };

const contextOf = (registry: Registry): EventContext => ({
  config: CONFIG,
  source: awsSource({
    // The SDK's own types know every command; these are the two that are sent.
    ecs: ecs as unknown as Parameters<typeof awsSource>[0]['ecs'],
    ec2: nothing,
    external: async () => new Map(),
    now: Date.now,
  }),
  registries: [registry],
  queue: { send: () => Promise.reject(new Error('nothing here is to be looked at again')) },
  isNews: createLogDeduper(),
  handled: new HandledTasks(),
  cutOffs: new Map(),
  telemetry: SILENT,
  now: Date.now,
  sleep: async () => {},
});

const ignore = () => {};
const SILENT: Telemetry = {
  outcome: ignore,
  skip: ignore,
  note: ignore,
  fault: (message, error) => {
    throw new Error(message, { cause: error });
  },
  count: ignore,
  flush: async () => {},
};

const AGREEABLE = `
  const { createServer } = require('node:http');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer((request, response) => {
    const answer = () =>
      response.setHeader('content-type', 'application/json').end('{"Results":[],"Errors":null}');
    request.resume().on('end', () => (workerData ? setTimeout(answer, workerData) : answer()));
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage('http://127.0.0.1:' + server.address().port));
`;
