import type { Config } from '../config/config.ts';
import { InvalidConfig, readConfig } from '../config/load.ts';
import type { Program } from '../config/settings.ts';
import { ec2Client, ecsClient, sqsClient } from '../platform/aws/clients.ts';
import { createLogger } from '../platform/log.ts';
import { once } from '../platform/once.ts';
import type { Publish } from '../platform/publish.ts';
import { createTelemetry } from '../platform/telemetry.ts';
import { createRegistries } from '../registries/index.ts';
import { awsSource } from '../source/aws.ts';
import type { ExternalAddresses } from '../source/hosts.ts';
import type { CheckAnswer } from './admin/check.ts';
import type { EventContext, LookQueue } from './context.ts';
import { createLogDeduper, HandledTasks } from './memory.ts';

export interface SyncRuntime {
  readonly config: Config;
  readonly context: EventContext;
  /** Writes an invocation's metrics, and publishes its outcomes. */
  readonly flush: () => Promise<void>;
  readonly check: (signal: AbortSignal) => Promise<CheckAnswer>;
}

export interface RuntimeOptions {
  /** It asks nothing of ECS, and has no right to. */
  readonly withoutEcs?: boolean;
  /** Throttling is waited out: for what reads everything. */
  readonly throttleRetry?: boolean;
  /**
   * A registry that does not answer is left alone for a while: for what serves several, again and
   * again.
   */
  readonly breaker?: 'event' | 'reconcile';
  /** `reader`: with the credentials of what only reads. */
  readonly program?: Program;
}

/** What the event path, the reconciler and the operator's commands share. */
export const syncRuntime = async ({
  breaker,
  throttleRetry,
  withoutEcs,
  program,
}: RuntimeOptions = {}): Promise<SyncRuntime> => {
  const config = await readConfig(program);
  const { place } = config;
  if (!place) throw new InvalidConfig(['ROLLCALL_PLACE: expected a value, got ""']);
  const now = Date.now;
  const logger = createLogger({ level: config.logLevel, now });
  const { owner } = config;
  const telemetry = createTelemetry({
    owner,
    now,
    logger,
    publish: config.publishEvents ? publisher() : undefined,
  });
  const { ecs, ec2 } = await clientsFor(throttleRetry === true, config.ecsReadShare);
  const context: EventContext = {
    config: { ...config, place },
    source: awsSource({ ecs, ec2, external, now }),
    registries: await createRegistries(config, {
      throttleRetry,
      ...(breaker && { breaker: { now, telemetry, path: breaker } }),
    }),
    queue: lookQueue(config),
    isNews: createLogDeduper(),
    handled: new HandledTasks(),
    cutOffs: new Map(),
    telemetry,
    now,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
  return {
    config,
    context,
    flush: telemetry.flush,
    check: async (signal) => {
      const { checkReach } = await import('./admin/check.ts');
      // Without a breaker: it gives up before a first connection is there.
      const registries = await createRegistries(config, { throttleRetry });
      return checkReach({ ...context, registries }, config, { readsEcs: !withoutEcs, signal });
    },
  };
};

/** Loaded where somebody is to be told of outcomes. */
const publisher = (): Publish => {
  const made = once(async () => (await import('../platform/publish.ts')).createPublisher());
  return async (records) => (await made())(records);
};

/** Loaded where ECS Anywhere is in use. */
const external: ExternalAddresses = async (ids, signal) =>
  (await import('../source/external.ts')).externalAddresses(ids, signal);

/**
 * Both are loaded where they are used: not by the event path, for whose start a task waits. What
 * reads everything has time to wait, and takes no more of ECS's calls than its share.
 */
const clientsFor = async (throttleRetry: boolean, percent: number) => {
  const clients = { ecs: ecsClient(), ec2: ec2Client() };
  if (!throttleRetry) return clients;
  const { withThrottleRetry } = await import('../platform/aws/throttle-retry.ts');
  const { withEcsReadShare } = await import('../source/read-share.ts');
  const shared = withEcsReadShare(clients.ecs, percent);
  return { ecs: withThrottleRetry(shared), ec2: withThrottleRetry(clients.ec2) };
};

/** A function without a queue has nothing to look at again; the reconciler comes anyway. */
const lookQueue = ({ stack: { queueUrl } }: Config): LookQueue => {
  if (!queueUrl) return { send: async () => {} };
  // Loaded where something is left to look at: no other start pays for it.
  const queue = once(async () =>
    (await import('./requeue/look-queue.ts')).sqsLookQueue(sqsClient(), queueUrl),
  );
  return { send: async (...sent) => (await queue()).send(...sent) };
};
