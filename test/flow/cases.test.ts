import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { rollcall } from '../support/rollcall.ts';

const FOLDER = new URL('../fixtures/cases/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

interface Right {
  /** `NAME at ADDRESS:PORT`, all that would be registered. */
  readonly registered: readonly string[];
  /** What is said besides: reasons, metadata. */
  readonly told?: readonly string[];
}

const WITHOUT_SERVICE = 'left out (not-of-service): no task of an ECS service';
const STOPPED =
  'left out (container-stopped): container adminer, port 9000/tcp: its container has stopped';

/** By file: what is right, and why, stands in `test/fixtures/cases/README.md`. */
const RIGHT: Readonly<Record<string, Right>> = {
  'datadog-firelens-envoy.json': {
    registered: [
      'basket at 10.9.1.8:8080',
      'basket-datadog-agent-8125 at 10.9.1.8:8125',
      'basket-datadog-agent-8126 at 10.9.1.8:8126',
    ],
    told: [
      'left out (sidecar): container envoy, port 9901/tcp: the definition makes its container the proxy',
      'left out (sidecar): container log_router, port 24224/tcp: the definition makes its container the log router',
    ],
  },
  'external-host.json': {
    registered: ['basket at 192.168.7.7:32900'],
    told: ['EC2_INSTANCE_ID=mi-0123456789abcdef0'],
  },
  'ipv6-only.json': { registered: ['basket at [2600:1f16:12:3400::5]:8080'] },
  'no-sidecar.json': { registered: ['basket at 10.9.1.7:8080'] },
  'public-host.json': { registered: ['basket at 198.51.100.7:32990'] },
  'public-task.json': {
    registered: [],
    told: [
      'Assumed: eni-0123456789abcdef0 has no public address',
      'left out (no-address): container app, port 8080/tcp: no public IPv4 address is known',
    ],
  },
  'public-task-with-interface.json': { registered: ['basket at 198.51.100.31:8080'] },
  'range-100.json': {
    registered: ['basket at 10.9.1.43:21', 'basket-8000 at 10.9.1.43:8000'],
    told: [' PORT_RANGE=8000-8099'],
  },
  'range-1000-alone.json': {
    registered: ['basket at 10.9.1.14:40000'],
    told: [' PORT_RANGE=40000-40999'],
  },
  'range-1000-awsvpc.json': {
    registered: ['basket at 10.9.1.14:8080', 'basket-40000 at 10.9.1.14:40000'],
    told: [' PORT_RANGE=40000-40999'],
  },
  'range-1000-bridge.json': {
    registered: ['basket at 10.9.0.21:32768', 'basket-40000 at 10.9.0.21:49152'],
    told: [' PORT_RANGE=40000-40999', ' HOST_PORT_RANGE=49152-50151'],
  },
  'range-101-alone.json': {
    registered: ['basket at 10.9.1.43:8000'],
    told: [' PORT_RANGE=8000-8100'],
  },
  'range-101.json': {
    registered: ['basket at 10.9.1.43:21', 'basket-8000 at 10.9.1.43:8000'],
    told: [' PORT_RANGE=8000-8100'],
  },
  'run-task-by-family.json': { registered: [], told: [WITHOUT_SERVICE] },
  'run-task-by-label.json': { registered: [], told: [WITHOUT_SERVICE] },
  'same-port-in-two-containers.json': {
    registered: ['basket at 10.9.0.21:32770', 'basket-backoffice-80 at 10.9.0.21:32771'],
    told: ['container storefront, port 80/tcp: chosen by order to be basket'],
  },
  'stopped-container-awsvpc.json': { registered: ['basket at 10.9.1.5:8080'], told: [STOPPED] },
  'stopped-container-bridge.json': { registered: ['basket at 10.9.0.21:32768'], told: [STOPPED] },
  'stopped-container-with-check.json': {
    registered: ['basket at 10.9.1.5:8080'],
    told: [STOPPED, 'health healthy'],
  },
  'task-set-blue.json': {
    registered: ['basket at 10.9.1.16:8080'],
    told: ['ROLLCALL_DEPLOYMENT=ecs-svc/1111', 'ROLLCALL_REVISION=7'],
  },
  'task-set-green.json': {
    registered: ['basket at 10.9.1.17:8080'],
    told: ['ROLLCALL_DEPLOYMENT=ecs-svc/2222', 'ROLLCALL_REVISION=8'],
  },
  'xray-daemon-ignored.json': { registered: ['basket at 10.9.1.7:8080'] },
  'xray-daemon.json': {
    registered: ['basket at 10.9.1.7:8080', 'basket-xray-2000 at 10.9.1.7:2000'],
  },
};

const previewed = async (file: string) => {
  const { exit, out, err } = await rollcall(['preview', fileURLToPath(new URL(file, FOLDER))]);
  return { exit, said: `${out}${err}`.split('\n') };
};

/** `basket at 10.9.1.7:8080` of `would register basket at 10.9.1.7:8080 in consul: …`. */
const registeredIn = (said: readonly string[]) =>
  said.flatMap((line) => /^would register (.*?) in /.exec(line)?.[1] ?? []).sort();

describe('a case from a report', () => {
  it.each(FILES)('%s', async (file) => {
    const { exit, said } = await previewed(file);
    const registered = RIGHT[file]?.registered ?? [];
    expect(exit, said.join('\n')).toBe(registered.length > 0 ? 0 : 1);
    expect(registeredIn(said)).toEqual(registered);
    for (const text of RIGHT[file]?.told ?? []) expect(said.join('\n')).toContain(text);
  });

  it('is in the list of situations, each and no other', () => {
    const list = readFileSync(new URL('README.md', FOLDER), 'utf8');
    const rows = list.split('\n').filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([\w-]+)`/g)].map(([, name]) => `${name}.json`),
    );
    expect(named.sort()).toEqual(FILES.toSorted());
    expect(Object.keys(RIGHT).sort()).toEqual(FILES.toSorted());
  });
});
