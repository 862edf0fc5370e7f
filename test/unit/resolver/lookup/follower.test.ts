import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startConsul } from '../../../../local/consul.ts';
import { createDirectory } from '../../../../shared/registries/consul/directory.ts';
import type { Directory } from '../../../../shared/registries/registry.ts';
import { createFollower } from '../../../../shared/resolver/lookup/follower.ts';
import { ask, directoryOf, resolverOver, target } from '../support.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a process over Consul', () => {
  const stage = async () => {
    const consul = await startConsul();
    onTestFinished(() => consul.stop());
    const register = (ID: string) =>
      fetch(`${consul.url}/v1/catalog/register`, {
        method: 'PUT',
        body: JSON.stringify({ Node: 'n', Address: '10.0.0.1', Service: { ID, Service: 'web' } }),
      });
    await register('a');
    // What is read again by itself is read again in an hour.
    const resolver = resolverOver(createDirectory({ addresses: [consul.url] }), {
      config: { ttl: 3_600, wait: 600 },
      concurrency: 100,
      followsChanges: true,
    });
    return { consul, register, resolver };
  };

  it.each(['/v1/health/service/web', '/v1/catalog/services', '/v1/health/state/any'])(
    'answers who waits at %s when something changes, and not when the cache is old',
    async (path) => {
      const { consul, register, resolver } = await stage();
      const { headers, body } = await ask(resolver, `GET ${path}`);
      const index = headers['x-consul-index'];
      const held = Promise.all(
        Array.from({ length: 20 }, () => ask(resolver, `GET ${path}?index=${index}`)),
      );
      await expect.poll(() => consul.inFlight()).toBeGreaterThan(0);
      await register(path.includes('services') ? 'b' : 'c');
      if (path.includes('services'))
        await fetch(`${consul.url}/v1/catalog/register`, {
          method: 'PUT',
          body: JSON.stringify({ Node: 'n', Address: '10.0.0.1', Service: { Service: 'new' } }),
        });
      const answers = await held;
      for (const answer of answers) {
        expect(Number(answer.headers['x-consul-index'])).toBeGreaterThan(Number(index));
        expect(answer.body).not.toBe(body);
      }
    },
  );
});

describe('what is followed', () => {
  const setUp = () => {
    const { directory } = directoryOf({ web: [target()] });
    const asked: (string | undefined)[] = [];
    let tell: (revision: string) => void = () => {};
    const following: Directory = {
      ...directory,
      changed: (service) => {
        asked.push(service);
        return new Promise((resolve) => {
          tell = resolve;
        });
      },
    };
    const renewed: (string | undefined)[] = [];
    let changes = 0;
    const naps: (() => void)[] = [];
    const slept: number[] = [];
    const clock = { now: 0, reading: 0 };
    const follow = createFollower({
      directory: following,
      renew: async (service) => {
        renewed.push(service);
        clock.now += clock.reading;
        return renewed.length > 1;
      },
      onChange: () => {
        changes++;
      },
      now: () => clock.now,
      sleep: (milliseconds) => {
        slept.push(milliseconds);
        return new Promise((resolve) => naps.push(resolve));
      },
    });
    const revise = (to: string) => tell(to);
    return { asked, renewed, follow, naps, slept, clock, tell: revise, changes: () => changes };
  };

  it('is asked once for all who wait, and read when it has another revision', async () => {
    const { asked, renewed, follow, naps, tell, changes } = setUp();
    for (let client = 0; client < 5; client++) follow('web');
    expect(asked).toEqual(['web']);
    const paused: number[] = [];
    for (const revision of ['7', '7', '8']) {
      tell(revision);
      await settle();
      paused.push(naps.length);
      naps.splice(0).forEach((wake) => void wake());
      await settle();
    }
    expect([renewed, changes()]).toEqual([['web', 'web'], 1]);
    // Unchanged, it is not asked again at once.
    expect(paused).toEqual([0, 1, 0]);
  });

  it.each([
    [100, 1_000],
    [2_000, 8_000],
  ])('is left alone, as a whole whose reading took %i ms, for %i ms', async (took, rest) => {
    const { follow, slept, clock, tell } = setUp();
    clock.reading = took;
    follow(undefined);
    tell('7');
    await settle();
    expect(slept).toEqual([rest]);
  });

  it('is followed for a while after the last has gone, and then no more', async () => {
    const { asked, follow, naps, tell } = setUp();
    const [first, second] = [follow('web'), follow('web')];
    first();
    expect(naps).toHaveLength(0);
    second();
    const third = follow('web');
    naps.splice(0).forEach((wake) => void wake());
    await settle();
    tell('7');
    await settle();
    expect(asked).toEqual(['web', 'web']);
    third();
    naps.splice(0).forEach((wake) => void wake());
    await settle();
    tell('8');
    await settle();
    expect(asked).toEqual(['web', 'web']);
  });

  it('is so much and no more', () => {
    const { asked, follow } = setUp();
    for (let at = 0; at < 150; at++) follow(`s${at}`)();
    expect(asked).toHaveLength(100);
  });

  it('is nothing where the registry tells nothing', async () => {
    const { state, directory } = directoryOf({ web: [target()] });
    const resolver = resolverOver(directory, { followsChanges: true, config: { wait: 1 } });
    const path = 'GET /v1/health/service/web';
    const { headers } = await ask(resolver, path);
    const held = await ask(resolver, `${path}?index=${headers['x-consul-index']}&wait=1ms`);
    expect(held.headers['x-consul-index']).toBe(headers['x-consul-index']);
    await pause(1);
    expect(state.reads).toEqual(['web']);
  });
});
