import type { Config } from '../config/config.ts';
import { InvalidConfig, readConfig } from '../config/load.ts';
import { ec2Client, ecsClient, sqsClient } from '../platform/aws/clients.ts';
import { createTelemetry } from '../platform/telemetry.ts';
import { createRegistries } from '../registries/index.ts';
import { awsSource } from '../source/aws.ts';
import type { ExternalAddresses } from '../source/hosts.ts';
import type { LookQueue, SyncContext } from './context.ts';
import { sqsLookQueue } from './look-queue.ts';
import { Memory } from './memory.ts';

export interface SyncRuntime {
  readonly config: Config;
  readonly context: SyncContext;
}

export interface Manner {
  /** Throttling is waited out: for what reads everything. */
  readonly patient?: boolean;
  /** A registry that does not answer is left alone for a while: for what serves several, again and again. */
  readonly guarded?: 'event' | 'reconcile';
}

/** What the event path, the reconciler and `admin` share. */
export const syncRuntime = async ({ guarded, ...how }: Manner = {}): Promise<SyncRuntime> => {
  const config = await readConfig();
  const { place } = config;
  if (!place) throw new InvalidConfig(['ROLLCALL_PLACE: expected a value, got ""']);
  const now = Date.now;
  const telemetry = createTelemetry({ owner: config.owner, now });
  const { ecs, ec2 } = await clientsFor(how);
  return {
    config,
    context: {
      config: { ...config, place },
      source: awsSource({ ecs, ec2, external, now }),
      registries: await createRegistries(config, {
        throttleRetry: how.patient,
        ...(guarded && { breaker: { now, telemetry, path: guarded } }),
      }),
      queue: lookQueue(config),
      memory: new Memory(),
      telemetry,
      now,
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    },
  };
};

/** Loaded where ECS Anywhere is in use. */
const external: ExternalAddresses = async (ids, signal) =>
  (await import('../source/external.ts')).externalAddresses(ids, signal);

/** Patience is loaded where it is wanted: not by the event path, whose start is what a task waits for. */
const clientsFor = async (how: Manner) => {
  const clients = { ecs: ecsClient(), ec2: ec2Client() };
  if (!how.patient) return clients;
  const { withThrottleRetry } = await import('../platform/aws/throttle-retry.ts');
  return { ecs: withThrottleRetry(clients.ecs), ec2: withThrottleRetry(clients.ec2) };
};

/** A function without a queue has nothing to look at again; the reconciler comes anyway. */
const lookQueue = ({ stack }: Config): LookQueue =>
  stack.queueUrl ? sqsLookQueue(sqsClient(), stack.queueUrl) : { send: async () => {} };
