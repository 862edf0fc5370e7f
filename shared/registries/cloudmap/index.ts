import type { CloudMapConfig } from '../../config/config.ts';
import type { Registry } from '../registry.ts';
import { type ConnectionOptions, connect } from './connection.ts';
import { keyOf, refsOf } from './names.ts';
import { follow } from './operations.ts';
import { removeEmptyServices } from './own-services.ts';
import { get, list } from './read.ts';
import { fitInstance } from './record.ts';
import { apply } from './write.ts';

/**
 * AWS Cloud Map. A write is accepted first and in force later: `pending`, with the operation to
 * follow.
 */
export const createRegistry = (config: CloudMapConfig, options: ConnectionOptions): Registry => {
  const connection = connect(config, options);
  const { dns } = config;
  return {
    name: 'cloudmap',
    waitsForHealth: true,
    key: keyOf,
    refs: (identity) => refsOf(identity, dns),
    fit: (instance) => fitInstance(instance, dns),
    list: (signal) => list(connection, signal),
    get: (refs, signal) => get(connection, refs, signal),
    apply: (changes, signal) => apply(connection, changes, signal),
    follow: (operations, signal) => follow(connection, operations, signal),
    removeEmptyServices: (signal) => removeEmptyServices(connection, signal),
  };
};
