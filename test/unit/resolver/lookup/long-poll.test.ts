import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toRequest } from '../../../../shared/resolver/http/message.ts';
import { createAnswers } from '../../../../shared/resolver/lookup/answers.ts';
import { createCachedDirectory } from '../../../../shared/resolver/lookup/cached-directory.ts';
import { digestIn, secondIn } from '../../../../shared/resolver/lookup/change-index.ts';
import { createHolds } from '../../../../shared/resolver/lookup/holds.ts';
import { createLongPoll } from '../../../../shared/resolver/lookup/long-poll.ts';
import { ask, directoryOf, fakeClock, resolverOver, target } from '../support.ts';

const PATH = 'GET /v1/health/service/web';
const WEB = [target({ id: 'a' })];

/**
 * A registry, a clock that passes only while somebody waits, and as many processes over both as a
 * test wants.
 */
const setUp = () => {
  const clock = fakeClock();
  const { state, directory } = directoryOf({ web: WEB });
  let naps = 0;
  let onNap = (_: number) => {};
  const sleep = async (milliseconds: number) => {
    naps++;
    onNap(naps);
    clock.advance(milliseconds / 1000);
    // Lets the read end that was begun behind an answer.
    await new Promise((resolve) => setImmediate(resolve));
  };
  const start = (config: { wait?: number; held?: number; ttl?: number } = {}, concurrency = 1) => {
    const resolver = resolverOver(directory, {
      config,
      concurrency,
      now: clock.now,
      random: () => 0,
      sleep,
    });
    return async (query = '') => {
      const began = clock.now();
      const { status, headers, body } = await ask(resolver, `${PATH}${query}`);
      const seconds = (clock.now() - began) / 1000;
      return { status, headers, body, seconds, index: Number(headers['x-consul-index']) };
    };
  };
  return {
    clock,
    state,
    start,
    /** Does something in the so-and-so-many-th pause. */
    during: (nap: number, work: () => void) => {
      naps = 0;
      onNap = (now) => {
        if (now === nap) work();
      };
    },
  };
};

const replace = ({ state }: ReturnType<typeof setUp>, id: string) => {
  state.content = { web: [target({ id })] };
};

describe('a blocking query', () => {
  it('is held as long as it may, and then tells the same index', async () => {
    const get = setUp().start({ wait: 20 });
    const { index } = await get();
    const held = await get(`?index=${index}`);
    expect(held).toMatchObject({ status: 200, seconds: 20, index });
    expect(JSON.parse(held.body)).toHaveLength(1);
  });

  it('is held no longer than its client waits', async () => {
    const get = setUp().start({ wait: 20 });
    const { index } = await get();
    expect((await get(`?index=${index}&wait=2s`)).seconds).toBe(2);
    expect((await get(`?index=${index}&wait=10m`)).seconds).toBe(20);
  });

  it('is answered within the time to live of a change, with a higher index', async () => {
    const world = setUp();
    const get = world.start({ wait: 20, ttl: 1 });
    const { index } = await get();
    world.during(3, () => replace(world, 'b'));
    const changed = await get(`?index=${index}`);
    expect(changed.seconds).toBeLessThanOrEqual(3 + 1 + 2);
    expect(changed.index).toBeGreaterThan(index);
    expect(changed.body).toContain('"ID":"b"');
  });

  it('is not woken by a change elsewhere, or of what its filter leaves out', async () => {
    const world = setUp();
    const get = world.start({ wait: 10, ttl: 1 });
    const { index } = await get('?passing');
    world.during(2, () => {
      world.state.content = {
        web: [...WEB, target({ id: 'sick', healthy: false })],
        other: [target()],
      };
    });
    expect(await get(`?passing&index=${index}`)).toMatchObject({ seconds: 10, index });
  });

  it.each(['', '?index=0', '?index=7', `?index=${2 ** 52}`, '?index=99999999999999999999'])(
    'is answered at once where the index is none of ours: %s',
    async (query) => {
      const get = setUp().start();
      const { index } = await get();
      expect(await get(query)).toMatchObject({ seconds: 0, index });
    },
  );

  it('gives its slot back', async () => {
    const get = setUp().start({ wait: 5 });
    const { index } = await get();
    for (let i = 0; i < 3; i++) expect((await get(`?index=${index}`)).seconds).toBe(5);
  });

  it('shares its answer with all that wait for it', async () => {
    const clock = fakeClock();
    const { directory } = directoryOf({ web: WEB });
    const limits = { ttl: 5, now: clock.now, onFailure: () => {} };
    const naps: (() => void)[] = [];
    const poll = createLongPoll({
      directory: createCachedDirectory({ directory, ...limits }),
      answers: createAnswers(1_000_000),
      holds: createHolds({
        wait: 2,
        slots: 100,
        now: clock.now,
        random: () => 0,
        sleep: () => new Promise((resolve) => naps.push(resolve)),
      }),
      follow: () => () => {},
      now: clock.now,
    });
    let rendered = 0;
    const ask = (index: number) =>
      poll({
        key: 'web',
        index,
        wait: undefined,
        signal: undefined,
        render: async (reader) => {
          rendered++;
          return [JSON.stringify(await reader.instances('web'))];
        },
      });
    const { index } = await ask(0);
    const held = Array.from({ length: 50 }, () => ask(index));
    for (let second = 0; second < 2; second++) {
      await expect.poll(() => naps.length).toBe(50);
      clock.advance(1);
      for (const wake of naps.splice(0)) wake();
    }
    expect((await Promise.all(held)).map((answer) => answer.index)).toEqual(held.map(() => index));
    expect(rendered).toBe(1);
  });

  it('is 429 where as many are held as may be, and all have only just come', async () => {
    const napping = Promise.withResolvers<void>();
    const resolver = resolverOver(directoryOf({ web: WEB }).directory, {
      sleep: (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve());
          napping.resolve();
        }),
    });
    const index = (await ask(resolver, PATH)).headers['x-consul-index'];
    const client = new AbortController();
    const target = `/v1/health/service/web?index=${index}`;
    const held = resolver(toRequest({ method: 'GET', target, signal: () => client.signal }));
    await napping.promise;
    const { status, headers } = await ask(resolver, `GET ${target}`);
    expect([status, headers['retry-after']]).toEqual([429, '1']);
    // Who need not be held is answered.
    expect((await ask(resolver, PATH)).status).toBe(200);
    client.abort();
    expect((await held).status).toBe(200);
  });

  it('is never held where none may be', async () => {
    for (const config of [{ wait: 0 }, { held: 0 }]) {
      const get = setUp().start(config);
      const { index } = await get();
      expect(await get(`?index=${index}`)).toMatchObject({
        seconds: 0,
        headers: { 'retry-after': '1' },
      });
    }
  });

  it('reads the registry no more often than other requests do', async () => {
    const world = setUp();
    const get = world.start({ wait: 20, ttl: 5, held: 100 }, 50);
    const { index } = await get();
    world.state.reads.length = 0;
    await Promise.all(Array.from({ length: 10 }, () => get(`?index=${index}`)));
    expect(world.state.reads.length).toBeLessThanOrEqual(20 / 5 + 1);
  });

  it('tells that the registry is down, and keeps its client waiting', async () => {
    const world = setUp();
    const get = world.start({ wait: 20, ttl: 1 });
    const { index } = await get();
    world.during(1, () => {
      world.state.failure = new Error('down');
    });
    const { headers, ...held } = await get(`?index=${index}`);
    expect(held).toMatchObject({ status: 200, index, seconds: 20 });
    expect(headers).toMatchObject({ 'x-consul-knownleader': 'false', 'x-rollcall-stale': 'true' });
    expect(Number(headers['x-consul-lastcontact'])).toBeGreaterThan(10_000);
  });
});

describe('indexes of processes that share nothing', () => {
  it('hold a client of another process that has the answer, and keep its index', async () => {
    const world = setUp();
    const { index } = await world.start()();
    world.clock.advance(100);
    const cold = world.start({ wait: 10 });
    expect(await cold(`?index=${index}`)).toMatchObject({ seconds: 10, index });
    expect((await cold()).index).toBe(index);
  });

  it('wake a client of another process that has another answer', async () => {
    const world = setUp();
    const { index } = await world.start()();
    world.clock.advance(10);
    replace(world, 'b');
    const answer = await world.start()(`?index=${index}`);
    expect(answer.seconds).toBe(0);
    expect(answer.index).toBeGreaterThan(index);
  });

  it('never lead a client back to what was read earlier than it knows', async () => {
    const world = setUp();
    const behind = world.start({ wait: 30, ttl: 10 });
    await behind();
    world.clock.advance(5);
    replace(world, 'b');
    const { index } = await world.start()();
    const held = await behind(`?index=${index}`);
    // It has waited until its own reading was as new, and found that the client knows.
    expect(held).toMatchObject({ seconds: 30, index });
    expect(held.body).toContain('"ID":"b"');
  });

  it('rise when an answer is what it was before', async () => {
    const world = setUp();
    const get = world.start({ ttl: 1 });
    const indexes: number[] = [];
    for (const id of ['a', 'b', 'a', 'b']) {
      replace(world, id);
      world.clock.advance(60);
      indexes.push((await get()).index);
    }
    expect(indexes).toEqual([...new Set(indexes)].sort((a, b) => a - b));
  });

  it('stay within what clients read as a number', async () => {
    const { index } = await setUp().start()();
    expect(Number.isSafeInteger(index)).toBe(true);
    expect([secondIn(index) > 0, digestIn(index) < 2 ** 22]).toEqual([true, true]);
  });

  it('never fall, and are the same only for the same answer, whoever answers', async () => {
    const step = fc.record({
      process: fc.nat(2),
      seconds: fc.integer({ min: 0, max: 20 }),
      content: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
      restarts: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const world = setUp();
        const config = { wait: 3, ttl: 2 };
        const processes = [world.start(config), world.start(config), world.start(config)];
        let known = { index: 0, body: '' };
        for (const { process, seconds, content, restarts } of steps) {
          if (content) replace(world, content);
          world.clock.advance(seconds);
          if (restarts) processes[process] = world.start(config);
          const answer = await processes[process]?.(`?index=${known.index}`);
          if (!answer) continue;
          expect(answer.index).toBeGreaterThanOrEqual(known.index);
          if (answer.index > known.index) {
            expect(answer.body).not.toBe(known.body);
            known = answer;
          }
        }
        // In the end, whoever is asked, the client comes to know what there is.
        world.clock.advance(60);
        const last = await processes[0]?.(`?index=${known.index}`);
        const final = last && last.index > known.index ? last.body : known.body;
        expect(final).toContain(`"ID":"${world.state.content['web']?.[0]?.id}"`);
      }),
      { numRuns: 60 },
    );
  });
});
