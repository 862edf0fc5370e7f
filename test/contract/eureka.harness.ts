import { startEureka } from '../../local/eureka.ts';
import { plainSecret } from '../../shared/config/secret.ts';
import { createDirectory as createEurekaDirectory } from '../../shared/registries/eureka/directory.ts';
import { createRegistry as createEureka } from '../../shared/registries/eureka/index.ts';
import { inVirtualTime } from '../support/virtual-time.ts';
import { withoutFaults } from './contract.ts';
import type { Harness, Running } from './harness.ts';
import { uniqueName } from './instance.ts';

export interface EurekaHarness extends Harness {
  start(): Promise<EurekaRunning>;
}

const WARMING_UP = {
  'throws on 403 when listing or getting, which never means "nothing registered"':
    'a server that warms up answers 403, and its list is then unknown instead; eureka.test.ts says how',
};

export const eureka: EurekaHarness = {
  title: 'Eureka (simulated)',
  registry: 'eureka',
  skip: WARMING_UP,
  start: inVirtualTime(async () => {
    const server = await startEureka();
    return {
      ...over(server.url),
      inject: (fault) => server.faults.inject(fault),
      clearFaults: () => server.faults.clear(),
      writes: server.writes,
      inFlight: server.inFlight,
      stop: server.stop,
    };
  }),
};

/**
 * Servers that run already, as base URLs without a slash at the end; of several the last is the one
 * that the tests themselves ask. Their response caches are off
 * (`eureka.server.use-read-only-response-cache=false`).
 */
export const realEureka = (title: string, urls: () => readonly string[]): EurekaHarness => ({
  title,
  registry: 'eureka',
  skip: withoutFaults('a real server fails on no demand'),
  start: async () => over(...urls()),
});

export interface EurekaRunning extends Running {
  /** Base without a slash at the end. */
  readonly url: string;
}

const over = (...urls: readonly string[]): EurekaRunning => {
  const url = urls.at(-1) ?? '';
  const config = { urls: plainSecret(urls.map((one) => `${one}/`).join(',')) };
  const owner = uniqueName('owner');
  const registryFor = (of: string) => createEureka(config, { owner: of });
  const pathOf = ({ service, id }: { service: string; id: string }) =>
    `${url}/apps/${encodeURIComponent(service)}/${encodeURIComponent(id)}`;
  const planted: string[] = [];
  return {
    url,
    owner,
    cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/contract',
    registry: registryFor(owner),
    directory: createEurekaDirectory(config),
    registryFor,
    async plantForeign(record) {
      const response = await fetch(`${url}/apps/${encodeURIComponent(record.service)}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ instance: foreignInstance(record) }),
      });
      if (response.status !== 204) throw new Error(`planting ${record.id}: ${response.status}`);
      planted.push(pathOf(record));
    },
    foreignExists: async (record) =>
      (await fetch(pathOf(record), { headers: { accept: 'application/json' } })).status === 200,
    async stop() {
      for (const path of planted) await fetch(path, { method: 'DELETE' });
    },
  };
};

const foreignInstance = ({
  service,
  id,
  address,
  port,
}: Parameters<Running['plantForeign']>[0]) => ({
  instanceId: id,
  app: service.toUpperCase(),
  hostName: address,
  ipAddr: address,
  status: 'UP',
  port: { $: port, '@enabled': 'true' },
  vipAddress: service.toLowerCase(),
  dataCenterInfo: {
    '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
    name: 'MyOwn',
  },
});
