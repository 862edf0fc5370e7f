import { describe, expect, it } from 'vitest';
import { Problem } from '../../../../shared/resolver/http/problem.ts';
import {
  createHolds,
  type HoldSettings,
  shareOf,
  sleep,
} from '../../../../shared/resolver/lookup/holds.ts';

/** A time that passes from one wake-up to the next, each after all that follows from the last. */
const virtualTime = () => {
  let time = 0;
  const timers: { readonly at: number; readonly wake: () => void }[] = [];
  const pause = (milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((wake) => {
      timers.push({ at: time + milliseconds, wake });
      signal?.addEventListener('abort', () => wake());
      if (signal?.aborted) wake();
    });
  return {
    now: () => time,
    pause,
    async runUntil(end: number) {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        const [next] = timers.sort((a, b) => a.at - b.at);
        if (!next || next.at > end) break;
        timers.shift();
        time = Math.max(time, next.at);
        next.wake();
      }
      time = end;
    },
  };
};

const setUp = (settings: Partial<HoldSettings> = {}) => {
  const { now, pause, runUntil } = virtualTime();
  const holds = createHolds({
    wait: 20,
    slots: 2,
    now,
    random: () => 0,
    sleep: pause,
    ...settings,
  });
  /** Held until nothing is new; tells when it was answered, or with which status. */
  const poll = async (wait?: number, signal?: AbortSignal, client?: string) => {
    const until = holds.deadline({ wait });
    const look = async () => ({ value: undefined, isNew: false });
    try {
      await holds.hold({ signal: signal && (() => signal), client }, until, look);
      return now();
    } catch (error) {
      return error instanceof Problem ? `status ${error.status}` : String(error);
    }
  };
  return { holds, poll, now, pause, runUntil };
};

describe('a request that is held', () => {
  it('is answered when its wait is over, which the deployment limits', async () => {
    const { holds, poll, runUntil } = setUp();
    const all = Promise.all([poll(3_500), poll()]);
    await runUntil(10_000);
    expect(holds.count()).toBe(1);
    await runUntil(60_000);
    expect(await all).toEqual([3_500, 20_000]);
  });

  it('ends a little before, so that those that came together part', () => {
    const { holds } = setUp({ random: () => 0.999 });
    expect(holds.deadline({ wait: 16_000 })).toBeGreaterThanOrEqual(15_000);
    expect(holds.deadline({ wait: 16_000 })).toBeLessThan(15_010);
  });

  it('gives up its place to one that comes, when it was held longest and for a second', async () => {
    const { holds, poll, runUntil } = setUp();
    const first = poll();
    await runUntil(500);
    const second = poll();
    await runUntil(1_000);
    const third = poll();
    expect(await first).toBe(1_000);
    // The longest now has come half a second ago.
    expect(await poll()).toBe('status 429');
    await runUntil(1_500);
    const fourth = poll();
    expect(await second).toBe(1_500);
    expect(holds.count()).toBe(2);
    await runUntil(60_000);
    expect(await Promise.all([third, fourth])).toEqual([21_000, 21_500]);
  });

  it('gives up its place to a client that has fewer, at once', async () => {
    const { holds, poll, runUntil } = setUp({ slots: 4 });
    const of = (client: string) => poll(undefined, undefined, client);
    const greedy = Array.from({ length: 4 }, () => of('greedy'));
    await runUntil(10);
    const others = [of('other'), of('other')];
    expect(await Promise.all(greedy.slice(0, 2))).toEqual([10, 10]);
    // Now both have their share: who asks for more gives up its own, and only after a second.
    expect(await of('greedy')).toBe('status 429');
    await runUntil(1_500);
    const more = of('greedy');
    expect(await greedy[2]).toBe(1_500);
    expect(holds.count()).toBe(4);
    await runUntil(60_000);
    expect(await Promise.all([...others, more])).toEqual([20_010, 20_010, 21_500]);
  });

  it('is shared in turns by more clients than there are places', async () => {
    const { poll, runUntil } = setUp({ slots: 1 });
    const first = poll(undefined, undefined, 'a');
    await runUntil(500);
    expect(await poll(undefined, undefined, 'b')).toBe('status 429');
    await runUntil(1_000);
    const second = poll(undefined, undefined, 'b');
    expect(await first).toBe(1_000);
    await runUntil(60_000);
    expect(await second).toBe(21_000);
  });

  it('leaves its place when its client goes', async () => {
    const { holds, poll, runUntil } = setUp();
    const client = new AbortController();
    const held = poll(20_000, client.signal);
    await runUntil(2_100);
    client.abort();
    expect(await held).toBe(2_100);
    expect(holds.count()).toBe(0);
  });

  it('is looked at until something is new', async () => {
    const { holds, now, runUntil } = setUp();
    const held = holds.hold({ signal: undefined }, 20_000, async () => ({
      value: now(),
      isNew: now() >= 3_000,
    }));
    await runUntil(60_000);
    expect(await held).toBe(3_000);
  });
});

describe('more clients than may be held', () => {
  it('ask seldom, and all of them go on being held', async () => {
    const { poll, now, pause, runUntil } = setUp({ slots: 100, wait: 60 });
    const waited = Array.from({ length: 150 }, () => 0);
    let requests = 0;
    /** As Consul’s own client: it asks again at once, after an error in five seconds or more. */
    const watch = async (client: number) => {
      for (let failures = 0; ; ) {
        requests++;
        const before = now();
        const answer = await poll();
        waited[client] = (waited[client] ?? 0) + now() - before;
        failures = typeof answer === 'number' ? 0 : failures + 1;
        await pause(failures === 0 ? 2 : 5_000 * failures);
      }
    };
    for (let client = 0; client < 150; client++) void watch(client);
    await runUntil(15_000);
    expect(requests).toBeLessThanOrEqual(2_000);
    expect(Math.min(...waited)).toBeGreaterThan(1_000);
  });
});

describe('the places', () => {
  it('are as many as the share says; of one, every so-and-so-many-th process has it', () => {
    expect(shareOf(10_000, 50, () => 0.5)).toBe(5_000);
    expect([0, 0.29, 0.3, 0.99].map((drawn) => shareOf(1, 30, () => drawn))).toEqual([1, 1, 0, 0]);
  });

  it.each([{ wait: 0 }, { slots: 0 }])('are none with %j', (settings) => {
    expect(setUp(settings).holds.isOpen).toBe(false);
  });
});

describe('a pause between two looks', () => {
  const forever = new AbortController().signal;
  it('ends when its time is over', async () => {
    await expect(sleep(1, forever)).resolves.toBeUndefined();
  });

  it('ends at once where the client goes, or has gone before', async () => {
    const client = new AbortController();
    const paused = sleep(3_600_000, client.signal);
    client.abort();
    await expect(paused).resolves.toBeUndefined();
    await expect(sleep(3_600_000, client.signal)).resolves.toBeUndefined();
  });
});
