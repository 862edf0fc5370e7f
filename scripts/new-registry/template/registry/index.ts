import type { AcmeConfig } from '../../config/config.ts';
import type { Registry, RegistryOptions } from '../registry.ts';
import { type Connection, createClient } from './client.ts';
import { keyOf, refsOf } from './names.ts';
import { get, list } from './read.ts';
import { fitInstance } from './record.ts';
import { apply } from './write.ts';

/** To do: what a record is in Acme, and what is peculiar about it. */
export const createRegistry = (config: AcmeConfig, { owner, pulse }: RegistryOptions): Registry => {
  const connection: Connection = { client: createClient(config, pulse), owner };
  return {
    name: 'acme',
    waitsForHealth: false,
    key: keyOf,
    refs: refsOf,
    fit: fitInstance,
    list: (signal) => list(connection, signal),
    get: (refs, signal) => get(connection, refs, signal),
    apply: (changes, signal) => apply(connection, changes, signal),
  };
};
