import { describe, expect, it } from 'vitest';
import type { Summary } from '../../../../shared/model/summary.ts';
import { createPageReader } from '../../../../shared/resolver/page/page-data.ts';
import { type Content, directory, held, OWNER, round } from '../../../support/page-scene.ts';
import { fakeClock } from '../support.ts';

const stage = () => {
  const clock = fakeClock();
  const consul: { content: Content; failure?: Error | undefined } = { content: { web: [held(1)] } };
  const cloudmap = { content: { web: [] } };
  const state = {
    round: undefined as Summary | undefined,
    failure: undefined as Error | undefined,
    asked: 0,
  };
  const failures: string[] = [];
  const read = createPageReader({
    sources: {
      owner: OWNER,
      directories: async () => [directory('consul', consul), directory('cloudmap', cloudmap)],
      summary: async () => {
        state.asked++;
        if (state.failure) throw state.failure;
        return state.round;
      },
    },
    ttl: 5,
    now: clock.now,
    onFailure: (what, error) => failures.push(`${what}: ${error}`),
  });
  return { clock, consul, state, failures, read };
};

describe('the page’s data', () => {
  it('is every registry whole, in the order given, and the last reconcile', async () => {
    const { state, read } = stage();
    state.round = round();
    expect(await read()).toEqual({
      owner: OWNER,
      admin: undefined,
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
    expect(failures).toEqual(['consul: Error: down']);
  });

  it('is told to be unreadable where nothing older is held', async () => {
    const { consul, state, read } = stage();
    consul.failure = state.failure = new Error('down');
    const { registries, round: last } = await read();
    expect(registries[0]).toEqual({ state: 'unreadable', registry: 'consul' });
    expect(last).toBe('unreadable');
  });

  it('lacks a reconcile where none has reported', async () => {
    expect((await stage().read()).round).toBe('none');
  });
});
