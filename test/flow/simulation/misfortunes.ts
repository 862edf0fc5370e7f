import { refusal } from '../../../local/aws/refusal.ts';
import { bringUp, takeDown } from '../../../local/outage.ts';
import { REGISTRY_NAMES, type RegistryName } from '../../../shared/model/registration.ts';
import type { Fate } from '../../support/memory-network.ts';
import { loseHost } from './account.ts';
import type { Stage } from './stage.ts';
import { foreignWriter } from './strangers.ts';
import { operationOf } from './troubles.ts';
import type { Effect } from './watch.ts';

/** A misfortune that lasts so many milliseconds, and how it reads in a report. */
export type Misfortune = (stage: Stage, milliseconds: number) => string;

const anyRegistry = ({ random }: Stage): RegistryName => random.pick(REGISTRY_NAMES) ?? 'consul';

/** Until the time is over the promise is off. */
const suspend = (stage: Stage, milliseconds: number, effect: Effect, registry?: RegistryName) =>
  stage.after(milliseconds, stage.watch.suspend(effect, registry));

/**
 * What was put off meanwhile comes little by little once it is well again (docs/decisions/sync.md).
 */
const RECOVERY = 20_000;

const isUnwell = (stage: Stage, milliseconds: number, registry: RegistryName) => {
  suspend(stage, milliseconds, 'rounds', registry);
  suspend(stage, milliseconds + RECOVERY, 'events', registry);
};

/** Every request to one registry meets this fate. */
const struck =
  (what: string, fate: (stage: Stage) => Fate | undefined): Misfortune =>
  (stage, milliseconds) => {
    const registry = anyRegistry(stage);
    const strike = (_: unknown, party: string) => (party === registry ? fate(stage) : undefined);
    stage.after(milliseconds, stage.troubles.begin({ strike }));
    isUnwell(stage, milliseconds, registry);
    return `${registry} ${what}`;
  };

const fails: Misfortune = (stage, milliseconds) => {
  const registry = anyRegistry(stage);
  takeDown(stage.servers, registry);
  stage.after(milliseconds, () => bringUp(stage.servers, registry));
  isUnwell(stage, milliseconds, registry);
  return `${registry} answers 500`;
};

/** As AWS's service models have them. */
const STATUSES: Readonly<Record<string, number>> = {
  ThrottlingException: 400,
  ServiceUnavailable: 503,
};

/** One service of AWS refuses some operations. */
const refuses =
  (target: string, code: string, operations: readonly string[], effect: Effect): Misfortune =>
  (stage, milliseconds) => {
    const until = stage.elapsed() + milliseconds;
    const urls = operations.map((operation) => `/${operation}`);
    stage.servers.aws.faults.inject({
      ...refusal(target, code, { times: Number.POSITIVE_INFINITY, status: STATUSES[code] ?? 500 }),
      match: (method, url) => method === target && urls.includes(url) && stage.elapsed() < until,
    });
    suspend(stage, milliseconds, effect);
    return `${operations.join(' and ')}: ${code}`;
  };

const listHangs: Misfortune = (stage, milliseconds) => {
  const strike = (request: Parameters<typeof operationOf>[0], party: string): Fate | undefined =>
    party === 'eureka' && operationOf(request) === 'GET /eureka/apps'
      ? { kind: 'hang' }
      : undefined;
  stage.after(milliseconds, stage.troubles.begin({ strike }));
  suspend(stage, milliseconds, 'rounds', 'eureka');
  return 'only the list of Eureka hangs';
};

const restartsEmpty: Misfortune = (stage) => {
  const registry = stage.random.pick(['consul', 'eureka'] as const) ?? 'eureka';
  if (registry === 'eureka') stage.servers.eureka?.restart();
  else stage.servers.consul?.restore();
  stage.watch.accept();
  suspend(stage, 1, 'rounds', registry);
  return `${registry} restarts empty`;
};

const isRolledBack: Misfortune = (stage, milliseconds) => {
  const registry = stage.random.pick(['consul', 'eureka'] as const) ?? 'eureka';
  const { consul, eureka } = stage.servers;
  const tables = consul?.tables();
  const instances = structuredClone(eureka?.instances() ?? []);
  stage.after(milliseconds, () => {
    if (registry === 'eureka') eureka?.restart(instances);
    else consul?.restore(tables);
    stage.watch.accept();
    suspend(stage, 1, 'rounds', registry);
  });
  return `${registry} is rolled back by ${milliseconds / 1_000} s`;
};

const losesItsNode: Misfortune = (stage) => {
  const { consul } = stage.servers;
  const tables = consul?.tables();
  if (!consul || !tables) return 'no node';
  const nodes = new Map(
    [...tables.nodes].map(([key, node]) => [
      key,
      node.Node === 'consul' ? node : { ...node, Meta: {} },
    ]),
  );
  consul.restore({ ...tables, nodes });
  stage.watch.accept();
  suspend(stage, 1, 'rounds', 'consul');
  return "Consul's nodes lose their metadata";
};

const readsLag: Misfortune = (stage, milliseconds) => {
  const { world, random } = stage;
  const lagging = world.tasks().filter(() => random.chance(0.4));
  for (const { taskArn } of lagging)
    world.lagReads(taskArn, random.pick([1, 2, 'MISSING'] as const));
  stage.after(milliseconds, () => {
    for (const { taskArn } of lagging) if (world.task(taskArn)) world.lagReads(taskArn, undefined);
  });
  suspend(stage, milliseconds, 'rounds');
  return `reads of ${lagging.length} tasks lag`;
};

/** Lost, late, twice, and so in another order. */
const eventsGoAstray: Misfortune = (stage, milliseconds) => {
  const { random } = stage;
  stage.deliver(() => {
    const copies = random.pick([0, 1, 1, 2, 3]) ?? 1;
    return Array.from({ length: copies }, () => random.pick([0, 0, 500, 5_000, 90_000]) ?? 0);
  });
  stage.after(milliseconds, () => stage.deliver(() => [0]));
  suspend(stage, milliseconds + 95_000, 'events');
  return 'events go astray';
};

const functionsDie: Misfortune = (stage, milliseconds) => {
  const { random } = stage;
  stage.mortal(() => (random.chance(0.4) ? random.between(0, 12) : undefined));
  stage.after(milliseconds, () => stage.mortal(() => undefined));
  // The messages of one that died come again after their visibility timeout.
  suspend(stage, milliseconds + 200_000, 'events');
  suspend(stage, milliseconds, 'rounds');
  return 'functions die';
};

/** What was healthy is of unknown health for a while, which is no news. */
const agentsRestart: Misfortune = ({ world, after }, milliseconds) => {
  const checked = world.tasks().filter(({ healthStatus }) => healthStatus === 'HEALTHY');
  for (const { taskArn } of checked) world.setHealth(taskArn, 'UNKNOWN');
  after(milliseconds, () => {
    for (const { taskArn } of checked)
      if (world.task(taskArn)?.healthStatus === 'UNKNOWN') world.setHealth(taskArn, 'HEALTHY');
  });
  return `${checked.length} tasks are of unknown health`;
};

const hostDies: Misfortune = (stage) => {
  const [host] = stage.world.machines().filter(({ state }) => state === 'running');
  if (!host || stage.world.machines().filter(({ state }) => state === 'running').length < 2)
    return 'no host to lose';
  loseHost(stage, host.instanceId);
  return `host ${host.instanceId.slice(-4)} dies`;
};

const policySwitches: Misfortune = (stage, milliseconds) => {
  const policy = stage.random.pick(['observe', 'create-only', 'upsert-only'] as const) ?? 'observe';
  stage.main.redeploy({ ROLLCALL_POLICY: policy });
  stage.after(milliseconds, () => stage.main.redeploy({ ROLLCALL_POLICY: 'sync' }));
  // What runs with the old settings ends within a minute.
  suspend(stage, milliseconds + 60_000, 'rounds');
  return `the policy is ${policy}`;
};

/** By name, so that a report can be read, and each with how often it is chosen. */
export const MISFORTUNES: readonly (readonly [Misfortune, number])[] = [
  [struck('hangs', () => ({ kind: 'hang' })), 4],
  [struck('takes 2.5 s', () => ({ kind: 'serve', there: 1_250, back: 1_250 })), 3],
  [struck('refuses connections', () => ({ kind: 'refuse connection' })), 1],
  [
    struck('loses answers', ({ random }) =>
      random.chance(0.5) ? { kind: 'answer lost', there: 5 } : undefined,
    ),
    2,
  ],
  [fails, 2],
  [listHangs, 1],
  [restartsEmpty, 2],
  [isRolledBack, 2],
  [losesItsNode, 1],
  [readsLag, 3],
  [eventsGoAstray, 4],
  [functionsDie, 4],
  [hostDies, 1],
  [agentsRestart, 2],
  [policySwitches, 1],
  [(stage, milliseconds) => foreignWriter(stage, milliseconds), 3],
  [refuses('AmazonSQS', 'ServiceUnavailable', ['SendMessage', 'SendMessageBatch'], 'events'), 2],
  [
    refuses(
      'AmazonEC2ContainerServiceV20141113',
      'ThrottlingException',
      ['DescribeTasks', 'ListTasks'],
      'rounds',
    ),
    2,
  ],
  [
    refuses(
      'AmazonEC2ContainerServiceV20141113',
      'ServerException',
      ['DescribeTaskDefinition'],
      'rounds',
    ),
    1,
  ],
  [refuses('ec2', 'InternalError', ['DescribeInstances'], 'rounds'), 1],
];
