import { REGISTRY_NAMES } from '../shared/model/registration.ts';
import { quantile, runStorm, type Storm, type StormOptions } from '../test/support/storm.ts';
import type { Bench, Figure } from './figure.ts';

const FULL = { tasks: 400, seconds: 60, after: 140 } as const;

type Fault = NonNullable<StormOptions['fault']>;
const FAULTS: readonly Fault[] = REGISTRY_NAMES.flatMap((registry) =>
  (['stopped', 'slow'] as const).map((how): Fault => ({ registry, how })),
);

/**
 * 400 starts and 400 stops in a minute, five functions, and one registry that hangs for 20 s or
 * answers each request in 2.5 s: how many times as old the news is at the others as in a storm
 * without a fault, and how many calls of ECS it takes. In virtual time.
 */
export const storm: Bench = async function* () {
  const calm = await runStorm(FULL);
  yield* [
    ...REGISTRY_NAMES.flatMap((name) => [
      { name: `calm: ${name}, p50`, value: quantile(calm.ages[name].starts, 0.5), unit: 'ms' },
      { name: `calm: ${name}, p99`, value: quantile(calm.ages[name].starts, 0.99), unit: 'ms' },
    ]),
    { name: 'calm: calls of ECS', value: calm.ecsCalls, unit: '' },
  ];
  for (const fault of FAULTS) yield* ratios(fault, await runStorm({ ...FULL, fault }), calm);
};

const ratios = ({ registry, how }: Fault, { ages, ecsCalls }: Storm, calm: Storm): Figure[] => {
  const told = `${registry} ${how}`;
  const others = REGISTRY_NAMES.filter((name) => name !== registry);
  const worst = (share: number, of: (age: number, before: number) => number) =>
    Math.max(
      ...others.flatMap((name) =>
        (['starts', 'stops'] as const).map((kind) =>
          of(quantile(ages[name][kind], share), quantile(calm.ages[name][kind], share)),
        ),
      ),
    );
  return [
    {
      name: `${told}: p50 at the others`,
      value: worst(0.5, (age, before) => age / before),
      unit: 'x',
    },
    {
      name: `${told}: p99 at the others`,
      value: worst(0.99, (age, before) => age - before),
      unit: 'ms more',
    },
    { name: `${told}: calls of ECS`, value: ecsCalls, unit: '' },
  ];
};
