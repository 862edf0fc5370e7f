import type { CloudMapConfig } from '../../config/config.ts';
import { type Change, type Outcome, refOf } from '../../model/plan.ts';
import type { Ref } from '../../model/registration.ts';
import { withThrottleRetry } from '../../platform/aws/throttle-retry.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { Pulse } from '../../platform/http/pulse.ts';
import { notAttempted } from '../outcome.ts';
import type { Registry } from '../registry.ts';
import { type CloudMapClient, createServiceDiscoveryClient, prompt } from './client.ts';
import { createServiceMaker } from './creation.ts';
import { fitInstance, refsOf } from './fit.ts';
import { followOperation } from './following.ts';
import { createLister } from './listing.ts';
import { createNamespaceReader } from './namespace.ts';
import { deleteEmptyServices } from './purging.ts';
import { getRecords } from './reading.ts';
import { createServiceReader } from './services.ts';
import { type WritingParts, write } from './writing.ts';

export interface CloudMapContext {
  /** What services that are made here are tagged with. */
  readonly owner: string;
  /** Default: one for region, credentials and endpoint of the environment. */
  readonly client?: CloudMapClient;
  /** For work in bulk: throttling is waited out until the caller's signal ends. */
  readonly patient?: boolean;
  /** Feels each request of the default client. */
  readonly pulse?: Pulse;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** AWS publishes no rate for RegisterInstance; the SDK backs off where this is too much. */
const WIDTH = 8;
/** Milliseconds for which a patient one believes a list of services of the names that it lacks. */
const BULK_FRESH = 5_000;

/** AWS Cloud Map, written. A write is accepted first and in force later: `pending`, with the operation to follow. */
export const createCloudMap = (config: CloudMapConfig, context: CloudMapContext): Registry => {
  const { owner, now = Date.now } = context;
  const given = context.client ?? createServiceDiscoveryClient(context.pulse);
  const client = context.patient ? withThrottleRetry(given) : prompt(given);
  const { dns } = config;
  const namespaces = createNamespaceReader(client, config);
  const fresh = { milliseconds: context.patient ? BULK_FRESH : 0, now };
  const reader = createServiceReader(client, namespaces, fresh);
  const services = {
    ...reader,
    forget: () => {
      reader.forget();
      namespaces.forget();
    },
  };
  const lister = createLister({ client, namespaces, services, now });
  const parts: WritingParts = {
    client,
    services,
    dns,
    makeService: createServiceMaker({ client, namespaces, services, owner }),
    writing: lister.forget,
    mute: new Set(),
  };
  return {
    name: 'cloudmap',
    waitsForHealth: true,
    key: keyOf,
    refs: (identity) => refsOf(identity, dns),
    fit: (instance) => fitInstance(instance, dns),
    list: async (_scope, signal) => ({ records: await lister.list(signal) }),
    get: (refs, signal) => getRecords(parts, refs, signal),
    apply: (changes, signal) => applyAll(parts, changes, signal),
    async follow(operations, signal) {
      const followed = await mapBounded(operations, WIDTH, (one) => followOperation(client, one, signal));
      // An operation may fail because the service it was for is a deleted one.
      if (followed.some(({ status }) => status === 'failed')) services.forget();
      return followed;
    },
    removeEmptyServices: (signal) => deleteEmptyServices({ client, services, owner }, signal),
  };
};

/** DNS compares names without case. */
const keyOf = ({ service, id }: Ref) => `${service.toLowerCase()}/${id}`;

/** Changes of one record keep their order; Cloud Map takes one at a time for it. */
const applyAll = async (parts: WritingParts, changes: readonly Change[], signal: AbortSignal) => {
  const outcomes: Outcome[] = [];
  const numbered = changes.map((change, at) => ({ change, at }));
  const byRecord = Map.groupBy(numbered, ({ change }) => keyOf(refOf(change)));
  await mapBounded([...byRecord.values()], WIDTH, async (ofOne) => {
    for (const { change, at } of ofOne)
      outcomes[at] = signal.aborted ? notAttempted(change) : await write(parts, change, signal);
  });
  return outcomes;
};
