import { afterAll, beforeAll, describe } from 'vitest';
import {
  type ConsulServer,
  createToken,
  debianConsul,
  LEAST_PRIVILEGE,
  startConsul,
} from '../../scripts/real/consul.ts';
import { plainSecret } from '../../shared/config/secret.ts';
import { realConsulHarness } from '../contract/consul.harness.ts';
import { contract } from '../contract/contract.ts';
import { withReal } from './real.ts';

await withReal('Consul', debianConsul, (binary) => {
  describe('a server without ACLs', () => {
    let server: ConsulServer;
    beforeAll(async () => {
      server = await startConsul(binary);
    });
    afterAll(() => server?.stop());
    contract(realConsulHarness('Consul', () => ({ addresses: [server.url] })));
  });

  describe('a server with ACLs, asked with the least rights that the documentation names', () => {
    let server: ConsulServer;
    let token: string;
    beforeAll(async () => {
      server = await startConsul(binary, { acl: true });
      token = await createToken(server, LEAST_PRIVILEGE);
    });
    afterAll(() => server?.stop());
    contract(
      realConsulHarness('Consul', () => ({
        addresses: [server.url],
        token: plainSecret(token),
        ...(server.token && { management: server.token }),
      })),
    );
  });
});
