import crypto from 'node:crypto';
import type { ConsulConfig } from '../../config/config.ts';
import { KEY, type Target } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import { slices } from '../../platform/slices.ts';
import type { Directory, ServiceTargets } from '../registry.ts';
import { byId } from '../targets.ts';
import {
  type ConsulClient,
  createClient,
  type JsonReply,
  type QueryParams,
  unexpectedJson,
} from './client.ts';
import { isAddressable } from './names.ts';
import { readProtocol } from './record.ts';
import type { WireHealthEntry } from './wire.ts';

const CONCURRENCY = 8;
const HIDDEN =
  'consul: the token may not read the catalog: it needs node_prefix "" and service_prefix "" read';
const PARTLY_HIDDEN =
  'consul: the token may not read the whole catalog: it needs read on node_prefix "" and on service_prefix ""';
const OWN = 'consul';
/** A blocking query ends before the client takes the server for dead. */
const HELD = '2s';
/** Matches nothing, so that the answer is the index alone. */
const NOTHING: QueryParams = { filter: 'Service.ID == ""' };
/**
 * What tells together of every change, each by its index: of services that come, go or are written
 * anew, and of health, without the checks themselves.
 */
const OF_ALL: readonly (readonly [path: string, query: QueryParams])[] = [
  ['/v1/catalog/services', {}],
  ['/v1/health/state/any', { filter: 'CheckID == ""' }],
];

/**
 * The whole catalog of the datacenter, whoever wrote it: one call for the names and one for each
 * service, since Consul has no cheaper one that shows checks and services together.
 */
export const createDirectory = (config: ConsulConfig): Directory => {
  const client = createClient(config);

  const read = async (service: string, query: QueryParams, signal: AbortSignal) => {
    const answer = await client.get(
      `/v1/health/service/${encodeURIComponent(service)}`,
      query,
      signal,
    );
    if (answer.filtered)
      throw new Error(
        `consul: the token may not read all of ${service}: it needs node and service read`,
      );
    return answer;
  };

  /**
   * By service, what was made of its last answer: the same bytes are not parsed again, which is
   * most of the work where little changes.
   */
  const known = new Map<string, { readonly digest: string; readonly targets: readonly Target[] }>();
  const readTargets = async (service: string, signal: AbortSignal) => {
    const answer = await read(service, {}, signal);
    // Several come together, each of some hundred kilobytes.
    if (slices.isOver()) await slices.next();
    const digest = crypto.hash('sha256', answer.bytes, 'base64url');
    const before = known.get(service);
    if (before?.digest === digest) return before.targets;
    const targets = entriesOf(answer).map(toTarget).sort(byId);
    if (targets.length > 0) known.set(service, { digest, targets });
    return targets;
  };

  /** Servers before 1.11 answer a token without rights as if nothing were registered. */
  const mustBeReadable = async (signal: AbortSignal) => {
    if (holdsItself(config) && entriesOf(await read(OWN, {}, signal)).length === 0)
      throw new Error(HIDDEN);
  };

  const instances = async (
    service: string,
    signal: AbortSignal,
  ): Promise<readonly Target[] | undefined> => {
    if (!isAddressable(service)) return undefined;
    const targets = await readTargets(service, signal);
    if (targets.length > 0) return targets;
    // Consul answers the same for a service that was never there and for one that has no instance
    // left.
    await mustBeReadable(signal);
    return undefined;
  };

  const everything = async (signal: AbortSignal): Promise<readonly ServiceTargets[]> => {
    const all = await fetchServiceNames(client, signal);
    const names = all.names.filter(isAddressable).sort();
    if (names.length === 0 && (all.filtered || holdsItself(config))) throw new Error(HIDDEN);
    const found = await mapBounded(names, CONCURRENCY, async (name) => {
      return { name, targets: await readTargets(name, signal) };
    });
    const there = new Set(names);
    for (const name of known.keys()) if (!there.has(name)) known.delete(name);
    // The token may read the services, but none of their nodes.
    if (names.length > 0 && found.every(({ targets }) => targets.length === 0))
      throw new Error(HIDDEN);
    return found;
  };

  /** All indexes are of one counter: the highest that was seen is what both are asked with. */
  const changedAnywhere = async (since: string, signal: AbortSignal): Promise<string> => {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const asked = OF_ALL.map(async ([path, query]) =>
      indexOf(await client.get(path, { ...query, index: since, wait: HELD }, either)),
    );
    const moved = asked.map(async (one) => {
      if (Number(await one) > Number(since)) return one;
      throw new Error('unchanged');
    });
    try {
      return await Promise.any(moved);
    } catch {
      return String(Math.max(...(await Promise.all(asked)).map(Number)));
    } finally {
      over.abort();
    }
  };

  return {
    name: 'consul',
    instances,
    everything,
    async changed(service, since, signal) {
      if (service === undefined) return changedAnywhere(since, signal);
      return indexOf(await read(service, { ...NOTHING, index: since, wait: HELD }, signal));
    },
  };
};

const entriesOf = ({ body }: JsonReply): readonly WireHealthEntry[] => {
  if (!Array.isArray(body)) throw unexpectedJson('a list of service instances');
  return body;
};

/** Of an answer of Consul's own: a proxy's page is no JSON, and throws. */
const indexOf = ({ body, index }: JsonReply): string => {
  if (typeof body !== 'object') throw unexpectedJson('a list');
  return index;
};

/**
 * In the default namespace and partition Consul's own service always exists: a token that does not
 * see it lacks rights.
 */
const holdsItself = ({ namespace, partition }: ConsulConfig) => !namespace && !partition;

/**
 * Healthy as Consul's `?passing` has it: every check of service and node passes; no check at all is
 * healthy.
 */
const toTarget = ({ Node, Service, Checks }: WireHealthEntry): Target => {
  const metadata = Service.Meta ?? {};
  return {
    id: Service.ID,
    service: Service.Service,
    address: Service.Address || Node.Address,
    port: Service.Port,
    protocol: readProtocol(Service),
    healthy: (Checks ?? []).every(({ Status }) => Status === 'passing'),
    zone: metadata[KEY.zone] ?? null,
    weight: Service.Weights?.Passing ?? 1,
    tags: [...(Service.Tags ?? [])].sort(),
    metadata,
  };
};

/**
 * All records of the datacenter, whoever wrote them: one call for the names and one for each
 * service. Rejects where Consul says that it left something out, or where nothing is left at all.
 */
export const listCatalog = async (
  config: ConsulConfig,
  signal: AbortSignal,
): Promise<readonly Target[]> => {
  const { names, filtered } = await fetchServiceNames(createClient(config), signal);
  if (filtered) throw new Error(PARTLY_HIDDEN);
  if (names.length === 0 && holdsItself(config)) throw new Error(HIDDEN);
  const directory = createDirectory(config);
  const found = await mapBounded(names, CONCURRENCY, (name) => directory.instances(name, signal));
  return found.flatMap((targets) => targets ?? []);
};

const fetchServiceNames = async (client: ConsulClient, signal: AbortSignal) => {
  const { body, filtered } = await client.get('/v1/catalog/services', {}, signal);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw unexpectedJson('an object of services');
  return { names: Object.keys(body), filtered };
};
