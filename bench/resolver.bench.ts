import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Bench, type Figure, median } from './figure.ts';
import { fillConsul, fleet, startedAnew } from './resolver/fleet.ts';
import { type Measured, measure, memoryOf } from './resolver/load.ts';
import {
  modelConsul,
  type Peer,
  realConsul,
  realEureka,
  startBytes,
  startResolver,
} from './resolver/servers.ts';

const HERE = fileURLToPath(new URL('..', import.meta.url));
/** Another state of the project, which is measured in the same run: to tell before from after. */
const BESIDE = process.env['ROLLCALL_BENCH_BESIDE'];

const CONNECTIONS = [16, 64];
/** Odd, so that the median is one that was measured. */
const ROUNDS = 3;
const SECONDS = 1;

const GZIP = { 'accept-encoding': 'gzip' };
const JSON_GZIP = { ...GZIP, accept: 'application/json' };
const XML_GZIP = { ...GZIP, accept: 'application/xml' };

/** What is asked, and of which real server beside the resolver. */
interface Case {
  readonly name: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly peer?: 'consul' | 'consulByToken' | 'eureka';
}

const CASES: readonly Case[] = [
  { name: 'resolve', path: '/resolve/ten-0' },
  { name: 'health, 10 instances', path: '/v1/health/service/ten-0?passing', peer: 'consul' },
  {
    name: 'health, 10 instances with a token',
    path: '/v1/health/service/ten-0?passing',
    peer: 'consulByToken',
  },
  { name: 'health, 100 instances', path: '/v1/health/service/hundred-0?passing', peer: 'consul' },
  { name: 'catalog/services', path: '/v1/catalog/services', peer: 'consul' },
  {
    name: 'catalog/services with a token',
    path: '/v1/catalog/services',
    peer: 'consulByToken',
  },
  { name: 'Eureka apps, JSON', path: '/eureka/apps', headers: JSON_GZIP, peer: 'eureka' },
  { name: 'Eureka apps, XML', path: '/eureka/apps', headers: XML_GZIP, peer: 'eureka' },
  { name: 'Eureka delta, JSON', path: '/eureka/apps/delta', headers: JSON_GZIP },
  { name: 'Eureka app, JSON', path: '/eureka/apps/ten-0', headers: JSON_GZIP, peer: 'eureka' },
  { name: 'Eureka app, XML', path: '/eureka/apps/ten-0', headers: XML_GZIP, peer: 'eureka' },
  { name: 'Prometheus', path: '/prometheus/sd', headers: GZIP },
];

/**
 * The resolver as a process beside what its clients asked before: a real Consul and a real Eureka,
 * where they can be had, with the same 1,110 instances, and a server that sends the finished answer
 * (`bytes`). They take turns, and only what is measured in one run compares: so most figures are
 * ratios. Delta has no peer, since a server that rests has nothing to tell there.
 */
export const resolver: Bench = async function* () {
  yield* besidePeers();
  yield* besideLargeAnswers();
  yield* memory();
};

const INSTANCES = [
  ...fleet(10, { perService: 10, name: 'ten' }),
  ...fleet(100, { perService: 100, name: 'hundred' }),
  ...fleet(1_000, { perService: 10, name: 'service' }),
];

const besidePeers = async function* (): AsyncGenerator<Figure> {
  const peers = {
    consul: await realConsul(INSTANCES),
    consulByToken: await realConsul(INSTANCES, { acl: true }),
    eureka: await realEureka(INSTANCES),
  };
  const source = peers.consul ?? (await modelConsul(INSTANCES));
  const ours = await startResolver(source.url, { folder: HERE });
  const byToken = await startResolver(source.url, { folder: HERE, byToken: true });
  const beside = BESIDE ? await startResolver(source.url, { folder: BESIDE }) : undefined;
  for (const one of CASES) {
    const isByToken = one.peer === 'consulByToken';
    const asked = isByToken ? byToken : ours;
    const bytes = await startBytes(asked.url + one.path, { ...asked.headers, ...one.headers });
    const candidates: Candidates = {
      ours: asked,
      bytes,
      peer: one.peer && peers[one.peer],
      ...(!isByToken && { beside }),
    };
    for (const connections of CONNECTIONS) yield* await compare(one, connections, candidates);
    await bytes.stop();
  }
  const started = [ours, byToken, beside, source, ...Object.values(peers)];
  await Promise.all([...new Set(started)].map((server) => server?.stop()));
};

type Candidates = Readonly<Record<string, Peer | undefined>>;

const compare = async (
  { name, path, headers }: Case,
  connections: number,
  candidates: Candidates,
): Promise<readonly Figure[]> => {
  const there = Object.entries(candidates).flatMap(([role, peer]) =>
    peer ? [{ role, peer }] : [],
  );
  const results = new Map(there.map(({ role }) => [role, [] as Measured[]]));
  const ask = (peer: Peer, seconds: number) =>
    measure({
      url: peer.url + path,
      headers: { ...peer.headers, ...headers },
      connections,
      seconds,
      pid: peer.pid,
    });
  // Once before it counts: everything is compiled and read.
  for (const { peer } of there) await ask(peer, 1);
  for (let round = 0; round < ROUNDS; round++)
    for (const { role, peer } of there) results.get(role)?.push(await ask(peer, SECONDS));
  const of = (role: string, key: keyof Measured) =>
    median((results.get(role) ?? []).map((one) => one[key]));
  const what = `${name}, ${connections} connections`;
  const ratios = there
    .filter(({ role }) => role !== 'ours')
    .flatMap(({ role }): readonly Figure[] => [
      {
        name: `${what}: requests, to ${role}`,
        value: of('ours', 'perSecond') / of(role, 'perSecond'),
        unit: 'times',
      },
      {
        name: `${what}: p99, to ${role}`,
        value: of('ours', 'p99') / of(role, 'p99'),
        unit: 'times',
      },
      {
        name: `${what}: cpu, to ${role}`,
        value: of('ours', 'cpu') / of(role, 'cpu'),
        unit: 'times',
      },
    ]);
  return [
    { name: `${what}: requests`, value: of('ours', 'perSecond'), unit: '/s' },
    { name: `${what}: p99`, value: of('ours', 'p99'), unit: 'ms' },
    { name: `${what}: cpu`, value: of('ours', 'cpu'), unit: 'µs' },
    ...ratios.filter(({ value }) => !Number.isNaN(value)),
  ];
};

/** Seconds that each of the two goes on. */
const WATCHED = 10;
const LARGE = ['/prometheus/sd', '/eureka/apps', '/v1/health/state/any'];

/**
 * How long others wait for one instance while another one changes each second, and a client fetches
 * all 10,000: of the same process, and of another one, which shows what the machine takes by
 * itself.
 */
const besideLargeAnswers = async function* (): AsyncGenerator<Figure> {
  const all = fleet(10_000, { perService: 100, name: 'service' });
  const source = (await realConsul(all)) ?? (await modelConsul(all));
  const ours = await startResolver(source.url, { folder: HERE });
  const another = await startResolver(source.url, { folder: HERE });
  const url = `${ours.url}/resolve/service-0`;
  const load = { url, connections: 16, seconds: WATCHED, pid: ours.pid };
  const change = (at: number) => fillConsul(source.url, startedAnew(all.slice(at, at + 1)));
  await measure({ ...load, seconds: 1 });
  const alone = await measure(load);
  const besideAnother = await whileFetched(another, change, () => measure(load));
  const beside = await whileFetched(ours, change, () => measure(load));
  await Promise.all([ours.stop(), another.stop()]);
  await source.stop();
  yield* [
    { name: 'resolve, alone: p99', value: alone.p99, unit: 'ms' },
    {
      name: 'resolve, beside 10,000 instances a second of another process: p99',
      value: besideAnother.p99,
      unit: 'ms',
    },
    { name: 'resolve, beside 10,000 instances a second: p99', value: beside.p99, unit: 'ms' },
  ];
};

/** Measures while each second something changes, and a client fetches all from a resolver. */
const whileFetched = async (
  from: Peer,
  change: (at: number) => Promise<void>,
  measuring: () => Promise<Measured>,
): Promise<Measured> => {
  // Once before it counts: everything is compiled and read.
  for (const path of LARGE) await take(from.url + path);
  let isOver = false;
  const fetchAll = async () => {
    for (let at = 0; !isOver; at++) {
      await change(at);
      await take(from.url + (LARGE[at % LARGE.length] ?? ''));
      await sleep(1_000);
    }
  };
  const fetching = fetchAll();
  const measured = await measuring();
  isOver = true;
  await fetching;
  return measured;
};

/** Unpacking an answer is its client's work, which is on another machine as a rule. */
const take = async (url: string) => {
  const [response] = await once(http.get(url, { headers: GZIP }), 'response');
  response.resume();
  await once(response, 'end');
};

/** Every path that gives everything, in each form. */
const EVERYTHING: readonly Pick<Case, 'path' | 'headers'>[] = [
  '/services',
  '/prometheus/sd',
  '/v1/catalog/services',
  '/v1/catalog/nodes',
  '/v1/health/state/any',
  '/eureka/apps',
].flatMap((path) => [
  { path, headers: JSON_GZIP },
  { path, headers: XML_GZIP },
]);

/** What a process holds that was asked for everything in every form, a few times. */
const memory = async function* (): AsyncGenerator<Figure> {
  for (const count of [1_000, 10_000]) {
    const all = fleet(count, { perService: 100, name: 'service' });
    const source = (await realConsul(all)) ?? (await modelConsul(all));
    const ours = await startResolver(source.url, { folder: HERE });
    for (let round = 0; round < 3; round++)
      for (const { path, headers } of EVERYTHING)
        await (await fetch(ours.url + path, headers && { headers })).arrayBuffer();
    const held = await memoryOf(ours.pid ?? 0);
    yield { name: `${count} instances: memory`, value: held / 1e6, unit: 'MB' };
    await ours.stop();
    await source.stop();
  }
};
