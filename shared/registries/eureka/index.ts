import type { EurekaConfig } from '../../config/config.ts';
import type { Registry, RegistryOptions } from '../registry.ts';
import { type Connection, createClient, createDirtyClock } from './client.ts';
import { keyOf, refsOf } from './names.ts';
import { get, list } from './read.ts';
import { fitInstance } from './record.ts';
import { apply, renew } from './write.ts';

/**
 * Netflix Eureka, by its REST API. A record is an instance `APP/ID`, the application's name in
 * capitals as servers keep it; the service's own spelling stands in the VIP address. Records live
 * on leases of three minutes.
 */
export const createRegistry = (
  config: EurekaConfig,
  { owner, pulse }: RegistryOptions,
): Registry => {
  const client = createClient(config, pulse);
  const connection: Connection = { client, owner, clock: createDirtyClock() };
  return {
    name: 'eureka',
    waitsForHealth: false,
    staleLists: true,
    key: keyOf,
    refs: refsOf,
    fit: fitInstance,
    list: (signal) => list(connection, signal),
    get: (refs, signal) => get(connection, refs, signal),
    apply: (changes, signal) => apply(connection, changes, signal),
    renew: (records, signal) => renew(connection, records, signal),
  };
};
