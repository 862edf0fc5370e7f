import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ConsulServer,
  createToken,
  LEAST_PRIVILEGE,
  leaderOf,
  startConsul,
  startConsulServers,
} from '../../scripts/real/consul.ts';
import { plainSecret } from '../../shared/config/secret.ts';
import { createDirectory as createConsulDirectory } from '../../shared/registries/consul/directory.ts';
import { createRegistry as createConsul } from '../../shared/registries/consul/index.ts';
import { behaviour } from '../contract/consul.behaviour.ts';
import { realConsulHarness } from '../contract/consul.harness.ts';
import { contract } from '../contract/contract.ts';
import { instanceFor } from '../contract/instance.ts';
import { expectWritten, quiet, removals, upserts } from '../contract/stage.ts';
import { continueThrough } from './loss.ts';

/** Everything that is held against a real Consul, of whatever version. */
export const consulSuite = (title: string, binary: string): void => {
  describe(title, () => {
    describe('a server alone', () => {
      let server: ConsulServer;
      beforeAll(async () => {
        server = await startConsul(binary);
      });
      afterAll(() => server?.stop());
      const harness = realConsulHarness('without ACLs', () => ({ addresses: [server.url] }));
      contract(harness);
      behaviour(harness);
    });

    describe('a server with ACLs', () => {
      let server: ConsulServer;
      let token: string;
      beforeAll(async () => {
        server = await startConsul(binary, { acl: true });
        token = await createToken(server, LEAST_PRIVILEGE);
      });
      afterAll(() => server?.stop());
      const harness = realConsulHarness('asked with no more rights than Rollcall needs', () => ({
        addresses: [server.url],
        token: plainSecret(token),
        ...(server.token && { management: server.token }),
      }));
      contract(harness);
      behaviour(harness);
      describe('asked with fewer rights', () => hiddenRecords(() => server));
    });

    describe('three servers, one of which is lost', () => {
      let servers: readonly ConsulServer[] = [];
      beforeAll(async () => {
        servers = await startConsulServers(binary, 3);
      });
      afterAll(() => Promise.all(servers.map((server) => server.stop())));

      test('are written to and read throughout, when it is the leader', async () => {
        const owner = `owner-${crypto.randomUUID()}`;
        const lost = await leaderOf(servers);
        // Asked first, so that its loss is felt.
        servers = [lost, ...servers.filter((server) => server !== lost)];
        const registry = createConsul({ addresses: servers.map(({ url }) => url) }, { owner });
        await continueThrough({ registry, owner, lose: lost.kill });
      });

      contract(
        realConsulHarness('the two that are left', () => ({
          addresses: servers.map(({ url }) => url),
        })),
      );
    });
  });
};

/** Consul answers a reader without rights with fewer records, not with a refusal. */
const hiddenRecords = (server: () => ConsulServer): void => {
  const owner = `owner-${crypto.randomUUID()}`;
  const cluster = 'arn:aws:ecs:eu-west-1:123456789012:cluster/hidden';
  const registryWith = async (rules: string) => {
    const token = plainSecret(await createToken(server(), rules));
    return createConsul({ addresses: [server().url], token }, { owner });
  };
  beforeAll(async () => {
    const registry = await registryWith(LEAST_PRIVILEGE);
    const { records } = registry.fit(instanceFor({ owner, cluster }));
    expectWritten(await registry.apply(upserts(records), quiet()));
    expect((await registry.list(quiet())).records).toHaveLength(1);
  });

  test.each([
    ['none at all', ''],
    ['those to read services', 'service_prefix "" { policy = "read" }'],
    ['those to write services', 'service_prefix "" { policy = "write" }'],
    [
      'those to other nodes',
      'node_prefix "other-" { policy = "write" } service_prefix "" { policy = "write" }',
    ],
  ])('a list is unknown, never empty, for a token with these rights: %s', async (_, rules) => {
    const registry = await registryWith(rules);
    expect(await registry.list(quiet())).toEqual({
      records: [],
      unknown: expect.stringContaining('node_prefix "rollcall-"'),
    });
  });

  test('a list is unknown for a token that may read our nodes and none of the services on them', async () => {
    const registry = await registryWith('node_prefix "rollcall-" { policy = "write" }');
    expect(await registry.list(quiet())).toEqual({ records: [], unknown: expect.any(String) });
  });

  test('a list is empty, and known to be, once the last record is removed', async () => {
    const emptied = `owner-${crypto.randomUUID()}`;
    const token = plainSecret(await createToken(server(), LEAST_PRIVILEGE));
    const registry = createConsul({ addresses: [server().url], token }, { owner: emptied });
    const { records } = registry.fit(instanceFor({ owner: emptied, cluster }));
    expectWritten(await registry.apply(upserts(records), quiet()));
    expectWritten(await registry.apply(removals(records), quiet()));
    expect(await registry.list(quiet())).toEqual({ records: [] });
  });

  test.each([
    ['none at all', ''],
    ['those to read nodes', 'node_prefix "" { policy = "read" }'],
    ['those to read services', 'service_prefix "" { policy = "read" }'],
  ])(
    'the directory is unknown, never empty, for a token with these rights: %s',
    async (_, rules) => {
      const token = plainSecret(await createToken(server(), rules));
      const directory = createConsulDirectory({ addresses: [server().url], token });
      await expect(directory.everything(quiet())).rejects.toThrow(/the token may not read/);
      await expect(directory.instances('web', quiet())).rejects.toThrow(/the token may not read/);
    },
  );

  test('nothing is read or written with a token that Consul does not know', async () => {
    const token = plainSecret(crypto.randomUUID());
    const registry = createConsul({ addresses: [server().url], token }, { owner });
    const { records } = registry.fit(instanceFor({ owner, cluster }));
    await expect(registry.list(quiet())).rejects.toThrow(/403.*ACL not found/);
    await expect(registry.get(records, quiet())).rejects.toThrow(/403.*ACL not found/);
    expect(await registry.apply(upserts(records), quiet())).toMatchObject([{ status: 'refused' }]);
  });
};
