import type { EurekaConfig } from '../../config/config.ts';
import { type Outcome, refOf } from '../../model/plan.ts';
import { KEY, type Ref } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { Pulse } from '../../platform/http/pulse.ts';
import { notAttempted } from '../outcome.ts';
import type { Registry } from '../registry.ts';
import { createClient } from './client.ts';
import { createDirtyClock } from './dirty-clock.ts';
import { fitInstance } from './fit.ts';
import { appName, keyOf } from './names.ts';
import { fetchApplications, fetchInstance, WARMING_UP } from './read.ts';
import { toRegistration } from './record.ts';
import type { EurekaInstance } from './wire.ts';
import { renew, type Tools, write } from './write.ts';

/** Requests at once: a server on two cores answers some 3,600 registrations a second at 10, and no more at 50. */
const WRITES = 10;
const READS = 8;

/**
 * Netflix Eureka, by its REST API. A record is an instance `APP/ID`, the application's name in capitals as servers
 * keep it; the service's own spelling stands in the VIP address. Records live on leases of three minutes.
 */
export const createEureka = (
  config: EurekaConfig,
  context: { readonly owner: string; readonly pulse?: Pulse },
): Registry => {
  const client = createClient(config.urls, context.pulse);
  const clock = createDirtyClock();
  const toRecord = (instance: EurekaInstance) => {
    if (instance.metadata[KEY.owner] === context.owner) clock.observe(instance.lastDirty);
    return toRegistration(instance);
  };
  const read = async (ref: Ref, signal: AbortSignal) => {
    const instance = await fetchInstance(client, ref, signal);
    return instance && toRecord(instance);
  };
  const tools: Tools = { client, clock, read };

  return {
    name: 'eureka',
    waitsForHealth: false,
    staleLists: true,
    key: keyOf,
    refs: ({ id, service, cluster }) => [{ id, service: appName(service), cluster }],
    fit: fitInstance,
    // A server that has just restarted may answer 200 with nothing, or a part. That plans no removal either, and
    // its records are added; only the refusal to list says nothing at all.
    async list(_scope, signal) {
      const instances = await fetchApplications(client, signal);
      return instances ? { records: instances.map(toRecord) } : { records: [], unknown: WARMING_UP };
    },
    async get(refs, signal) {
      const records = await mapBounded(refs, READS, (ref) => read(ref, signal));
      return records.filter((record) => record !== undefined);
    },
    async apply(changes, signal) {
      const outcomes: Outcome[] = [];
      // Changes of one record keep their order.
      const queues = Map.groupBy(changes.entries(), ([, change]) => keyOf(refOf(change)));
      await mapBounded([...queues.values()], WRITES, async (queue) => {
        for (const [at, change] of queue)
          outcomes[at] = signal.aborted ? notAttempted(change) : await write(change, tools, signal);
      });
      return outcomes;
    },
    renew: (records, signal) => mapBounded(records, WRITES, (record) => renew(record, tools, signal)),
  };
};
