import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Summary } from '../../../../shared/model/summary.ts';
import { createCachedDirectory } from '../../../../shared/resolver/lookup/cached-directory.ts';
import {
  createWithholdTarget,
  withoutWithheld,
} from '../../../../shared/resolver/lookup/withhold.ts';
import { createPageReader } from '../../../../shared/resolver/page/page-data.ts';
import { type Content, DEPLOYMENT, directory, held, round } from '../../../support/page-scene.ts';
import { outcome } from '../../sync/admin/history/records.ts';
import { fakeClock } from '../support.ts';

/** Consul is the registry that is read for clients. */
const stage = () => {
  const clock = fakeClock();
  const consul: { content: Content; failure?: Error | undefined } = { content: { web: [held(1)] } };
  const cloudmap = { content: { web: [] } };
  const state = {
    round: undefined as Summary | undefined,
    failure: undefined as Error | undefined,
    asked: 0,
    histories: 0,
  };
  const failures: string[] = [];
  const own = directory('consul', consul);
  const other = directory('cloudmap', cloudmap);
  const everything = [own, other].map((one) => vi.spyOn(one, 'everything'));
  const onFailure = (what: string, error: unknown) => void failures.push(`${what}: ${error}`);
  const settings = { ttl: 5, now: clock.now, onFailure };
  const cached = createCachedDirectory({ ...settings, directory: own });
  const read = createPageReader({
    ...settings,
    sources: {
      ...DEPLOYMENT,
      directories: async () => [own, other],
      summary: async () => {
        state.asked++;
        if (state.failure) throw state.failure;
        return state.round;
      },
      historyOf: async (service) => {
        state.histories++;
        if (state.failure) throw state.failure;
        return [{ ...RECORD, service }];
      },
    },
    own: { name: 'consul', cached },
  });
  const reads = () => everything.map(({ mock }) => mock.calls.length);
  return { clock, consul, state, failures, read, cached, own, other, reads };
};

const RECORD = outcome({ time: '2026-11-21T11:03:10.000Z', why: 'absent so far' });

afterEach(() => vi.useRealTimers());

describe('the page’s data', () => {
  it('is every registry whole, in the order given, and the last reconcile', async () => {
    const { state, read } = stage();
    state.round = round();
    expect(await read()).toEqual({
      deployment: DEPLOYMENT,
      registries: [
        {
          state: 'read',
          registry: 'consul',
          waitsForHealth: false,
          age: 0,
          services: [{ name: 'web', targets: [held(1)] }],
        },
        {
          state: 'read',
          registry: 'cloudmap',
          waitsForHealth: true,
          age: 0,
          services: [{ name: 'web', targets: [] }],
        },
      ],
      round: round(),
    });
  });

  it('is read once in the time to live, however many look', async () => {
    const { clock, state, read } = stage();
    await Promise.all([read(), read()]);
    clock.advance(4);
    await read();
    expect(state.asked).toBe(1);
    clock.advance(60);
    await read();
    expect(state.asked).toBe(2);
  });

  it('is old where a registry fails, and says how old', async () => {
    const { clock, consul, failures, read } = stage();
    await read();
    consul.failure = new Error('down');
    clock.advance(60);
    const { registries } = await read();
    expect(registries.map(({ state }) => state)).toEqual(['old', 'read']);
    expect(registries[0]).toMatchObject({ age: 60_000, services: [{ name: 'web' }] });
    expect(registries[0]).toMatchObject({ fault: 'down' });
    expect(failures).toEqual(['everything: Error: down']);
  });

  it('is told to be unreadable where nothing older is held', async () => {
    const { consul, state, read } = stage();
    consul.failure = state.failure = new Error('down');
    const { registries, round: last } = await read();
    expect(registries[0]).toEqual({ state: 'unreadable', registry: 'consul', fault: 'down' });
    expect(last).toBe('unreadable');
  });

  it('lacks a reconcile where none has reported', async () => {
    expect((await stage().read()).round).toBe('none');
  });

  it('costs the registry that clients are answered from nothing, where they have just asked', async () => {
    const { read, cached, reads } = stage();
    await cached.catalogue();
    await read();
    await Promise.all([read('web'), read(), cached.catalogue()]);
    expect(reads()).toEqual([1, 1]);
  });

  it('holds what is withheld from clients too', async () => {
    const { consul, own, clock } = stage();
    consul.content = { web: [held(1), held(2, { address: '127.0.0.1' })] };
    const now = clock.now;
    const onFailure = () => {};
    const given = withoutWithheld(own, createWithholdTarget({}));
    const cached = createCachedDirectory({ directory: given, ttl: 5, now, onFailure });
    const read = createPageReader({
      sources: { ...DEPLOYMENT, directories: async () => [own], summary: async () => undefined },
      own: { name: 'consul', cached },
      ttl: 5,
      now,
      onFailure,
    });
    expect((await cached.catalogue()).value.targets).toEqual([held(1)]);
    expect((await read()).registries).toMatchObject([
      { services: [{ name: 'web', targets: [held(1), { address: '127.0.0.1' }] }] },
    ]);
  });

  it('is given in time where a registry hangs, which is unknown then', async () => {
    vi.useFakeTimers();
    const { other, read } = stage();
    vi.spyOn(other, 'everything').mockReturnValue(new Promise(() => {}));
    const data = read();
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await data).registries).toMatchObject([
      { state: 'read', registry: 'consul' },
      { state: 'unreadable', registry: 'cloudmap', fault: 'no answer within 5000 ms' },
    ]);
  });

  it('has the history of the one service that is looked at, kept for 30 s', async () => {
    const { clock, state, read } = stage();
    expect((await read()).history).toBe(undefined);
    expect((await read('web')).history).toEqual([{ ...RECORD, service: 'web' }]);
    clock.advance(29);
    await read('web');
    expect(state.histories).toBe(1);
    await read('mail');
    expect(state.histories).toBe(2);
  });

  it('is whole where the history cannot be read', async () => {
    const { state, read } = stage();
    state.failure = new Error('throttled');
    expect(await read('web')).toMatchObject({
      history: 'unreadable',
      registries: [{ state: 'read' }, { state: 'read' }],
    });
  });
});
