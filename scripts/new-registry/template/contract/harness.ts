import { createDirectory } from '../../shared/registries/acme/directory.ts';
import { createRegistry } from '../../shared/registries/acme/index.ts';
import { inVirtualTime } from '../support/virtual-time.ts';
import type { Harness, Running } from './harness.ts';
import { uniqueName } from './instance.ts';

export const acme: Harness = {
  title: 'Acme (simulated)',
  registry: 'acme',
  start: inVirtualTime(async () => {
    const server = await startServer();
    return {
      ...over(server.url),
      inject: server.inject,
      clearFaults: server.clearFaults,
      writes: server.writes,
      inFlight: server.inFlight,
      plantForeign: server.plantForeign,
      foreignExists: server.foreignExists,
      stop: server.stop,
    };
  }),
};

type Server = Required<Pick<Running, 'inject' | 'clearFaults' | 'writes' | 'inFlight'>> &
  Pick<Running, 'plantForeign' | 'foreignExists' | 'stop'> & { readonly url: string };

/** To do: a simulated server (local/eureka.ts is one), with faults (local/faults.ts). */
const startServer = async (): Promise<Server> => {
  throw new Error('test/contract/acme.harness.ts: startServer is still to be written');
};

const over = (url: string) => {
  const owner = uniqueName('owner');
  const registryFor = (of: string) => createRegistry({ url }, { owner: of });
  return {
    owner,
    cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/contract' as const,
    registry: registryFor(owner),
    directory: createDirectory({ url }),
    registryFor,
  };
};
