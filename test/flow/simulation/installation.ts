import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from 'aws-lambda';
import { createContext } from '../../../local/aws/lambda/context.ts';
import { createQueueWorker } from '../../../local/aws/lambda.ts';
import { createRule } from '../../../local/aws/rule.ts';
import type { AwsEvent } from '../../../local/aws/world/shapes.ts';
import type { Variables } from '../../../local/environment.ts';
import { patternsIn } from '../../../local/rules.ts';
import type { Servers } from '../../../local/servers.ts';
import { QUEUE, QUEUE_OPTIONS, RENEW_QUEUE, settings } from '../../../local/stack.ts';
import { limiter } from '../../../shared/platform/concurrency.ts';
import type { VirtualTime } from '../../support/virtual-time.ts';

export type FunctionName = 'on-task-event' | 'reconcile' | 'renew' | 'inspect' | 'operate';

/** Milliseconds, as in serverless.yml. */
const TIMEOUTS: Readonly<Record<FunctionName, number>> = {
  'on-task-event': 30_000,
  reconcile: 55_000,
  renew: 25_000,
  inspect: 300_000,
  operate: 300_000,
};

/** One invocation. All that it does, it does in this asynchronous context. */
export interface Call {
  readonly owner: string;
  readonly name: FunctionName;
  readonly number: number;
  /** `ROLLCALL_POLICY` as its instance knows it. */
  readonly policy: string;
  /** It has died or run out of time: nothing it still asks for is carried out. */
  dead: boolean;
  /** The instance is gone, with all that it remembered. */
  die(why: string): void;
}

export const calls = new AsyncLocalStorage<Call>();

interface Instance {
  readonly policy: string;
  readonly handler: (event: unknown, context: Context) => Promise<unknown>;
  dead: boolean;
}

export interface InstallationOptions {
  readonly name: string;
  readonly owner: string;
  readonly servers: Servers;
  readonly time: VirtualTime;
  /** How many events functions run at once. */
  readonly workers: number;
  readonly environment: Variables;
  readonly onCall: (call: Call) => void;
}

export interface Installation {
  readonly owner: string;
  /** An event as EventBridge delivers it. */
  deliver(event: AwsEvent): void;
  invoke(name: FunctionName, event: unknown): Promise<unknown>;
  /** Functions that start from now on have these settings, and none goes on warm. */
  redeploy(environment: Variables): void;
  /** Bodies of dead letters. */
  deadLetters(): readonly string[];
  /** Messages that wait, delayed ones included. */
  waiting(): number;
  stop(): Promise<void>;
}

const isParameter = (name: string) => name.endsWith('_PARAMETER');

/** Two installations keep their notes under different names. */
const ownParameters = (variables: Variables, prefix: string): Variables =>
  Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      isParameter(name) ? `${value}-${prefix || 'main'}` : value,
    ]),
  );

const MINUTE = 60_000;
let starts = 0;
/** Settings stand in the process's environment, so one function after the other starts. */
const oneByOne = limiter(1);

/**
 * The deployed functions over the simulated account, as Lambda runs them: warm instances are used
 * again, an instance that dies loses its memory, a message that failed is hidden until its
 * visibility timeout is over.
 */
export const createInstallation = (options: InstallationOptions): Installation => {
  const { name: prefix, owner, servers, time, onCall } = options;
  const { sqs, ssm, world } = servers;
  const queueName = `${prefix}${QUEUE}`;
  const dead = sqs.createQueue(`${queueName}-dead`);
  const { visibilityTimeout, maxReceiveCount } = QUEUE_OPTIONS;
  sqs.createQueue(queueName, { visibilityTimeout, redrive: { deadLetter: dead, maxReceiveCount } });
  sqs.createQueue(`${prefix}${RENEW_QUEUE}`, { visibilityTimeout });
  let environment: Variables = {
    ...ownParameters(settings(servers), prefix),
    ROLLCALL_OWNER: owner,
    ROLLCALL_QUEUE_URL: sqs.queueUrl(queueName),
    ROLLCALL_RENEW_QUEUE_URL: sqs.queueUrl(`${prefix}${RENEW_QUEUE}`),
    // As in Lambda: a function reads its settings while it is initialised, so that two
    // installations may differ.
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    ...options.environment,
  };
  for (const [name, value] of Object.entries(environment))
    if (isParameter(name)) ssm.create(value, '{}');
  const idle = new Map<FunctionName, Instance[]>();
  let numbers = 0;
  let generation = 0;

  const coldStart = (name: FunctionName): Promise<Instance> =>
    oneByOne(async () => {
      Object.assign(process.env, environment);
      const policy = environment['ROLLCALL_POLICY'] ?? 'sync';
      const { href } = new URL(
        `../../../functions/${name}.ts?simulated=${starts++}`,
        import.meta.url,
      );
      const { handler } = await import(href);
      return { handler, policy, dead: false };
    });
  const invoke = async (name: FunctionName, event: unknown): Promise<unknown> => {
    const began = generation;
    const instance = idle.get(name)?.pop() ?? (await time.hold(coldStart(name)));
    const ending = Promise.withResolvers<never>();
    const call: Call = {
      owner,
      name,
      number: numbers++,
      policy: instance.policy,
      dead: false,
      die(why) {
        call.dead = true;
        instance.dead = true;
        ending.reject(new Error(`${name} ${why}`));
      },
    };
    const timeout = TIMEOUTS[name];
    const timer = setTimeout(() => call.die('ran out of time'), timeout);
    onCall(call);
    const context = createContext({ functionName: name, timeout });
    try {
      return await Promise.race([
        calls.run(call, () => instance.handler(event, context)),
        ending.promise,
      ]);
    } finally {
      clearTimeout(timer);
      // What it left unfinished goes on only while the instance is used again.
      if (!instance.dead && began === generation)
        idle.set(name, [...(idle.get(name) ?? []), instance]);
    }
  };

  const quiet = () => {};
  const workers = [
    ...Array.from({ length: options.workers }, () =>
      createQueueWorker({
        sqs,
        queueUrl: sqs.queueUrl(queueName),
        handler: (event) => invoke('on-task-event', event),
        onError: quiet,
      }),
    ),
    createQueueWorker({
      sqs,
      queueUrl: sqs.queueUrl(`${prefix}${RENEW_QUEUE}`),
      handler: (event) => invoke('renew', event),
      batchSize: 1,
      onError: quiet,
    }),
  ];
  for (const worker of workers) worker.start(500);
  let stopped = false;
  const everyMinute = (work: () => Promise<unknown>, first: number) => {
    const run = () => {
      if (stopped) return;
      void work().catch(quiet);
      setTimeout(run, MINUTE);
    };
    setTimeout(run, first);
  };
  everyMinute(() => invoke('reconcile', {}), 7_000);
  everyMinute(() => invoke('renew', {}), 3_000);

  return {
    owner,
    deliver: createRule({ patterns: patternsIn(world), sqs, queue: queueName }),
    invoke,
    redeploy(changed) {
      environment = { ...environment, ...changed };
      generation++;
      idle.clear();
    },
    deadLetters: () => dead.messages().map(({ body }) => body),
    waiting: () => sqs.queue(queueName)?.messages().length ?? 0,
    async stop() {
      stopped = true;
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
};
