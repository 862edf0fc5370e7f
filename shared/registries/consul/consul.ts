import type { ConsulConfig } from '../../config/config.ts';
import type { Pulse } from '../../platform/http/pulse.ts';
import type { Registry } from '../registry.ts';
import { createClient } from './client.ts';
import { toKey, toServiceName } from './names.ts';
import { MAX_OWNER_BYTES, mendNode } from './nodes.ts';
import { getRecords, listRecords } from './read.ts';
import { fitInstance } from './record.ts';
import { applyChanges } from './write.ts';

/**
 * Consul's catalog, written without an agent: one synthetic node per owner and cluster, a service and a check per
 * record. Throws for an owner that Consul cannot store whole, since owners are compared exactly.
 */
export const createConsul = (
  config: ConsulConfig,
  { owner, pulse }: { readonly owner: string; readonly pulse?: Pulse },
): Registry => {
  if (Buffer.byteLength(owner) > MAX_OWNER_BYTES)
    throw new Error(`ROLLCALL_OWNER: expected at most ${MAX_OWNER_BYTES} bytes, since Consul holds no more`);
  const client = createClient(config, pulse);
  return {
    name: 'consul',
    waitsForHealth: false,
    key: toKey,
    refs: ({ service, id, cluster }) => [{ service: toServiceName(service), id, cluster }],
    fit: fitInstance,
    list: (scope, signal) => listRecords(client, scope.owner, signal),
    get: (refs, signal) => getRecords(client, { owner, refs }, signal),
    apply: (changes, signal) => applyChanges(changes, { client, owner, signal }),
    mend: (cluster, signal) => mendNode({ client, owner, cluster, signal }),
  };
};
