import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ConsulServer,
  createToken,
  debianConsul,
  startConsul,
} from '../../scripts/real/consul.ts';
import { plainSecret } from '../../shared/config/secret.ts';
import type { Registration } from '../../shared/model/registration.ts';
import { listCatalog } from '../../shared/registries/consul/directory.ts';
import { createRegistry as createConsul } from '../../shared/registries/consul/index.ts';
import { compare } from '../../shared/sync/admin/compare.ts';
import { expectWritten, quiet, upserts } from '../contract/stage.ts';
import { register, toAgentCheck } from '../support/registrator.ts';
import { OWNER } from '../unit/derive/builders.ts';
import {
  deriveGiven,
  FLAGS,
  type Given,
  published,
  toInspected,
} from '../unit/derive/registrator/stage.ts';
import { fencesOf } from '../unit/docs/fences.ts';
import { withReal } from './real.ts';

const GIVEN: Given = {
  labels: { SERVICE_TAGS: 'blue,v\\,7', SERVICE_TEAM: 'shop', SERVICE_80_CHECK_TCP: '1' },
  env: { SERVICE_REVISION: '7' },
  ports: [published(80), published(53, 'udp')],
};

/**
 * The move of docs/migrating-from-registrator.md, with the rights and the pattern of ids that stand
 * there.
 */
const moving = (binary: string) =>
  describe('a move from Registrator at a real Consul', () => {
    let server: ConsulServer;
    let page: string;
    let token: string;
    let planned: readonly Registration[];
    const connected = () => ({ addresses: [server.url], token: plainSecret(token) });
    const registry = () => createConsul(connected(), { owner: OWNER });
    const kinds = async () => {
      const rows = compare(await listCatalog(connected(), quiet()), planned);
      return rows.map(({ kind }) => kind).filter((kind) => kind !== 'other');
    };

    beforeAll(async () => {
      server = await startConsul(binary, { acl: true });
      page = await readFile(
        resolve(import.meta.dirname, '../../docs/migrating-from-registrator.md'),
        'utf8',
      );
      const rights = fencesOf(page).find(({ language }) => language === 'hcl');
      token = await createToken(server, rights?.text ?? '');
      planned = deriveGiven(GIVEN).instances.flatMap((one) => registry().fit(one).records);
      for (const service of register(toInspected(GIVEN), FLAGS)) {
        const check = toAgentCheck(service);
        await agent(server, 'service/register', {
          ID: service.id,
          Name: service.name,
          Address: service.address,
          Port: service.port,
          Tags: service.tags,
          Meta: service.attributes,
          ...(check && { Check: { TCP: check.target, Interval: check.interval } }),
        });
      }
    });
    afterAll(() => server?.stop());

    test('shows parity, lets both write, and ends with Rollcall’s records alone', async () => {
      expect(await kinds()).toEqual(['same', 'same']);
      expectWritten(await registry().apply(upserts(planned), quiet()));
      expect(await kinds()).toEqual(['same', 'same']);

      const [, pattern = ''] = /test\("(.+?)"\)/.exec(page) ?? [];
      const ids = Object.keys(await agent(server, 'services'));
      const registrators = ids.filter((id) => new RegExp(pattern).test(id));
      expect(registrators).toHaveLength(2);
      for (const id of registrators)
        await agent(server, `service/deregister/${encodeURIComponent(id)}`);
      await expect.poll(kinds, { timeout: 20_000 }).toEqual(['added', 'added']);
      const { records } = await registry().list(quiet());
      expect(records).toHaveLength(2);
    });
  });

/** The local agent's API, which Registrator uses. */
const agent = async ({ url, token = '' }: ConsulServer, path: string, body?: object) => {
  const reply = await fetch(`${url}/v1/agent/${path}`, {
    method: path === 'services' ? 'GET' : 'PUT',
    headers: { 'x-consul-token': token },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  expect(reply.status, text).toBe(200);
  return text === '' ? {} : JSON.parse(text);
};

await withReal('Consul 1.8.7', debianConsul, moving);
