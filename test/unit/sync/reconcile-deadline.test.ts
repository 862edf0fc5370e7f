import { afterEach, describe, expect, it, vi } from 'vitest';
import { reconcile } from '../../../shared/sync/reconcile.ts';
import { heldLimits } from '../../support/held-limits.ts';
import {
  CLUSTER,
  fakeRegistry,
  fakeSource,
  fakeStore,
  NOW,
  servicesOf,
  taskOf,
  worldOf,
} from './fakes.ts';

afterEach(() => vi.restoreAllMocks());

/** Answers nothing until it is told to stop; what then hangs on is Lambda's to end. */
const hang = (signal: AbortSignal, more: () => void) =>
  new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
    more();
  });

describe('a round', () => {
  it('that runs out of time still leaves its summary, so that what it left comes first in the next', async () => {
    const limits = heldLimits();
    const lambda = new AbortController();
    const store = fakeStore();
    const { saveSummary } = store;
    store.saveSummary = async (summary, signal) => {
      signal.throwIfAborted();
      await saveSummary(summary, signal);
    };
    const source = fakeSource(
      { tasks: [] },
      {
        listTasks: (_cluster, signal) =>
          hang(signal, () => {
            for (const { end } of limits) end();
            if (!signal.aborted) lambda.abort(new Error('Lambda’s time is over'));
          }),
      },
    );
    const { context } = worldOf({ source, store });
    await reconcile(context, NOW + 54_000, lambda.signal);
    expect(store.summary?.unfinished).toEqual([CLUSTER]);
  });

  it('does not wait for a registry that hangs while it is listed: the others are kept true', async () => {
    const limits = heldLimits();
    const lambda = new AbortController();
    const registry = fakeRegistry();
    const hanging = fakeRegistry([], {
      name: 'eureka',
      list: (signal) =>
        hang(signal, () => {
          for (const { end } of limits.filter(({ milliseconds }) => milliseconds <= 30_000)) end();
          if (!signal.aborted) lambda.abort(new Error('Lambda’s time is over'));
        }),
    });
    const plain = fakeSource({ tasks: [taskOf('a')] });
    const source: typeof plain = {
      ...plain,
      listTasks: async (cluster, signal) => {
        signal.throwIfAborted();
        return plain.listTasks(cluster, signal);
      },
    };
    const { context } = worldOf({ registries: [hanging, registry], source });
    const { registries } = await reconcile(context, NOW + 54_000, lambda.signal);
    expect(servicesOf(registry)).toEqual(['web a']);
    expect(registries.eureka?.unknown).toContain('due to timeout');
  });

  it('does not wait for a registry that hangs while it is written to: every cluster is kept true at the others', async () => {
    const limits = heldLimits();
    const clusters = ['a', 'b', 'c', 'd', 'e'].map((name) => `${CLUSTER}-${name}` as const);
    const tasks = clusters.map((clusterArn) => taskOf(clusterArn.slice(-1), { clusterArn }));
    const registry = fakeRegistry([], {
      apply: (changes, signal) => {
        const outcomes = plain.apply(changes, signal);
        if (plain.records.size === clusters.length) for (const { end } of limits) end();
        return outcomes;
      },
    });
    const plain = fakeRegistry();
    const hanging = fakeRegistry([], {
      name: 'eureka',
      apply: (_changes, signal) => hang(signal, () => {}),
    });
    const { context } = worldOf({
      registries: [hanging, registry],
      source: fakeSource({ tasks, clusters }),
    });
    await reconcile(context, NOW + 54_000, new AbortController().signal);
    expect(servicesOf(plain)).toEqual(['web a', 'web b', 'web c', 'web d', 'web e']);
  });

  it('names the clusters whose turn at a slow registry did not come, so that they come first', async () => {
    const clusters = ['a', 'b', 'c', 'd'].map((name) => `${CLUSTER}-${name}` as const);
    const tasks = clusters.map((clusterArn) => taskOf(clusterArn.slice(-1), { clusterArn }));
    let now = NOW;
    let writing = 0;
    const over = Promise.withResolvers<void>();
    const slow = fakeRegistry([], {
      apply: async (changes) => {
        if (++writing < 3) await over.promise;
        now = NOW + 50_000;
        over.resolve();
        return changes.map((change) => ({ change, status: 'done' }));
      },
    });
    const { context, counts } = worldOf({
      registries: [slow],
      source: fakeSource({ tasks, clusters }),
      now: () => now,
    });
    const { unfinished } = await reconcile(context, NOW + 54_000, new AbortController().signal);
    expect(unfinished).toEqual([clusters[3]]);
    expect(counts.get('Unfinished')).toBe(1);
    expect(counts.get('Failed')).toBeUndefined();
  });
});
