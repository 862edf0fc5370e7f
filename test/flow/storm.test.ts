import { beforeAll, describe, expect, it } from 'vitest';
import type { RegistryName } from '../../shared/model/registration.ts';
import { type Ages, quantile, runStorm, type Storm, type StormOptions } from '../support/storm.ts';

/** In small; `npm run bench` has 400 starts and 400 stops in a minute. */
const SMALL = { tasks: 50, seconds: 12, after: 12 } as const;
/**
 * Without a fault this storm costs 260: a DescribeTasks for each batch of starts, and one for each
 * batch of stops, of which five functions tell each other nothing. A fault makes it little dearer.
 */
const ECS_CALLS = 300;
const REGISTRIES: readonly RegistryName[] = ['cloudmap', 'consul', 'eureka'];

type Fault = NonNullable<StormOptions['fault']>;
const FAULTS: readonly Fault[] = [
  { registry: 'consul', how: 'stopped' },
  { registry: 'consul', how: 'slow' },
  { registry: 'eureka', how: 'slow' },
  { registry: 'cloudmap', how: 'stopped' },
];

describe('tasks that start and stop all the time, served by five functions', () => {
  let calm: Storm;
  beforeAll(async () => {
    calm = await runStorm(SMALL);
  });

  /** Whoever looks at a registry that works does not see that another one does not. */
  const expectUnmoved = (ages: Ages, before: Ages) => {
    for (const kind of ['starts', 'stops'] as const) {
      const [p50, p99] = [quantile(before[kind], 0.5), quantile(before[kind], 0.99)];
      expect(quantile(ages[kind], 0.5)).toBeLessThanOrEqual(p50 * 1.2);
      expect(quantile(ages[kind], 0.99)).toBeLessThanOrEqual(Math.max(p99 * 1.2, p99 + 1_000));
    }
  };

  it.each(FAULTS)('are as soon in the other registries while $registry is $how', async (fault) => {
    const storm = await runStorm({ ...SMALL, fault });
    for (const name of REGISTRIES.filter((one) => one !== fault.registry))
      expectUnmoved(storm.ages[name], calm.ages[name]);
    expect(storm.ecsCalls).toBeLessThanOrEqual(ECS_CALLS);
    for (const name of REGISTRIES) expect(storm.records[name], name).toBe(storm.running);
  });
});
