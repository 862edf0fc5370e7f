import type { Directory } from '../registries/registry.ts';
import type { KeptAnswers } from './lookup/answers.ts';
import type { Holds } from './lookup/holds.ts';

/**
 * What a process counts of itself, in Prometheus' text format. Names begin with `rollcall_`, units
 * are base units. Labels are bounded: routes as the route table has them, statuses by their class.
 */
export interface Metrics {
  /** `route`: its path in the table; empty where none was found. */
  readonly answered: (route: string, status: number) => void;
  /** The same directory, its reads counted. */
  readonly counting: (directory: Directory) => Directory;
  readonly text: () => string;
}

/** A name, what it means, and its values by labels. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly values: () => Iterable<readonly [labels: string, value: number]>;
}

/** A metric without labels. */
const single = (type: Metric['type'], name: string, help: string, value: number): Metric => ({
  name,
  type,
  help,
  values: () => [['', value]],
});

export const holdMetrics = (holds: Holds): readonly Metric[] => [
  single('gauge', 'rollcall_held_requests', 'Blocking queries that are held.', holds.count()),
  single('gauge', 'rollcall_held_requests_limit', 'How many may be held.', holds.slots),
];

export const answerMetrics = (answers: KeptAnswers): readonly Metric[] => {
  const { kept, rendered, bytes } = answers.counts();
  return [
    {
      name: 'rollcall_answers_total',
      type: 'counter',
      help: 'Answers that were kept when they were asked for, or had to be rendered.',
      values: () => [
        ['{result="kept"}', kept],
        ['{result="rendered"}', rendered],
      ],
    },
    single('gauge', 'rollcall_answers_bytes', 'Memory of the answers that are kept.', bytes),
  ];
};

/** `others`: what other parts of the process count. */
export const createMetrics = (now: () => number, others: () => readonly Metric[]): Metrics => {
  /** By route, and by class of status. */
  const requests = new Map<string, number[]>();
  const reads = { read: 0, failed: 0 };
  let readAt: number | undefined;

  const own: readonly Metric[] = [
    {
      name: 'rollcall_requests_total',
      type: 'counter',
      help: 'Requests that were answered, by route and class of status.',
      values: () =>
        [...requests].flatMap(([route, counts]) =>
          counts.flatMap((count, at) => [[`{route="${route}",status="${at}xx"}`, count] as const]),
        ),
    },
    {
      name: 'rollcall_registry_reads_total',
      type: 'counter',
      help: 'Reads of the registry that have ended.',
      values: () =>
        Object.entries(reads).map(([result, count]) => [`{result="${result}"}`, count] as const),
    },
    {
      name: 'rollcall_registry_age_seconds',
      type: 'gauge',
      help: 'Time since the last read began that brought something; absent before the first.',
      values: () => (readAt === undefined ? [] : [['', (now() - readAt) / 1000]]),
    },
  ];

  const counted = async <T>(read: () => Promise<T>): Promise<T> => {
    const began = now();
    try {
      const value = await read();
      reads.read++;
      readAt = Math.max(began, readAt ?? 0);
      return value;
    } catch (error) {
      reads.failed++;
      throw error;
    }
  };

  return {
    answered(route, status) {
      const counts = requests.get(route) ?? [];
      const at = Math.floor(status / 100);
      counts[at] = (counts[at] ?? 0) + 1;
      requests.set(route, counts);
    },
    counting: (directory) => ({
      ...directory,
      everything: (signal) => counted(() => directory.everything(signal)),
      instances: (service, signal) => counted(() => directory.instances(service, signal)),
    }),
    text: () => [...own, ...others()].map(toText).join(''),
  };
};

const toText = ({ name, type, help, values }: Metric): string =>
  [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...[...values()].map(([labels, value]) => `${name}${labels} ${value}`),
    '',
  ].join('\n');
