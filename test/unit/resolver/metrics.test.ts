import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../../shared/resolver/routes.ts';
import { ask, directoryOf, fakeClock, resolverOver, secret, target } from './support.ts';

const PAGE = new URL('../../../docs/resolver-process.md', import.meta.url);
const WEB = { web: [target()] };

/** A line of Prometheus' text format that is no comment. */
const SAMPLE =
  /^(?<name>[a-z_]+)(?<labels>\{[a-z_]+="[^"\\\n]*"(?:,[a-z_]+="[^"\\\n]*")*\})? (?<value>\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

const setUp = (content: Parameters<typeof directoryOf>[0] = WEB) => {
  const { state, directory } = directoryOf(content);
  const clock = fakeClock();
  const resolver = resolverOver(directory, { now: clock.now, concurrency: 200 });
  const get = (path: string) => ask(resolver, `GET ${path}`);
  /** By name and labels. Fails where a line is not as the format has it. */
  const metrics = async () => {
    const { body } = await get('/metrics');
    const lines = body.trim().split('\n');
    const typed = lines.flatMap((line) => /^# TYPE (\S+) (?:counter|gauge)$/.exec(line)?.[1] ?? []);
    const samples = lines
      .filter((line) => !line.startsWith('#'))
      .map((line) => {
        const { name = '', labels = '', value } = SAMPLE.exec(line)?.groups ?? {};
        expect([line, typed.includes(name)]).toEqual([line, true]);
        return [name + labels, Number(value)] as const;
      });
    return Object.fromEntries(samples);
  };
  return { state, clock, get, metrics };
};

describe('GET /metrics', () => {
  it('counts requests by route and class of status, whatever was asked', async () => {
    const { get, metrics } = setUp();
    for (const path of ['/services/web', '/services/none', '/services/"x"', '/nothing', '/%zz'])
      await get(path);
    expect(await metrics()).toMatchObject({
      'rollcall_requests_total{route="/services/{name}",status="2xx"}': 1,
      'rollcall_requests_total{route="/services/{name}",status="4xx"}': 2,
      'rollcall_requests_total{route="",status="4xx"}': 2,
    });
  });

  it('has as many series as there are routes and classes, and no more', async () => {
    const { get, metrics } = setUp();
    for (let at = 0; at < 100; at++) await get(`/services/x${at}?tag=${at}`);
    const names = Object.keys(await metrics());
    expect(names.length).toBeLessThan(20);
    expect(ROUTES.every(({ path }) => !path.includes('"'))).toBe(true);
  });

  it('tells of the registry, and of what is kept', async () => {
    const { state, clock, get, metrics } = setUp();
    expect(await metrics()).not.toHaveProperty('rollcall_registry_age_seconds');
    await get('/services/web');
    await get('/services/web');
    clock.advance(4);
    const { rollcall_answers_bytes: bytes, ...before } = await metrics();
    expect(bytes).toBeGreaterThan(100);
    expect(before).toMatchObject({
      'rollcall_registry_reads_total{result="read"}': 1,
      'rollcall_registry_reads_total{result="failed"}': 0,
      rollcall_registry_age_seconds: 4,
      'rollcall_answers_total{result="kept"}': 1,
      'rollcall_answers_total{result="rendered"}': 1,
      rollcall_held_requests: 0,
      rollcall_held_requests_limit: 200,
    });
    state.failure = new Error('down');
    clock.advance(60);
    await get('/services/web');
    expect(await metrics()).toMatchObject({
      'rollcall_registry_reads_total{result="failed"}': 1,
      rollcall_registry_age_seconds: 64,
    });
  });

  it('has the metrics that the page describes, and no others', async () => {
    const { get, metrics } = setUp();
    await get('/services/web');
    const page = readFileSync(PAGE, 'utf8');
    const described = [...page.matchAll(/`(rollcall_\w+)(?:\{[^`]*)?`/g)].map(([, name]) => name);
    const sent = Object.keys(await metrics()).map((key) => key.replace(/\{.*/, ''));
    expect(new Set(sent)).toEqual(new Set(described));
  });

  it('needs the token', async () => {
    const { directory } = directoryOf(WEB);
    const resolver = resolverOver(directory, { config: { access: 'token', token: secret('t') } });
    const ask401 = await ask(resolver, 'GET /metrics');
    const asked = await ask(resolver, 'GET /metrics', { authorization: 'Bearer t' });
    expect([ask401.status, asked.status]).toEqual([401, 200]);
  });
});

describe('GET /ready', () => {
  it('is 503 until the registry was read once, and 200 from then on, be it down', async () => {
    const { state, clock, get } = setUp();
    state.failure = new Error('down');
    expect((await get('/ready')).status).toBe(503);
    state.failure = undefined;
    clock.advance(3);
    expect((await get('/ready')).status).toBe(200);
    state.failure = new Error('down');
    clock.advance(7_200);
    expect((await get('/ready')).status).toBe(200);
    expect((await get('/services')).status).toBe(503);
  });

  it('needs no token, and reads no more once it is', async () => {
    const { state, directory } = directoryOf(WEB);
    const clock = fakeClock();
    const config = { access: 'token', token: secret('t') } as const;
    const resolver = resolverOver(directory, { config, now: clock.now });
    for (let minute = 0; minute < 3; minute++) {
      expect((await ask(resolver, 'GET /ready')).status).toBe(200);
      clock.advance(60);
    }
    expect(state.reads).toEqual(['everything']);
  });
});
