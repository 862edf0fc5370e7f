import type { AcmeConfig } from '../../config/config.ts';
import { KEY, type Registration, type Target } from '../../model/registration.ts';
import type { Directory, ServiceTargets } from '../registry.ts';
import { byId, readWeight } from '../targets.ts';
import { createClient } from './client.ts';
import { fetchRecords } from './read.ts';
import { toRecord } from './record.ts';

/**
 * Acme as clients see it. To do: where the server answers one service alone, ask for that in
 * `instances`.
 */
export const createDirectory = (config: AcmeConfig): Directory => {
  const client = createClient(config);
  const everything = async (signal: AbortSignal): Promise<readonly ServiceTargets[]> => {
    const records = (await fetchRecords(client, signal)).map(toRecord);
    return [...Map.groupBy(records, ({ service }) => service)]
      .map(([name, group]) => ({ name, targets: group.map(toTarget).sort(byId) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  return {
    name: 'acme',
    everything,
    instances: async (service, signal) =>
      (await everything(signal)).find(({ name }) => name === service)?.targets,
  };
};

const toTarget = ({
  id,
  service,
  address,
  port,
  protocol,
  health,
  tags,
  metadata,
}: Registration): Target => ({
  id,
  service,
  address,
  port,
  protocol,
  healthy: health === 'healthy',
  zone: metadata[KEY.zone] ?? null,
  weight: readWeight(metadata),
  tags,
  metadata,
});
