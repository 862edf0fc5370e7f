import { at, deployed, list, ofType, type Template } from '../../stack/template.ts';
import { dollars } from './prices.ts';

/** What stacks of one kind have to look after, each. */
export interface Fleet {
  readonly title: string;
  readonly stacks: number;
  readonly tasks: number;
  readonly services: number;
  /** How often a task is replaced in a month: deployments, scaling. */
  readonly replacements: number;
}

/** A month of 730 hours. */
const HOURS = 730;
const ROUNDS = HOURS * 60;
/** Empty receives a minute with which Lambda waits for messages of one queue. */
const RECEIVES = 15;
/** Invocations that one task makes from its start to its end: events, looks. */
const INVOCATIONS = 8;
/** Seconds. */
const SECONDS = { event: 0.5, renewal: 0.3, request: 0.04 } as const;
/** Heartbeats that a renewal sends in a second. */
const HEARTBEATS = 500;
/** Calls to ECS that a round may make at once, and in each second after that, by default. */
const CALLS = { atOnce: 50, perSecond: 10 } as const;
/** Gigabytes: of Lambda's own lines and the metrics in a month, and of one outcome's line. */
const LOG = { rest: 0.1, outcome: 2e-6 } as const;
/** Metrics of one registry whose tasks come and go, and those of leases. */
const METRICS = { registry: 6, leases: 2 } as const;
/** SQS requests that one message costs: sent, received, deleted. */
const REQUESTS = 3;

/** Dollars a month, line by line, for all stacks of the fleet together. */
export type Bill = Readonly<Record<Line, number>>;
export type Line = (typeof LINES)[number];

export const LINES = [
  'rounds',
  'waiting',
  'events',
  'metrics',
  'alarms',
  'log',
  'token',
  'instances',
  'questions',
  'leases',
] as const;

/** Seconds of a round: one for all but ECS's answers, two of which it needs for 100 tasks. */
export const roundSeconds = ({ tasks }: Fleet): number => {
  const calls = 2 * Math.ceil(tasks / 100);
  return 2 + Math.max(0, calls - CALLS.atOnce) / CALLS.perSecond;
};

/** Functions may work at once on so much memory, by the template. */
const gigabytes = (template: Template, name: string): number => {
  const found = ofType(template, 'AWS::Lambda::Function').find(([id]) => id.startsWith(name));
  if (!found) throw new Error(`no function is called ${name}`);
  return Number(found[1].Properties['MemorySize']) / 1_024;
};

/** By which alarms are paid: a metric in a formula counts, the formula does not. */
export const metricsWatched = (template: Template, registries: string): number =>
  ofType(deployed(template, { registries }), 'AWS::CloudWatch::Alarm')
    .map(([, { Properties }]) => Math.max(1, list(Properties['Metrics']).filter(isMetric).length))
    .reduce((sum, metrics) => sum + metrics, 0);

const isMetric = (query: Parameters<typeof at>[0]) => at(query, 'MetricStat') !== undefined;

export const billOf = (template: Template, fleet: Fleet, registries: string): Bill => {
  const names = registries.split(',');
  const hasLeases = names.includes('eureka');
  const inCloudMap = names.includes('cloudmap') ? 1 : 0;
  const run = (name: string, invocations: number, seconds: number) =>
    dollars('invocation', invocations) +
    dollars('gbSecond', invocations * seconds * gigabytes(template, name));
  const changes = fleet.tasks * fleet.replacements;
  const queues = hasLeases ? 2 : 1;
  const outcomes = 2 * changes * names.length;
  const one: Bill = {
    rounds: run('Reconcile', ROUNDS, roundSeconds(fleet)),
    waiting: dollars('queueRequest', RECEIVES * ROUNDS * queues),
    events:
      run('OnTaskEvent', changes * INVOCATIONS, SECONDS.event) +
      dollars('queueRequest', changes * INVOCATIONS * REQUESTS),
    metrics: dollars('metric', METRICS.registry * names.length + (hasLeases ? METRICS.leases : 0)),
    alarms: dollars('alarm', metricsWatched(template, registries)),
    log: dollars('logGigabyte', LOG.rest + outcomes * LOG.outcome),
    token: dollars('secret', 1),
    instances: dollars('instance', fleet.tasks * inCloudMap),
    questions: dollars('discovery', fleet.services * ROUNDS * inCloudMap),
    leases: hasLeases
      ? run('Renew', 2 * ROUNDS, SECONDS.renewal + fleet.tasks / HEARTBEATS) +
        dollars('queueRequest', ROUNDS * REQUESTS)
      : 0,
  };
  return Object.fromEntries(LINES.map((line) => [line, one[line] * fleet.stacks])) as Record<
    Line,
    number
  >;
};

export const total = (bill: Bill): number => LINES.reduce((sum, line) => sum + bill[line], 0);

/** Dollars a month of what is paid by what clients do, or by where the functions stand. */
export const extras = (template: Template) => ({
  requests:
    dollars('httpRequest', 1_000_000) +
    dollars('invocation', 1_000_000) +
    dollars('gbSecond', 1_000_000 * SECONDS.request * gigabytes(template, 'Resolve')),
  heldQuery:
    dollars('gbSecond', HOURS * 3_600 * gigabytes(template, 'Resolve')) +
    dollars('httpRequest', (HOURS * 3_600) / 20),
  events: dollars('event', 20_000),
  dashboard: dollars('dashboard', 1),
  traces: dollars('trace', 1_000_000),
  nat: dollars('natHour', HOURS),
  endpoints: dollars('endpointHour', HOURS * 2 * 6),
});
