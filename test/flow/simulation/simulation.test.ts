import { beforeAll, describe, expect, it } from 'vitest';
import { playHistory, type Report, type Script } from './history.ts';

/**
 * The deployed functions over simulated AWS, Consul and Eureka, all registries together, in virtual
 * time: thirteen minutes each. `SIMULATION_HISTORIES` says how many, `SIMULATION_SEED` from which
 * on; the same seed is the same history.
 */
const HISTORIES = Number(process.env['SIMULATION_HISTORIES'] ?? 10);
const FIRST = Number(process.env['SIMULATION_SEED'] ?? 1);

const toText = ({ seed, story, errors }: Report) =>
  [`history ${seed}`, ...story, 'errors in the log:', ...errors.slice(-20)].join('\n  ');

describe('whatever befalls events, functions, AWS and registries', () => {
  // Modules are loaded when first used, which takes real time: the first history is for that.
  beforeAll(() => playHistory(0), 600_000);

  it('the same seed is the same history', async () => {
    const [once, again] = [await playHistory(FIRST), await playHistory(FIRST)];
    expect(once.requests).toBeGreaterThan(100);
    expect(again).toEqual(once);
  }, 600_000);

  it.each(Array.from({ length: HISTORIES }, (_, at) => FIRST + at))(
    'each promise is kept while it lasts, and at rest all is as it should be (history %i)',
    async (seed) => {
      const report = await playHistory(seed);
      expect(report.faults, toText(report)).toEqual([]);
    },
    600_000,
  );
});

describe('whatever events are forged', () => {
  const seeds = Array.from({ length: Math.ceil(HISTORIES / 3) }, (_, at) => FIRST + at);
  const play = async (seed: number, script: Script) => {
    const report = await playHistory(seed, script);
    expect(report.faults, toText(report)).toEqual([]);
    expect(report.story.filter((line) => line.includes('forged'))).not.toHaveLength(0);
  };

  it.each(seeds)(
    'ECS’s word is put through within seconds, and nothing stays that it does not know (history %i)',
    (seed) => play(seed, { forged: 'any tasks', misfortunes: () => {} }),
    600_000,
  );

  it.each(seeds)(
    'and whatever befalls the rest, each promise is kept while it lasts (history %i)',
    (seed) => play(seed, { forged: 'known tasks' }),
    600_000,
  );
});
