import { describe, expect, it } from 'vitest';
import { SourceUnavailable } from '../../../../shared/resolver/lookup/cache.ts';
import {
  type CachedDirectorySettings,
  createCachedDirectory,
} from '../../../../shared/resolver/lookup/cached-directory.ts';
import { RequestReader } from '../../../../shared/resolver/lookup/request-reader.ts';
import { directoryOf, fakeClock, target } from '../support.ts';

const TTL = 5;
const DOWN = new Error('No cluster leader');

const setUp = (limits: CachedDirectorySettings['limits'] = {}) => {
  const { state, directory } = directoryOf({ web: [target({ port: 1 })] });
  const clock = fakeClock();
  const failures: string[] = [];
  const cached = createCachedDirectory({
    directory,
    ttl: TTL,
    now: clock.now,
    onFailure: (what) => failures.push(what),
    limits,
  });
  const changeTo = (port: number) => {
    state.content = { web: [target({ port })] };
  };
  const port = async () => (await cached.instances('web')).value?.[0]?.port;
  return { state, clock, cached, failures, changeTo, port };
};

/** Lets everything that waits for nothing but promises come to its end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));
const gate = () => {
  let open = () => {};
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { closed, open };
};

describe('a cached answer', () => {
  it('is read once while it is fresh', async () => {
    const { state, clock, cached, changeTo } = setUp();
    await cached.instances('web');
    changeTo(2);
    clock.advance(TTL - 1);
    expect(await cached.instances('web')).toEqual({
      value: [target({ port: 1 })],
      age: 4000,
      stale: false,
    });
    expect(state.reads).toEqual(['web']);
  });

  it('is served at once when it is a little old, and read again behind the request', async () => {
    const { state, clock, changeTo, port } = setUp();
    await port();
    changeTo(2);
    clock.advance(TTL + 1);
    expect(await port()).toBe(1);
    await settle();
    expect(await port()).toBe(2);
    expect(state.reads).toEqual(['web', 'web']);
  });

  it('is waited for when it is older than three times its freshness', async () => {
    const { clock, changeTo, port } = setUp();
    await port();
    changeTo(2);
    clock.advance(3 * TTL);
    expect(await port()).toBe(2);
  });

  it('is read once for all who ask at the same time', async () => {
    const { state, cached } = setUp();
    const { closed, open } = gate();
    state.gate = closed;
    const all = [cached.instances('web'), cached.instances('web'), cached.instances('web')];
    open();
    const answers = await Promise.all(all);
    expect(answers.map(({ value }) => value?.length)).toEqual([1, 1, 1]);
    expect(state.reads).toEqual(['web']);
  });

  it('does not wait for a read that was frozen with the function, and does not believe it later', async () => {
    const { state, clock, changeTo, port } = setUp();
    await port();
    const { closed, open } = gate();
    state.gate = closed;
    clock.advance(TTL + 1);
    await port();
    clock.advance(600);
    state.gate = undefined;
    changeTo(2);
    expect(await port()).toBe(2);
    changeTo(3);
    open();
    await settle();
    expect(await port()).toBe(2);
    expect(state.reads).toEqual(['web', 'web', 'web']);
  });

  it('is no failure of the registry when a frozen read of it fails', async () => {
    const { state, clock, port, failures, cached } = setUp();
    await port();
    const { closed, open } = gate();
    state.gate = closed;
    state.failure = new Error('socket hang up');
    clock.advance(TTL + 1);
    await port();
    clock.advance(600);
    state.gate = undefined;
    state.failure = undefined;
    await port();
    open();
    await settle();
    expect(await cached.instances('web')).toMatchObject({ age: 0, stale: false });
    expect(failures).toEqual([]);
  });

  it('is as old as the moment its read began', async () => {
    const { state, clock, cached } = setUp();
    const { closed, open } = gate();
    state.gate = closed;
    const reading = cached.instances('web');
    clock.advance(4);
    open();
    expect(await reading).toMatchObject({ age: 4000 });
  });

  it('is forgotten, the longest unused first, when there are too many', async () => {
    const { state, cached } = setUp({ size: 2 });
    state.content = { a: [], b: [], c: [] };
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await cached.instances(name);
    expect(state.reads).toEqual(['a', 'b', 'c', 'b']);
  });

  it('is not driven out by names that do not exist', async () => {
    const { state, cached } = setUp({ size: 2 });
    for (const name of ['web', 'x1', 'x2', 'x3', 'web']) await cached.instances(name);
    expect(state.reads).toEqual(['web', 'x1', 'x2', 'x3']);
  });
});

describe('an unknown name', () => {
  it('is asked for once in two seconds', async () => {
    const { state, clock, cached } = setUp();
    expect((await cached.instances('new')).value).toBeUndefined();
    clock.advance(1);
    await cached.instances('new');
    expect(state.reads).toEqual(['new']);
    state.content = { new: [target()] };
    clock.advance(1);
    expect((await cached.instances('new')).value).toHaveLength(1);
  });

  it('is not called unknown by a registry that is down', async () => {
    const { state, clock, cached } = setUp();
    await cached.instances('new');
    state.failure = DOWN;
    clock.advance(2);
    await expect(cached.instances('new')).rejects.toBeInstanceOf(SourceUnavailable);
  });

  it('is what a service becomes that is gone', async () => {
    const { state, clock, cached } = setUp();
    await cached.instances('web');
    state.content = {};
    clock.advance(3 * TTL);
    expect((await cached.instances('web')).value).toBeUndefined();
  });
});

describe('a registry that is down', () => {
  it('is an error, not an empty list, where nothing is known yet', async () => {
    const { state, cached, failures } = setUp();
    state.failure = DOWN;
    await expect(cached.catalogue()).rejects.toBeInstanceOf(SourceUnavailable);
    await expect(cached.instances('web')).rejects.toBeInstanceOf(SourceUnavailable);
    expect(failures).toEqual(['everything', 'web']);
  });

  it('leaves the last answer in use, marked as stale', async () => {
    const { state, clock, cached } = setUp();
    await cached.instances('web');
    state.failure = DOWN;
    clock.advance(60);
    expect(await cached.instances('web')).toMatchObject({ age: 60_000, stale: true });
  });

  it('leaves no answer in use that is an hour old', async () => {
    const { state, clock, cached } = setUp();
    await cached.instances('web');
    state.failure = DOWN;
    clock.advance(3600);
    await expect(cached.instances('web')).rejects.toBeInstanceOf(SourceUnavailable);
  });

  it('is not asked again for two seconds', async () => {
    const { state, clock, cached } = setUp();
    await cached.instances('web');
    state.failure = DOWN;
    clock.advance(60);
    await cached.instances('web');
    await cached.instances('web');
    clock.advance(1);
    await cached.instances('web');
    expect(state.reads).toEqual(['web', 'web']);
    clock.advance(1);
    await cached.instances('web');
    expect(state.reads).toEqual(['web', 'web', 'web']);
  });

  it('makes nobody wait who can be given the last answer', async () => {
    const { state, clock, cached } = setUp();
    await cached.instances('web');
    state.failure = DOWN;
    clock.advance(60);
    await cached.instances('web');
    clock.advance(3);
    state.gate = new Promise(() => {});
    const answer = await Promise.race([cached.instances('web'), settle()]);
    expect(answer).toMatchObject({ stale: true });
  });

  it('is believed again with its next answer', async () => {
    const { state, clock, cached, changeTo } = setUp();
    await cached.instances('web');
    state.failure = DOWN;
    clock.advance(60);
    await cached.instances('web');
    state.failure = undefined;
    changeTo(2);
    clock.advance(3);
    await cached.instances('web');
    await settle();
    expect(await cached.instances('web')).toEqual({
      value: [target({ port: 2 })],
      age: 0,
      stale: false,
    });
  });

  it('that never answers is down when the deadline has passed', async () => {
    const { state, cached, failures } = setUp({ deadline: 1 });
    state.gate = new Promise(() => {});
    await expect(cached.instances('web')).rejects.toBeInstanceOf(SourceUnavailable);
    expect(failures).toEqual(['web']);
  });
});

describe('a reader', () => {
  it('tells the age of the oldest answer it has used', async () => {
    const { state, clock, cached } = setUp();
    state.content = { web: [target()], api: [] };
    await cached.instances('web');
    clock.advance(3);
    const reader = new RequestReader(cached);
    expect(reader.freshness()).toBeUndefined();
    await reader.instances('api');
    expect(reader.freshness()).toEqual({ age: 0, stale: false });
    await reader.instances('web');
    await reader.instances('api');
    expect(reader.freshness()).toEqual({ age: 3000, stale: false });
  });

  it.each(['a\nb', 'a\u0000', 'x'.repeat(256)])('asks no registry for %j', async (name) => {
    const { state, cached } = setUp();
    expect(await new RequestReader(cached).instances(name)).toBeUndefined();
    expect(state.reads).toEqual([]);
  });
});

describe('a catalogue', () => {
  const names = ['api', 'web'];
  const scene = () => {
    const made = setUp();
    made.state.content = Object.fromEntries(
      names.map((service) => [service, [target({ service })]]),
    );
    const catalogue = async () => (await made.cached.catalogue()).value;
    return { ...made, catalogue };
  };

  it('is every service, with its instances in the same order, in one read', async () => {
    const { state, catalogue } = scene();
    const { services, targets } = await catalogue();
    expect(services.map(({ name }) => name)).toEqual(names);
    expect(targets.map(({ service }) => service)).toEqual(names);
    expect(state.reads).toEqual(['everything']);
  });

  it('stays the same object where the next read finds the same, and its services where they do', async () => {
    const { state, clock, catalogue } = scene();
    const before = await catalogue();
    state.content = structuredClone(state.content);
    clock.advance(3 * TTL);
    expect(await catalogue()).toBe(before);
    state.content['web'] = [target({ port: 1 })];
    clock.advance(3 * TTL);
    const after = await catalogue();
    expect(after).not.toBe(before);
    expect(after.services[0]).toBe(before.services[0]);
    expect(after.find('web')).toEqual([target({ port: 1 })]);
    delete state.content['web'];
    clock.advance(3 * TTL);
    expect((await catalogue()).find('web')).toBeUndefined();
  });

  it('answers for one service while nothing newer was read of it', async () => {
    const { state, clock, cached, catalogue } = scene();
    await catalogue();
    expect((await cached.instances('web')).value).toEqual([target()]);
    expect((await cached.instances('none')).value).toBeUndefined();
    expect(state.reads).toEqual(['everything']);
    clock.advance(3 * TTL);
    state.content['web'] = [target({ port: 1 })];
    await cached.instances('web');
    expect(state.reads).toEqual(['everything', 'web']);
  });

  it('never takes one service back to what was read before', async () => {
    const { state, clock, cached, catalogue } = scene();
    await cached.instances('web');
    clock.advance(TTL - 1);
    state.content['web'] = [target({ port: 1 })];
    await catalogue();
    expect((await cached.instances('web')).value).toEqual([target({ port: 1 })]);
    clock.advance(TTL);
    // Read again behind this answer, which is still the catalogue's.
    expect((await cached.instances('web')).value).toEqual([target({ port: 1 })]);
  });
});

describe('a registry where everything costs no more than one service', () => {
  const content = {
    api: [target({ service: 'api' }), target({ service: 'api', id: 'b', healthy: false })],
    web: [target()],
  };
  const scene = () => {
    const { state, whole: directory } = directoryOf(content);
    const clock = fakeClock();
    const cached = createCachedDirectory({
      directory,
      ttl: TTL,
      now: clock.now,
      onFailure: () => {},
    });
    return { state, clock, cached, reader: () => new RequestReader(cached) };
  };

  it('is read once for all services', async () => {
    const { state, reader } = scene();
    expect(await reader().instances('web')).toEqual(content.web);
    expect(await reader().instances('api')).toEqual(content.api);
    expect(await reader().instances('none')).toBeUndefined();
    expect((await reader().catalogue()).targets).toHaveLength(3);
    expect(state.reads).toEqual(['everything']);
  });

  it('is served stale, with its age, while it is down', async () => {
    const { state, clock, reader } = scene();
    await reader().catalogue();
    state.failure = DOWN;
    clock.advance(60);
    const late = reader();
    expect(await late.instances('web')).toHaveLength(1);
    expect(late.freshness()).toEqual({ age: 60_000, stale: true });
  });

  it('calls no service unknown while it is down', async () => {
    const { state, clock, cached } = scene();
    await cached.instances('web');
    state.failure = DOWN;
    clock.advance(60);
    await expect(cached.instances('none')).rejects.toBeInstanceOf(SourceUnavailable);
  });

  it('is unavailable while it is down and nothing is cached', async () => {
    const { state, reader } = scene();
    state.failure = DOWN;
    await expect(reader().catalogue()).rejects.toBeInstanceOf(SourceUnavailable);
    await expect(reader().instances('web')).rejects.toBeInstanceOf(SourceUnavailable);
  });
});
