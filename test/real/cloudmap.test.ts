import {
  CreateHttpNamespaceCommand,
  DeleteServiceCommand,
  ListNamespacesCommand,
  ListServicesCommand,
  ServiceDiscoveryClient,
} from '@aws-sdk/client-servicediscovery';
import { afterEach } from 'vitest';
import { motoPython, startMoto } from '../../scripts/real/moto.ts';
import type { CloudMapConfig } from '../../shared/config/config.ts';
import { cloudMapOn } from '../contract/cloudmap.harness.ts';
import { contract, withoutFaults } from '../contract/contract.ts';
import type { Harness } from '../contract/harness.ts';
import { withReal } from './real.ts';

interface MotoHarness extends Harness {
  /**
   * For after each test: every listing asks for each service that tests left. moto deletes services
   * with records too.
   */
  deleteServices(): Promise<void>;
}

const CONFIG: CloudMapConfig = { namespace: 'test', dns: 'auto' };

/**
 * An HTTP namespace only: moto's private ones differ from AWS's before anything of ours is asked.
 */
const motoHarness = (python: string): MotoHarness => {
  let client: ServiceDiscoveryClient | undefined;
  return {
    title: 'Cloud Map (moto), an HTTP namespace',
    registry: 'cloudmap',
    skip: withoutFaults('moto cannot be made to fail'),
    async start() {
      const moto = await startMoto(python);
      client = clientOf(moto.url);
      const namespaceId = await createNamespace(client);
      return { ...cloudMapOn({ client, namespaceId }, CONFIG), stop: moto.stop };
    },
    async deleteServices() {
      const all = await client?.send(new ListServicesCommand({}));
      for (const { Id } of all?.Services ?? [])
        await client?.send(new DeleteServiceCommand({ Id }));
    },
  };
};

const clientOf = (endpoint: string) =>
  new ServiceDiscoveryClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    disableHostPrefix: true,
  });

const createNamespace = async (client: ServiceDiscoveryClient): Promise<string> => {
  await client.send(new CreateHttpNamespaceCommand({ Name: CONFIG.namespace }));
  const { Namespaces } = await client.send(new ListNamespacesCommand({}));
  const [{ Id } = {}] = Namespaces ?? [];
  if (!Id) throw new Error('moto made no namespace');
  return Id;
};

await withReal('moto', motoPython, (python) => {
  const harness = motoHarness(python);
  afterEach(() => harness.deleteServices());
  contract(harness);
});
