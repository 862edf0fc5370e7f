import { hostname } from 'node:os';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import manifest from '../package.json' with { type: 'json' };
import { REGISTRY_NAMES } from '../shared/model/registration.ts';
import type { Answer } from '../shared/sync/admin/answer.ts';
import type { Summary } from '../shared/sync/limits/operator-store.ts';
import { createContext } from './aws/lambda/context.ts';
import {
  createQueueWorker,
  createSchedule,
  type QueueWorker,
  type Schedule,
} from './aws/lambda.ts';
import { createRule } from './aws/rule.ts';
import type { Queue } from './aws/sqs/queue.ts';
import { replaceEnvironment, type Variables } from './environment.ts';
import { coldStart, type Functions } from './functions.ts';
import { tapLog } from './log.ts';
import { patternsIn } from './rules.ts';
import { LOG_GROUP, NAMESPACE, type ServerOptions, type Servers, startServers } from './servers.ts';

export interface StackOptions extends ServerOptions {
  /** On top of what the stack sets itself. */
  readonly environment?: Variables;
}

/**
 * What `serverless deploy` makes, on one machine. One at a time in a process: functions read its
 * environment.
 */
export interface Stack extends Servers {
  readonly owner: string;
  /** The event source mapping of on-task-event, and the queue's dead letters. */
  readonly events: QueueWorker;
  readonly deadLetters: Queue;
  /** The second renewal of each minute. */
  readonly renewals: QueueWorker;
  readonly reconcile: Schedule<Summary>;
  readonly renew: Schedule<void>;
  inspect(command: unknown): Promise<Answer>;
  operate(command: unknown): Promise<Answer>;
  resolve(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2>;
  /** What the stack's outputs tell: where its resolver answers. */
  announce(resolverUrl: string, outputs?: Variables): void;
  /** The functions start anew with these settings changed. */
  redeploy(environment: Variables): Promise<void>;
}

export const QUEUE = 'rollcall-events';
export const RENEW_QUEUE = 'rollcall-renew';
/** Made as `stack/registry.yml` makes them. */
const PARAMETERS: Variables = {
  ROLLCALL_SUMMARY_PARAMETER: '/rollcall/local/summary',
  ROLLCALL_RELEASE_PARAMETER: '/rollcall/local/release',
  ROLLCALL_REMOVALS_PARAMETER: '/rollcall/local/removals',
};
/** As in `stack/events.yml`. */
export const QUEUE_OPTIONS = { visibilityTimeout: 180, maxReceiveCount: 5 } as const;

/**
 * Starts the servers and wires the handlers to them. Nothing moves by itself: start the workers and
 * schedules for that.
 */
export const startStack = async (options: StackOptions = {}): Promise<Stack> => {
  const servers = await startServers(options);
  const { sqs, ssm, world } = servers;
  for (const name of Object.values(PARAMETERS)) ssm.create(name, '{}');
  const deadLetters = sqs.createQueue(`${QUEUE}-dead`);
  const { visibilityTimeout, maxReceiveCount } = QUEUE_OPTIONS;
  sqs.createQueue(QUEUE, {
    visibilityTimeout,
    redrive: { deadLetter: deadLetters, maxReceiveCount },
  });
  sqs.createQueue(RENEW_QUEUE, { visibilityTimeout });
  const rule = createRule({ patterns: patternsIn(world), sqs, queue: QUEUE });
  const unsubscribe = world.onEvent(rule);
  servers.bus.onEvent(rule);

  const untap = tapLog(servers.logs.put);

  const environment = { ...settings(servers), ...options.environment };
  const restore = replaceEnvironment(environment);
  let functions = await coldStart();
  deploy(servers, () => functions);
  const announce = (resolver?: string, outputs: Variables = {}) =>
    servers.stacks.put({
      name: STACK,
      parameters: { resolveAccess: process.env['ROLLCALL_RESOLVE_ACCESS'] ?? '' },
      outputs: {
        ...(resolver !== undefined && { Resolver: resolver }),
        Functions: servers.invocations.names().join(','),
        Namespace: NAMESPACE,
        Version: manifest.version,
        ...outputs,
      },
    });
  announce();

  return {
    ...servers,
    announce,
    owner: environment['ROLLCALL_OWNER'] ?? '',
    deadLetters,
    events: createQueueWorker({
      sqs,
      queueUrl: sqs.queueUrl(QUEUE),
      handler: (event, context) => functions.onTaskEvent(event, context),
      onError: told,
    }),
    renewals: createQueueWorker({
      sqs,
      queueUrl: sqs.queueUrl(RENEW_QUEUE),
      handler: (event, context) => functions.renew(event, context),
      batchSize: 1,
      onError: told,
    }),
    reconcile: createSchedule({
      handler: (event, context) => functions.reconcile(event, context),
      timeout: TIMEOUTS.reconcile,
      onError: told,
    }),
    renew: createSchedule({
      handler: (event, context) => functions.renew(event, context),
      timeout: TIMEOUTS.renew,
      onError: told,
    }),
    inspect: (command) => functions.inspect(command, createContext({ timeout: TIMEOUTS.inspect })),
    operate: (command) => functions.operate(command, createContext({ timeout: TIMEOUTS.operate })),
    resolve: (event) => functions.resolve(event, createContext({ timeout: TIMEOUTS.resolve })),
    async redeploy(changed) {
      Object.assign(process.env, changed);
      functions = await coldStart();
    },
    async stop() {
      unsubscribe();
      await servers.stop();
      untap();
      restore();
    },
  };
};

/** The stack's own name, by which the command finds it. */
export const STACK = 'rollcall-local';

/** The time limits that `serverless.yml` gives them, in milliseconds. */
const TIMEOUTS: Readonly<Record<keyof Functions, number>> = {
  onTaskEvent: 30_000,
  reconcile: 55_000,
  renew: 25_000,
  resolve: 29_000,
  inspect: 300_000,
  operate: 300_000,
};

/** Under the names that `serverless.yml` gives them. */
const deploy = ({ invocations }: Servers, functions: () => Functions) => {
  const put = <N extends keyof Functions>(name: string, own: N) =>
    invocations.put(`${STACK}-${name}`, {
      // Whoever invokes sends what the function takes: it is the function that checks it.
      invoke: (event, context) => functions()[own](event as never, context),
      timeout: TIMEOUTS[own],
    });
  put('on-task-event', 'onTaskEvent');
  for (const own of ['reconcile', 'renew', 'resolve', 'inspect', 'operate'] as const) put(own, own);
};

/** The functions have said themselves why they failed. */
const told = () => {};

/** What the stack's template sets, and the defaults of the local run. */
export const settings = ({ environment, sqs, world }: Servers): Variables => ({
  ...environment,
  ROLLCALL_REGISTRIES: REGISTRY_NAMES.join(','),
  // One that the next run has too: after a crash it takes its own records out of a real registry.
  ROLLCALL_OWNER: `rollcall-local:${hostname()}`,
  ROLLCALL_PLACE: `aws:${world.region}:${world.account}`,
  ROLLCALL_STAGE: 'local',
  ROLLCALL_NAMESPACE: NAMESPACE,
  // What runs here is on this machine.
  ROLLCALL_LOOPBACK: 'allow',
  ROLLCALL_RESOLVE_ACCESS: 'open',
  ROLLCALL_RESOLVE_TTL: '1',
  // One process stands for all the environments of a function.
  AWS_LAMBDA_MAX_CONCURRENCY: '200',
  ROLLCALL_QUEUE_URL: sqs.queueUrl(QUEUE),
  ROLLCALL_RENEW_QUEUE_URL: sqs.queueUrl(RENEW_QUEUE),
  ROLLCALL_LOG_GROUP: LOG_GROUP,
  ROLLCALL_INSPECT_FUNCTION: `${STACK}-inspect`,
  ...PARAMETERS,
});
