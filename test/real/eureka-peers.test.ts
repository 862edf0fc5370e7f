import { afterAll, beforeAll, describe, test } from 'vitest';
import { type EurekaServer, eurekaClassPath, startEurekaPeers } from '../../scripts/real/eureka.ts';
import { plainSecret } from '../../shared/config/secret.ts';
import { createRegistry as createEureka } from '../../shared/registries/eureka/index.ts';
import { contract } from '../contract/contract.ts';
import { realEureka } from '../contract/eureka.harness.ts';
import { continueThrough } from './loss.ts';
import { withReal } from './real.ts';

await withReal('Eureka, two peers', eurekaClassPath, (classPath) => {
  describe('two peers', () => {
    let servers: readonly EurekaServer[] = [];
    const urls = () => servers.map(({ url }) => url);
    beforeAll(async () => {
      servers = await startEurekaPeers(classPath, {
        'eureka.server.use-read-only-response-cache': false,
      });
    });
    afterAll(() => Promise.all(servers.map((server) => server.stop())));

    // Written at the first; the tests themselves ask the second, which has it from the first.
    contract(realEureka('both alive', urls));

    test('are written to, renewed at and read throughout, when the first is lost', async () => {
      const owner = `owner-${crypto.randomUUID()}`;
      const registry = createEureka({ urls: plainSecret(urls().join(',')) }, { owner });
      // A peer copies what it was told half a second later; what it had not copied goes with it.
      await continueThrough({
        registry,
        owner,
        lose: async () => servers[0]?.kill(),
        forgets: true,
      });
    });
  });
});
