import { refusal } from '../../local/aws/refusal.ts';
import type { Task } from '../../local/aws/world/shapes.ts';
import { STACK, type Stack } from '../../local/stack.ts';
import { historyReader } from '../../shared/source/history.ts';
import { httpApiEvent } from '../support/http-api-event.ts';
import { container, type Flow, openFlow } from './stage.ts';

export const ROLES = [
  'OnTaskEventRole',
  'ReconcileRole',
  'RenewRole',
  'ResolveRole',
  'InspectRole',
  'OperateRole',
] as const;
export type Role = (typeof ROLES)[number];
type Calls = Readonly<Record<Role, ReadonlySet<string>>>;

const CLOUD_MAP = 'Route53AutoNaming_v20170314';

/** IAM's word for each service, by the service's target. */
const SERVICES: Readonly<Record<string, string>> = {
  AmazonEC2ContainerServiceV20141113: 'ecs',
  ec2: 'ec2',
  [CLOUD_MAP]: 'servicediscovery',
  AmazonSQS: 'sqs',
  AmazonSSM: 'ssm',
  secretsmanager: 'secretsmanager',
  lambda: 'lambda',
  Logs_20140328: 'logs',
  AWSEvents: 'events',
};

/** What a call needs. */
const toAction = (service: string, operation: string) =>
  `${SERVICES[service] ?? service}:${RIGHTS[operation] ?? operation}`;

/** Rights that are called otherwise than their calls. */
export const RIGHTS: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  Invoke: 'InvokeFunction',
};

/** What each function asks of AWS, as IAM calls it, while all is done that it knows to do. */
export const observeCalls = async (): Promise<Calls> => {
  const calls: Record<Role, Set<string>> = {
    OnTaskEventRole: new Set(),
    ReconcileRole: new Set(),
    RenewRole: new Set(),
    ResolveRole: new Set(),
    InspectRole: new Set(),
    OperateRole: new Set(),
  };
  const flow = await openFlow({ environment: { ROLLCALL_PUBLISH_EVENTS: 'on' } });
  /**
   * One function at a time, so that what is called is its own. What it fails over it has asked for
   * all the same.
   */
  const as = async (role: Role, act: () => Promise<unknown>) => {
    flow.stack.aws.clearCalls();
    await act().catch(() => {});
    for (const { service, operation } of flow.stack.aws.calls())
      calls[role].add(toAction(service, operation));
  };
  for (const chapter of [
    comeAndGo,
    driftAway,
    comeWithManyPorts,
    shareNames,
    addPublicly,
    readReferences,
    purge,
    resolve,
  ])
    await chapter({ flow, stack: flow.stack, as });
  await flow.stop();
  return calls;
};

const HOUR = 3_600_000;
const FARGATE = { launchType: 'FARGATE' } as const;

interface Chapter {
  readonly flow: Flow;
  readonly stack: Stack;
  as(role: Role, act: () => Promise<unknown>): Promise<void>;
}

const everyFunction = async ({ flow, stack, as }: Chapter) => {
  await as('OnTaskEventRole', flow.settle);
  await as('ReconcileRole', stack.reconcile.invoke);
  await as('RenewRole', stack.renew.invoke);
  for (const command of [
    { command: 'plan' },
    { command: 'parity' },
    { command: 'explain', service: 'web' },
    { command: 'history', service: 'web', at: '1m' },
  ])
    await as('InspectRole', () => stack.inspect(command));
  await as('OperateRole', () => stack.operate({ command: 'purge', dryRun: true }));
};

/** Every kind of task and host, a task whose health changes, a host that goes, tasks that stop. */
const comeAndGo = async (chapter: Chapter) => {
  const { flow, stack, as } = chapter;
  const [task, , watched] = populate(flow);
  // A run that names itself, of which it is asked whether a service has that name.
  const environment = [{ name: 'SERVICE_NAME', value: 'canary' }];
  const canary = { taskDefinition: 'web', overrides: [{ name: 'app', environment }] };
  stack.world.runTask({ cluster: 'shop', ...canary });
  await everyFunction(chapter);
  for (const role of ['ReconcileRole', 'OnTaskEventRole'] as const)
    for (const health of ['HEALTHY', 'UNHEALTHY'] as const) {
      if (watched) stack.world.setHealth(watched.taskArn, health);
      if (watched && role === 'OnTaskEventRole') stack.world.changeTask(watched.taskArn, {});
      // Cloud Map knows an instance before its health can be set.
      stack.aws.faults.inject(
        refusal(CLOUD_MAP, 'InstanceNotFound', { operation: 'UpdateInstanceCustomHealthStatus' }),
      );
      await as(role, role === 'ReconcileRole' ? stack.reconcile.invoke : flow.settle);
      stack.aws.faults.clear();
    }
  // Discover* does not know a service made a moment ago.
  stack.aws.faults.inject(
    refusal(CLOUD_MAP, 'ServiceNotFound', { operation: 'DiscoverInstances' }),
  );
  await as('ReconcileRole', stack.reconcile.invoke);
  stack.aws.faults.clear();
  stack.aws.faults.inject(
    refusal(CLOUD_MAP, 'ServiceNotFound', { operation: 'DiscoverInstances' }),
  );
  await as('OperateRole', () => stack.operate({ command: 'purge', dryRun: true }));
  stack.aws.faults.clear();
  await loseLeases(chapter);
  const [host] = stack.world.machines();
  if (host) stack.world.setMachineState(host.instanceId, 'shutting-down');
  await everyFunction(chapter);
  if (task) stack.world.stopTask(task.taskArn);
  await everyFunction(chapter);
};

/** A task with more records of one service than are read singly, read before they are written. */
const comeWithManyPorts = async ({ flow, stack, as }: Chapter) => {
  const ports = Array.from({ length: 12 }, (_, at) => 9_000 + at);
  const checked = container({
    healthCheck: { command: ['true'] },
    portMappings: ports.map((containerPort) => ({ containerPort })),
    dockerLabels: Object.fromEntries(ports.map((port) => [`SERVICE_${port}_NAME`, 'many'])),
  });
  const { taskArn } = flow.run({ family: 'many', containerDefinitions: [checked] }, FARGATE);
  // Cloud Map registers it once it is healthy, and is read from then on.
  for (const health of ['HEALTHY', 'UNHEALTHY'] as const) {
    stack.world.setHealth(taskArn, health);
    stack.world.changeTask(taskArn, {});
    await as('OnTaskEventRole', flow.settle);
  }
};

/** Two services with one name, of which one is to have it. */
const shareNames = async (chapter: Chapter) => {
  const { flow, stack } = chapter;
  await stack.redeploy({ ROLLCALL_SHARED_NAMES: 'refuse' });
  stack.world.addCluster('stage');
  flow.run({ family: 'shared' }, FARGATE);
  flow.run({ family: 'shared' }, { cluster: 'stage', ...FARGATE });
  await everyFunction(chapter);
  await stack.redeploy({ ROLLCALL_SHARED_NAMES: 'warn' });
};

/** Eureka forgets everything, and cannot be listed. */
const loseLeases = async ({ stack, as }: Chapter) => {
  stack.eureka?.restart();
  const match = (_: string, url: string) => url.endsWith('/apps');
  stack.eureka?.faults.inject({ times: Number.POSITIVE_INFINITY, status: 500, match });
  await as('ReconcileRole', stack.reconcile.invoke);
  stack.eureka?.faults.clear();
};

/**
 * What events did not say: tasks that came, a cluster that is gone, more removals than the limit
 * lets through.
 */
const driftAway = async (chapter: Chapter) => {
  const { flow, stack, as } = chapter;
  stack.world.addCluster('old');
  flow.run({ family: 'old' }, { cluster: 'old', ...FARGATE });
  const tasks = Array.from({ length: 12 }, () => flow.run({}, FARGATE));
  for (const { taskArn } of tasks) stack.world.ageTask(taskArn, 2 * HOUR);
  await everyFunction(chapter);
  stack.world.dropNext(Number.POSITIVE_INFINITY);
  flow.run({ family: 'late' }, FARGATE);
  stack.world.deactivateCluster('old');
  for (const { taskArn } of tasks) stack.world.forgetTask(taskArn);
  await as('InspectRole', () => stack.inspect({ command: 'plan' }));
  await everyFunction(chapter);
  const { withheld } = await stack.reconcile.invoke();
  await as('OperateRole', () => stack.operate({ command: 'release', plan: withheld[0]?.plan }));
  await everyFunction(chapter);
  stack.world.dropNext(0);
};

const addPublicly = async (chapter: Chapter) => {
  await chapter.stack.redeploy({ ROLLCALL_ADDRESS: 'public' });
  populate(chapter.flow);
  await everyFunction(chapter);
};

const readReferences = async (chapter: Chapter) => {
  const before = { EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: `${chapter.stack.eureka?.url}/` };
  for (const reference of REFERENCES) {
    await chapter.stack.redeploy({ EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: reference });
    chapter.flow.run();
    await everyFunction(chapter);
  }
  await chapter.stack.redeploy(before);
};

const purge = async ({ stack, as }: Chapter) => {
  await stack.redeploy({ ROLLCALL_POLICY: 'observe' });
  await as('OperateRole', () => stack.operate({ command: 'purge' }));
};

/** Last, since it goes on reading behind its answers. */
const resolve = async (chapter: Chapter) => {
  const { flow, stack, as } = chapter;
  await stack.redeploy({ ROLLCALL_POLICY: 'sync', ROLLCALL_ADDRESS: 'private' });
  flow.run({}, FARGATE);
  await stack.reconcile.invoke();
  // The unknown name before everything is read, which answers for it too.
  for (const path of [
    '/',
    '/resolve/web',
    '/services/unheard-of',
    '/services',
    '/v1/health/service/web',
  ])
    await as('ResolveRole', () => stack.resolve(get(path)));
  // What the page asks for a service that somebody looks at.
  const historyOf = historyReader(`${STACK}-inspect`);
  // Refused, since what inspect then asks is its own.
  stack.aws.faults.inject(refusal('lambda', 'TooManyRequestsException'));
  await as('ResolveRole', () => historyOf('web', AbortSignal.timeout(60_000)));
  for (const reference of REFERENCES) {
    await stack.redeploy({ ROLLCALL_RESOLVE_ACCESS: 'token', ROLLCALL_RESOLVE_TOKEN: reference });
    await as('ResolveRole', () => stack.resolve(get('/services')));
  }
};

const REFERENCES = [
  'secretsmanager:arn:aws:secretsmanager:eu-central-1:111122223333:secret:some',
  'ssm:/some',
] as const;

const populate = ({ stack: { world }, run }: Flow): readonly Task[] => {
  const { machine } = world.addMachine({ cluster: 'shop', external: true });
  return [
    run(),
    run({ networkMode: 'bridge' }),
    run({
      family: 'watched',
      containerDefinitions: [container({ healthCheck: { command: ['true'] } })],
    }),
    run(
      { networkMode: 'host', family: 'far' },
      { launchType: 'EXTERNAL', machine: machine.instanceId },
    ),
  ];
};

const get = (path: string) => httpApiEvent('GET', path);
