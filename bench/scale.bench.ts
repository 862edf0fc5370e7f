import { type Round, startScale } from '../test/support/scale.ts';
import type { Bench, Figure } from './figure.ts';

const FLEET = {
  clusters: 40,
  services: 700,
  tasks: 6_000,
  cloudMap: { burst: 100, perSecond: 50 },
} as const;
const REGISTRIES = ['cloudmap', 'consul', 'eureka'] as const;
const MOST_ROUNDS = 30;

/**
 * A company's fleet against AWS's published rates, 50 calls a second of each kind at Cloud Map, and
 * servers 5 to 20 ms away: rounds from nothing, a round at rest, a third of the tasks gone at once.
 * Seconds and calls are those of virtual time, in which nothing is spent on computing; `cpu` is
 * what it took here, simulators included.
 */
export const scale: Bench = async function* () {
  const fleet = await startScale(FLEET);
  try {
    for (let round = 1; round <= MOST_ROUNDS; round++) {
      const first = await measured(() => fleet.round(fleet.renew));
      if (isAtRest(first.round)) break;
      yield* written(`from nothing, round ${round}`, first.round);
    }
    const rest = await measured(() => fleet.round(fleet.renew));
    yield* told('at rest', rest.round);
    yield { name: 'at rest: cpu', value: rest.cpu, unit: 's' };
    const zone = fleet.world.tasks().filter((task) => task.availabilityZone === 'eu-central-1a');
    for (const { taskArn } of zone) fleet.world.stopTask(taskArn);
    const lost = await measured(() =>
      fleet.round(() => Promise.all([fleet.events(), fleet.renew()])),
    );
    yield* told('a zone lost', lost.round);
    const after = await measured(() => fleet.round(fleet.renew));
    for (const name of REGISTRIES) {
      const left =
        (after.round.summary.registries[name]?.records ?? 0) - (FLEET.tasks - zone.length);
      yield { name: `a zone lost: dead records after a minute, ${name}`, value: left, unit: '' };
    }
  } finally {
    await fleet.stop();
  }
};

const measured = async (work: () => Promise<Round>) => {
  const before = process.cpuUsage();
  const round = await work();
  const { user, system } = process.cpuUsage(before);
  return { round, cpu: (user + system) / 1e6 };
};

const isAtRest = ({ summary }: Round) =>
  REGISTRIES.every((name) => summary.registries[name]?.drift === 0) &&
  summary.tasks === FLEET.tasks;

const written = (name: string, { summary }: Round): Figure[] =>
  REGISTRIES.map((registry) => ({
    name: `${name}: written, ${registry}`,
    value: summary.registries[registry]?.written ?? 0,
    unit: '',
  }));

const told = (name: string, { seconds, calls }: Round): Figure[] => [
  { name: `${name}: round`, value: seconds, unit: 's' },
  ...Object.entries(calls)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([operation, count]) => ({ name: `${name}: ${operation}`, value: count, unit: '' })),
];
