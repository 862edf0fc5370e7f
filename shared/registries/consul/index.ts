import type { ConsulConfig } from '../../config/config.ts';
import type { Registry, RegistryOptions } from '../registry.ts';
import { type Connection, createClient } from './client.ts';
import { keyOf, refsOf } from './names.ts';
import { MAX_OWNER_BYTES, repair } from './nodes.ts';
import { get, list } from './read.ts';
import { fitInstance } from './record.ts';
import { apply } from './write.ts';

/**
 * Consul's catalog, written without an agent: a synthetic node per owner and cluster, and one
 * beside it for records that consul-esm probes; per record a service, and a check or two. Throws
 * for an owner that Consul cannot store whole, since owners are compared exactly.
 */
export const createRegistry = (
  config: ConsulConfig,
  { owner, pulse }: RegistryOptions,
): Registry => {
  if (Buffer.byteLength(owner) > MAX_OWNER_BYTES)
    throw new Error(
      `ROLLCALL_OWNER: expected at most ${MAX_OWNER_BYTES} bytes, since Consul holds no more`,
    );
  const connection: Connection = { client: createClient(config, pulse), owner };
  return {
    name: 'consul',
    waitsForHealth: false,
    key: keyOf,
    refs: refsOf,
    fit: fitInstance,
    list: (signal) => list(connection, signal),
    get: (refs, signal) => get(connection, refs, signal),
    apply: (changes, signal) => apply(connection, changes, signal),
    repair: (cluster, signal) => repair(connection, cluster, signal),
  };
};
