import { afterAll, beforeAll, describe } from 'vitest';
import { type EurekaServer, eurekaClassPath, startEureka } from '../../scripts/real/eureka.ts';
import { contract } from '../contract/contract.ts';
import { behaviour } from '../contract/eureka.behaviour.ts';
import { realEureka } from '../contract/eureka.harness.ts';
import { serverFacts } from '../contract/eureka.server-facts.ts';
import { withReal } from './real.ts';

await withReal('Eureka', eurekaClassPath, (classPath) => {
  describe('a server alone', () => {
    let server: EurekaServer;
    beforeAll(async () => {
      server = await startEureka(classPath, {
        'eureka.server.use-read-only-response-cache': false,
      });
    });
    afterAll(() => server?.stop());
    const harness = realEureka('Eureka', () => [server.url]);
    contract(harness);
    behaviour(harness);
    serverFacts(harness);
  });
});
