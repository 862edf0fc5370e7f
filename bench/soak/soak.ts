import { setTimeout as sleep } from 'node:timers/promises';
import { type CountingProxy, startCountingProxy } from '../../scripts/real/counting.ts';
import { startConsulPair } from '../../scripts/real/pair.ts';
import { CLIENTS, type SoakedClient } from './clients.ts';

/** Of the 10,000 requests that a process answers at the same time, in percent: 100 are held. */
const HELD = '1';
/** Milliseconds between two changes of what runs. */
const CHANGE_EVERY = 10_000;
/** Milliseconds within which each client must know of one. */
const PATIENCE = 60_000;

/** What one client did. */
export interface SoakFigures {
  readonly name: string;
  readonly requests: number;
  readonly perSecond: number;
  /** The longest that it took to know of a change, in milliseconds. */
  readonly slowest: number;
}

export interface SoakReport {
  readonly figures: readonly SoakFigures[];
  /** Clients that cannot be had here, and why. */
  readonly leftOut: readonly string[];
  /** What went wrong: a client that ended, or did not learn of a change. Empty is right. */
  readonly faults: readonly string[];
  readonly changes: number;
}

interface Soaked {
  readonly name: string;
  readonly client: SoakedClient;
  readonly proxy: CountingProxy;
  slowest: number;
}

/**
 * Real clients of Consul side by side, all over one resolver that holds 100 requests, of which the
 * plans alone would have 150. Every ten seconds other tasks run, and all must learn of it.
 */
export const soak = async (consul: string, minutes: number): Promise<SoakReport> => {
  const pair = await startConsulPair(consul, { environment: { ROLLCALL_RESOLVE_HELD: HELD } });
  let host = 1;
  const change = () => {
    host = (host % 90) + 1;
    return pair.put([
      { host, healthy: true },
      { host: host + 1, healthy: true },
    ]);
  };
  await change();
  const expected = () => [host, host + 1].map((one) => `10.0.0.${one}:8080`).sort();

  const soaked: Soaked[] = [];
  const leftOut: string[] = [];
  for (const [name, start] of Object.entries(CLIENTS)) {
    const proxy = await startCountingProxy(pair.ours);
    const client = await start({ url: proxy.url, token: pair.token });
    if ('unavailable' in client) {
      leftOut.push(`${name}: ${client.unavailable}`);
      await proxy.stop();
    } else soaked.push({ name, client, proxy, slowest: 0 });
  }

  const faults = new Set<string>();
  const sees = async (one: Soaked) => {
    const wanted = JSON.stringify(expected());
    const began = performance.now();
    while (JSON.stringify(await one.client.places().catch(() => [])) !== wanted) {
      if (performance.now() - began > PATIENCE)
        return void faults.add(`${one.name}: saw no change`);
      await sleep(100);
    }
    one.slowest = Math.max(one.slowest, performance.now() - began);
  };

  // All know the first before it counts: a JVM takes its time to start.
  await Promise.all(soaked.map(sees));
  for (const one of soaked) one.slowest = 0;
  const counts = soaked.map(({ proxy }) => proxy.count());
  const began = performance.now();
  let changes = 0;
  while (performance.now() - began < minutes * 60_000) {
    const next = sleep(CHANGE_EVERY);
    await change();
    changes++;
    await Promise.all(soaked.map(sees));
    await next;
  }
  const seconds = (performance.now() - began) / 1_000;
  const figures = soaked.map(({ name, proxy, slowest }, at) => {
    const requests = proxy.count() - (counts[at] ?? 0);
    return { name, requests, perSecond: requests / seconds, slowest };
  });
  for (const { name, client } of soaked) if (!client.isAlive()) faults.add(`${name}: has ended`);
  for (const { client, proxy } of soaked) {
    await client.stop();
    await proxy.stop();
  }
  await pair.stop();
  return { figures, leftOut, faults: [...faults], changes };
};

/** As lines for a person. */
export const soakText = ({ figures, leftOut, faults, changes }: SoakReport): string =>
  [
    `${changes} changes`,
    ...figures.map(
      ({ name, requests, perSecond, slowest }) =>
        `${name.padEnd(40)} ${String(requests).padStart(7)} requests` +
        `${perSecond.toFixed(2).padStart(9)} a second, a change known within ${(slowest / 1_000).toFixed(1)} s`,
    ),
    ...leftOut.map((one) => `left out: ${one}`),
    ...(faults.length > 0 ? faults : ['each alive and right']),
  ].join('\n');
