import type { Context as LambdaContext } from 'aws-lambda';
import { ec2Client, ecsClient, sqsClient } from './aws/clients.ts';
import { externalAddresses } from './aws/external.ts';
import { sqsLookQueue } from './aws/look-queue.ts';
import type { Config } from './config/config.ts';
import { InvalidConfig, loadConfig } from './config/load.ts';
import { createRegistries } from './registries/index.ts';
import { awsSource } from './source/aws.ts';
import type { LookQueue, SyncDeps } from './sync/deps.ts';
import { Memory } from './sync/memory.ts';
import { createTelemetry } from './telemetry.ts';

/** Loaded where the configuration has a reference: many installations need none. */
const readReference = async (reference: string) =>
  (await import('./aws/references.ts')).readReference(reference);

export const readConfig = (): Promise<Config> => loadConfig(process.env, readReference);

export interface SyncRuntime {
  readonly config: Config;
  readonly deps: SyncDeps;
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
    deps: {
      config: { ...config, place },
      source: awsSource({ ecs, ec2, external: externalAddresses, now }),
      registries: await createRegistries(config, {
        ...how,
        ...(guarded && { guarded: { now, telemetry, path: guarded } }),
      }),
      looks: lookQueue(config),
      memory: new Memory(),
      telemetry,
      now,
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    },
  };
};

/** Patience is loaded where it is wanted: not by the event path, whose start is what a task waits for. */
const clientsFor = async (how: Manner) => {
  const clients = { ecs: ecsClient(), ec2: ec2Client() };
  if (!how.patient) return clients;
  const { patient } = await import('./patient.ts');
  return { ecs: patient(clients.ecs), ec2: patient(clients.ec2) };
};

/** A function without a queue has nothing to look at again; the reconciler comes anyway. */
const lookQueue = ({ stack }: Config): LookQueue =>
  stack.queueUrl ? sqsLookQueue(sqsClient(), stack.queueUrl) : { send: async () => {} };

/** Milliseconds kept back for the answer, the last log lines and the metrics. */
const RESERVE = 1_000;

/** Aborts shortly before Lambda would. */
export const deadlineOf = (context: Pick<LambdaContext, 'getRemainingTimeInMillis'>) => {
  const left = Math.max(0, context.getRemainingTimeInMillis() - RESERVE);
  return { deadline: Date.now() + left, signal: AbortSignal.timeout(left) };
};
