import type { CloudMapConfig } from '../../config/config.ts';
import { withThrottleRetry } from '../../platform/aws/throttle-retry.ts';
import type { RegistryOptions } from '../registry.ts';
import { type CloudMapClient, createClient, withPromptAbort } from './client.ts';
import { createListCache, type ListCache } from './list-cache.ts';
import { createNamespaceReader, type NamespaceReader } from './namespace.ts';
import { createServiceReader, type ListAge, type Service, type ServiceReader } from './services.ts';

/** What every read needs: the client, and what it knows of namespace and services. */
export interface ReadConnection {
  readonly client: CloudMapClient;
  readonly namespaces: NamespaceReader;
  /** Its `forget` forgets the namespace too. */
  readonly services: ServiceReader;
}

/** What every read and write needs. */
export interface Connection extends ReadConnection {
  /** The tag's value of services that are created here. */
  readonly owner: string;
  readonly dns: CloudMapConfig['dns'];
  readonly listCache: ListCache;
  /** Services that are being created now, by name in lower case. */
  readonly creating: Map<string, Promise<Service>>;
  /** Services for which the warning that they have no custom health was given. */
  readonly healthless: Set<string>;
}

export interface ConnectionOptions extends RegistryOptions {
  /** Default: one for region, credentials and endpoint of the environment. */
  readonly client?: CloudMapClient;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * How long, in work in bulk, a list of services may prove that a name does not exist, in
 * milliseconds.
 */
const BULK_FRESH_MS = 5_000;

export const connect = (config: CloudMapConfig, options: ConnectionOptions): Connection => {
  const { owner, throttleRetry, now = Date.now } = options;
  const given = options.client ?? createClient(options.pulse);
  const client = throttleRetry ? withThrottleRetry(given) : withPromptAbort(given);
  const freshness = { milliseconds: throttleRetry ? BULK_FRESH_MS : 0, now };
  return {
    ...connectReader(client, config, freshness),
    owner,
    dns: config.dns,
    listCache: createListCache(now),
    creating: new Map(),
    healthless: new Set(),
  };
};

export const connectReader = (
  client: CloudMapClient,
  config: CloudMapConfig,
  freshness?: ListAge,
): ReadConnection => {
  const namespaces = createNamespaceReader(client, config);
  const reader = createServiceReader(client, namespaces, freshness);
  const forget = () => {
    reader.forget();
    namespaces.forget();
  };
  return { client, namespaces, services: { ...reader, forget } };
};
