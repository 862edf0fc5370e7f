import { afterEach, describe, expect, it } from 'vitest';
import { type Scale, startScale } from '../support/scale.ts';

/**
 * A fleet in small, against rates made small in proportion: as many services a call of Cloud Map's
 * as 700 at 50 a second, so that what does not fit one round here does not fit one there. `npm run
 * bench` has it in full size.
 */
const SMALL = {
  clusters: 6,
  services: 70,
  tasks: 400,
  cloudMap: { burst: 10, perSecond: 5 },
} as const;
const REGISTRIES = ['cloudmap', 'consul', 'eureka'] as const;

let running: Scale | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const start = async () => {
  running = await startScale(SMALL);
  return running;
};

/** Minutes until nothing is left to do, with what each had. */
const settled = async (scale: Scale) => {
  const rounds = [];
  for (let minute = 0; minute < 12; minute++) {
    const round = await scale.round(scale.renew);
    rounds.push(round);
    if (REGISTRIES.every((name) => round.summary.registries[name]?.drift === 0)) break;
  }
  return rounds;
};

const recordsOf = (
  rounds: Awaited<ReturnType<typeof settled>>,
  name: (typeof REGISTRIES)[number],
) => rounds.map(({ summary }) => summary.registries[name]?.records ?? 0);

describe('a fleet whose Cloud Map takes less than one round has to write', () => {
  it('is there after some rounds, each of which keeps what the ones before did, and at once in the other registries', async () => {
    const scale = await start();
    const rounds = await settled(scale);
    for (const name of ['consul', 'eureka'] as const)
      expect(rounds[0]?.summary.registries[name]?.written).toBe(SMALL.tasks);
    const held = recordsOf(rounds, 'cloudmap');
    expect(held.at(-1)).toBe(SMALL.tasks);
    expect(held).toEqual(held.toSorted((a, b) => a - b));
    expect(new Set(held).size).toBe(held.length);
    expect(rounds.every(({ seconds }) => seconds < 55)).toBe(true);
    expect(scale.errors()).toEqual([]);
  });

  it('costs one call of the fast plane a service, and nothing of the slow one but pages, once at rest', async () => {
    const scale = await start();
    await settled(scale);
    const { calls, summary } = await scale.round();
    expect(summary.failures).toEqual([]);
    expect(calls['DiscoverInstances']).toBe(SMALL.services);
    expect(calls['ListServices']).toBe(1);
    expect(calls['GetInstancesHealthStatus']).toBeUndefined();
    expect(calls['DescribeTaskDefinition']).toBeUndefined();
  });
});

describe('a third of the fleet that stops at once', () => {
  it('is out of every registry within two minutes, though one is ten times slower', async () => {
    const scale = await start();
    await settled(scale);
    scale.slow('eureka', 10);
    const zone = scale.world.tasks().filter((task) => task.availabilityZone === 'eu-central-1a');
    for (const { taskArn } of zone) scale.world.stopTask(taskArn);
    for (let minute = 0; minute < 2; minute++)
      await scale.round(() => Promise.all([scale.events(), scale.renew()]));
    const { summary } = await scale.round();
    for (const name of REGISTRIES)
      expect(summary.registries[name]?.records).toBe(SMALL.tasks - zone.length);
  });
});

describe('a registry that hangs once it is listed', () => {
  it('holds up a round once, not with each cluster: the others have what they need in seconds', async () => {
    const scale = await start();
    await settled(scale);
    const stopped = scale.world.tasks().filter((_, at) => at % 7 === 0);
    for (const { taskArn } of stopped) scale.world.stopTask(taskArn);
    const began = scale.time.now();
    let last = began;
    scale.roads.consul.arrived = ({ method }) => {
      if (method !== 'GET') last = scale.time.now();
    };
    scale.roads.eureka.delay = (usual, { url }) => (url.endsWith('/apps') ? usual : 60_000);
    await scale.round();
    // One request's own time, of which Eureka's alone is lost; six clusters would make two of it,
    // forty fourteen.
    expect(last - began).toBeGreaterThan(0);
    expect(last - began).toBeLessThan(5_000);
  });
});
