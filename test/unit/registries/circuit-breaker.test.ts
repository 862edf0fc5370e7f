import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../../shared/model/plan.ts';
import { createPulse } from '../../../shared/platform/http/pulse.ts';
import { withCircuitBreaker } from '../../../shared/registries/circuit-breaker.ts';
import type { Registry } from '../../../shared/registries/registry.ts';
import { reasonOf } from '../../support/outcomes.ts';
import { fakeRegistry, live, recordOf } from '../sync/fakes.ts';

const CHANGE: Change = { kind: 'upsert', record: recordOf('a'), reason: 'test' };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Way = 'answers' | 'hangs' | 'refuses' | 'throttles' | 'takes its time';

/** A guarded registry whose server behaves as it is told to; requests end with their signal. */
const start = ({ failFast = true } = {}) => {
  const pulse = createPulse();
  const told: string[] = [];
  let way: Way = 'answers';
  let requests = 0;
  const request = (signal: AbortSignal) =>
    pulse.watch(async () => {
      requests++;
      if (way === 'refuses') throw new Error('ECONNREFUSED');
      if (way === 'hangs' || way === 'takes its time')
        await new Promise<void>((resolve, reject) => {
          const end = () => reject(signal.reason);
          signal.addEventListener('abort', end);
          if (way === 'hangs') setTimeout(end, 3_000);
          else setTimeout(resolve, 2_500);
        });
    });
  const apply: Registry['apply'] = async (changes, signal) => {
    // Answered at once, and asked again after a pause, as the SDK does.
    for (let attempt = 0; way === 'throttles' && attempt < 3; attempt++) {
      await request(signal);
      await new Promise((resolve) => setTimeout(resolve, 900));
    }
    try {
      await request(signal);
      return changes.map((change) => ({ change, status: 'done' }));
    } catch (error) {
      return changes.map((change) => ({ change, status: 'retry', reason: String(error) }));
    }
  };
  const plain = fakeRegistry([], {
    apply,
    renew: async (_, signal) => [await request(signal)].flatMap(() => []),
  });
  const registry = withCircuitBreaker(plain, {
    pulse,
    failFast,
    now: Date.now,
    telemetry: { note: (message) => told.push(message), fault: (message) => told.push(message) },
    path: 'event',
  });
  return {
    registry,
    told,
    requests: () => requests,
    be: (next: Way) => {
      way = next;
    },
    /** One call, with the time it takes; its outcome's status. */
    async write() {
      const began = Date.now();
      const outcome = registry.apply([CHANGE], live());
      await vi.advanceTimersByTimeAsync(5_000);
      const [first] = await outcome;
      return {
        status: first?.status,
        isRefused: reasonOf(first)?.includes('does not answer'),
        began,
      };
    },
  };
};

describe('a registry that hangs', () => {
  it('is cut off after three quarters of a second, and not asked again for five', async () => {
    const { registry, told, requests, be } = start();
    be('hangs');
    const began = Date.now();
    let ended = 0;
    const cut = registry.apply([CHANGE], live()).then((outcomes) => {
      ended = Date.now();
      return outcomes;
    });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await cut).toMatchObject([{ status: 'retry' }]);
    expect(ended - began).toBeGreaterThanOrEqual(750);
    expect(ended - began).toBeLessThan(760);
    expect(told).toEqual(['consul does not answer']);
    expect(await registry.apply([CHANGE], live())).toMatchObject([
      { status: 'retry', failed: false },
    ]);
    await expect(registry.get([], live())).rejects.toThrow('consul: does not answer');
    expect(registry.isSilent?.()).toBe(true);
    expect(registry.takesLooks?.()).toBe(false);
    expect(requests()).toBe(1);
  });

  it('is tried by one call after each pause, whoever else comes', async () => {
    const { registry, requests, be, told } = start();
    be('hangs');
    const first = registry.apply([CHANGE], live());
    await vi.advanceTimersByTimeAsync(750 + 7_000);
    await first;
    const calls = [1, 2, 3].map(() => registry.apply([CHANGE], live()));
    await vi.advanceTimersByTimeAsync(1_000);
    await Promise.all(calls);
    expect(requests()).toBe(2);
    expect(told).toEqual(['consul does not answer']);
  });

  it('is called as ever once one call was answered, and takes looks little by little for a while', async () => {
    const { registry, be, told, write } = start();
    be('hangs');
    await write();
    be('answers');
    await vi.advanceTimersByTimeAsync(3_000);
    expect((await write()).status).toBe('done');
    expect(told).toEqual(['consul does not answer', 'consul answers again']);
    expect(registry.isSilent?.()).toBe(false);
    expect([registry.takesLooks?.(), registry.takesLooks?.()]).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(registry.takesLooks?.()).toBe(true);
    await vi.advanceTimersByTimeAsync(30_000);
    expect([registry.takesLooks?.(), registry.takesLooks?.()]).toEqual([true, true]);
  });

  it('keeps its own time where nobody waits for it, and is left alone after that', async () => {
    const { registry, be, write, requests } = start({ failFast: false });
    be('hangs');
    const cut = registry.apply([CHANGE], live());
    await vi.advanceTimersByTimeAsync(2_999);
    expect(registry.isSilent?.()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await cut;
    expect(registry.isSilent?.()).toBe(true);
    await registry.apply([CHANGE], live());
    expect(requests()).toBe(1);
    expect((await write()).isRefused).toBe(true);
  });

  it('is still sent heartbeats, and listed', async () => {
    const { registry, be, requests } = start();
    be('hangs');
    const first = registry.apply([CHANGE], live());
    await vi.advanceTimersByTimeAsync(1_000);
    await first;
    be('answers');
    await registry.renew?.([], live());
    await registry.list(live());
    expect(requests()).toBe(2);
  });
});

describe('a registry that answers, whatever it says', () => {
  it('is asked on where it takes its time, nobody else waits, and a caller has no more of it', async () => {
    const { registry, be, told } = start({ failFast: false });
    be('takes its time');
    const caller = new AbortController();
    setTimeout(() => caller.abort(new Error('no time')), 2_000);
    const [first, second] = [
      registry.apply([CHANGE], caller.signal),
      registry.apply([CHANGE], live()),
    ];
    await vi.advanceTimersByTimeAsync(2_500);
    expect([await first, await second]).toMatchObject([
      [{ status: 'retry' }],
      [{ status: 'done' }],
    ]);
    expect(told).toEqual([]);
  });

  it.each(['refuses', 'throttles'] as const)('is not cut off: one that %s', async (way) => {
    const { registry, be, write, told } = start();
    be(way);
    for (let call = 0; call < 3; call++) await write();
    expect(told).toEqual([]);
    expect(registry.isSilent?.()).toBe(false);
  });
});
