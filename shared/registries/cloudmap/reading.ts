import type { Ref, Registration } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import { withHealth } from './attributes.ts';
import type { CloudMapClient } from './client.ts';
import { isNamed } from './errors.ts';
import { getInstance, type Healths, listHealth, listInstances } from './instances.ts';
import type { Service, ServiceReader } from './services.ts';

/** Of services, and of instances of each. */
const WIDTH = 4;
/** Above this many of one service, pages of 100 cost less than one call each. */
const FEW = 10;

interface ReadingParts {
  readonly client: CloudMapClient;
  readonly services: ServiceReader;
}

/** The named records as Cloud Map holds them now; what is absent is left out. */
export const getRecords = async (
  parts: ReadingParts,
  refs: readonly Ref[],
  signal: AbortSignal,
): Promise<readonly Registration[]> => {
  const byName = Map.groupBy(refs, ({ service }) => service.toLowerCase());
  const found = await mapBounded([...byName.values()], WIDTH, (same) =>
    withFreshIds(parts.services, () => getOfService(parts, same, signal)),
  );
  return found.flat();
};

/** Runs again once with nothing cached if what it works with was deleted, and perhaps made anew under another id. */
export const withFreshIds = async <T>(cache: { forget(): void }, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!isNamed(error, 'ServiceNotFound', 'NamespaceNotFound')) throw error;
    cache.forget();
    return work();
  }
};

const getOfService = async (
  { client, services }: ReadingParts,
  refs: readonly Ref[],
  signal: AbortSignal,
) => {
  const service = await services.find(refs[0]?.service ?? '', signal);
  if (!service) return [];
  const ids = new Set(refs.map(({ id }) => id));
  if (ids.size > FEW) {
    const records = (await listInstances(client, service, signal)).filter(({ id }) => ids.has(id));
    const healths = await listHealth(client, service, { signal });
    return records.map((record) => withHealth(record, service, healths.get(record.id)));
  }
  const records = await mapBounded([...ids], WIDTH, (id) => getInstance(client, { service, id }, signal));
  const present = records.filter((record) => record !== undefined);
  const healths = await healthOf(client, { service, records: present }, signal);
  return present.map((record) => withHealth(record, service, healths.get(record.id)));
};

interface Present {
  readonly service: Service;
  readonly records: readonly Registration[];
}

/** The call fails whole if one id is unknown to the health side, as one registered a moment ago is: then each alone. */
const healthOf = async (
  client: CloudMapClient,
  { service, records }: Present,
  signal: AbortSignal,
): Promise<Healths> => {
  const ids = records.map(({ id }) => id);
  if (ids.length === 0) return new Map();
  try {
    return await listHealth(client, service, { ids, signal });
  } catch (error) {
    if (!isNamed(error, 'InstanceNotFound')) throw error;
    if (ids.length === 1) return new Map();
    const alone = await mapBounded(records, WIDTH, (record) =>
      healthOf(client, { service, records: [record] }, signal),
    );
    return new Map(alone.flatMap((one) => [...one]));
  }
};
