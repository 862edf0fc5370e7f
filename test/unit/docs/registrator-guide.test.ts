import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { Policy } from '../../../local/consul/acl.ts';
import { startConsul } from '../../../local/consul.ts';
import { plainSecret } from '../../../shared/config/secret.ts';
import type { Target } from '../../../shared/model/registration.ts';
import { listCatalog } from '../../../shared/registries/consul/directory.ts';
import { compare } from '../../../shared/sync/admin/compare.ts';
import { toParityAnswer } from '../../../shared/sync/admin/parity-answer.ts';
import { recordOf } from '../sync/fakes.ts';
import { fencesOf } from './fences.ts';

const PAGE = resolve(import.meta.dirname, '../../../docs/migrating-from-registrator.md');

/** The first block of a language. */
const shown = async (wanted: string) =>
  fencesOf(await readFile(PAGE, 'utf8')).find(({ language }) => language === wanted)?.text ?? '';

const held = (id: string, service: string, place: string, more: Partial<Target> = {}): Target => {
  const [address = '', number = ''] = place.split(':');
  const common = {
    protocol: 'tcp',
    healthy: true,
    zone: null,
    weight: 1,
    tags: [],
    metadata: {},
  } as const;
  return { ...common, id, service, address, port: Number(number), ...more };
};

test('the page shows what parity answers', async () => {
  const rows = compare(
    [
      held('consul', 'consul', '10.0.0.5:8300'),
      held('ip-10-1-0-10:ecs-agent:51678', 'amazon-ecs-agent', '10.1.0.10:51678'),
      held('h:web:80', 'web', '10.1.0.10:32768', { tags: ['prod'], metadata: { region: 'eu' } }),
      held('h:web:80', 'web', '10.1.0.20:32770'),
    ],
    [
      recordOf('a', { address: '10.1.0.10', port: 32768 }),
      recordOf('b', { address: '10.1.0.20', port: 32770 }),
      recordOf('c', { service: 'api', address: '10.0.1.17', port: 8080 }),
    ],
  );
  const { text } = toParityAnswer({ profile: 'registrator', rows, skips: [], unread: [] });
  expect(await shown('text')).toBe(`${text}\n`);
});

test('the rights on the page let parity see everything; without the last line nothing of Registrator’s', async () => {
  const lines = (await shown('hcl')).trim().split('\n');
  expect(lines).toHaveLength(3);
  const tokens = {
    root: { node: { '': 'write' }, service: { '': 'write' } },
    whole: toPolicy(lines),
    less: toPolicy(lines.slice(0, 2)),
  } as const;
  const server = await startConsul({ acl: { tokens } });
  const seenBy = async (token: keyof typeof tokens) => {
    const config = { addresses: [server.url], token: plainSecret(token) };
    const found = await listCatalog(config, new AbortController().signal);
    return found.map(({ id }) => id);
  };
  try {
    await fetch(`${server.url}/v1/catalog/register`, {
      method: 'PUT',
      headers: { 'x-consul-token': 'root' },
      body: JSON.stringify({
        Node: 'h',
        Address: '10.0.0.1',
        Service: { ID: 'h:web:80', Service: 'web' },
      }),
    });
    expect(await seenBy('whole')).toContain('h:web:80');
    await expect(seenBy('less')).rejects.toThrow('the token may not read the catalog');
  } finally {
    await server.stop();
  }
});

/** Lines such as `node_prefix "x" { policy = "read" }`. */
const toPolicy = (lines: readonly string[]): Policy => {
  const rules = lines.map((line) =>
    /^(node|service)_prefix "(.*)" \{ policy = "(read|write)" \}$/.exec(line),
  );
  const of = (kind: string) =>
    Object.fromEntries(
      rules.flatMap((rule) =>
        rule?.[1] === kind ? [[rule[2], rule[3] === 'write' ? 'write' : 'read'] as const] : [],
      ),
    );
  return { node: of('node'), service: of('service') };
};
