import type { ConsulConfig } from '../../config/config.ts';
import type { Target } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import { createClient, misread } from './client.ts';
import { createConsulDirectory } from './directory.ts';

const PARALLEL = 8;
const HIDDEN =
  'consul: the token may not read the whole catalog: it needs read on node_prefix "" and on service_prefix ""';

/**
 * All that the datacenter holds, whoever wrote it: one call for the names and one a service. Rejects where Consul says
 * that it hides something; servers before 1.11 hide it without a word.
 */
export const listCatalog = async (config: ConsulConfig, signal: AbortSignal): Promise<readonly Target[]> => {
  const { body, filtered } = await createClient(config).get('/v1/catalog/services', {}, signal);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw misread('an object of services');
  if (filtered) throw new Error(HIDDEN);
  const directory = createConsulDirectory(config);
  const found = await mapBounded(Object.keys(body), PARALLEL, (name) => directory.instances(name, signal));
  return found.flatMap((targets) => targets ?? []);
};
