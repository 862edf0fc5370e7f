import type { Template } from '../../stack/template.ts';
import { table } from '../tables.ts';
import {
  billOf,
  extras,
  type Fleet,
  LINES,
  type Line,
  metricsWatched,
  roundSeconds,
  total,
} from './bill.ts';
import { LOOKED_UP, PRICES, type Price } from './prices.ts';

/** What the pages tell of, from the least that one would deploy for. */
export const FLEETS: readonly Fleet[] = [
  { title: '20 services', stacks: 1, tasks: 50, services: 20, replacements: 20 },
  { title: '1,000 tasks', stacks: 1, tasks: 1_000, services: 100, replacements: 20 },
  { title: '10,000 tasks', stacks: 1, tasks: 10_000, services: 500, replacements: 20 },
  { title: '60 accounts', stacks: 60, tasks: 200, services: 30, replacements: 20 },
];

const TITLES: Readonly<Record<Line, string>> = {
  rounds: 'the reconciler’s rounds, one a minute',
  waiting: 'waiting for events',
  events: 'the events of tasks that come and go',
  metrics: 'metrics, if tasks come and go in every hour',
  alarms: 'alarms',
  log: 'the log',
  token: 'the resolver’s token',
  instances: 'Cloud Map: instances',
  questions: 'Cloud Map: a question a round for each service',
  leases: 'Eureka’s leases',
};

/** The prices that all figures follow from. */
export const pricesTable = (): string => {
  const rows: readonly Price[] = Object.values(PRICES);
  return table(
    [`US dollars, noted ${LOOKED_UP}`, 'for', 'source'],
    rows.map(({ dollars, per, unit, source }) => [
      String(dollars),
      `${per === 1 ? article(unit) : 'a million'} ${unit}`,
      `<${source}>`,
    ]),
  );
};

/** The h of `hour` is not heard. */
const article = (unit: string) => (/^(?:[aeio]|hour)/.test(unit) ? 'an' : 'a');

/** Line by line with Cloud Map alone, then what other registries add. */
export const fleetsTable = (template: Template): string => {
  const bills = FLEETS.map((fleet) => ({
    cloudmap: billOf(template, fleet, 'cloudmap'),
    consul: billOf(template, fleet, 'cloudmap,consul'),
    eureka: billOf(template, fleet, 'cloudmap,consul,eureka'),
    alone: billOf(template, fleet, 'consul'),
    nat: fleet.stacks * extras(template).nat,
  }));
  const row = (title: string, of: (bill: (typeof bills)[number]) => number) => [
    title,
    ...bills.map((bill) => money(of(bill))),
  ];
  const paid = LINES.filter((line) => bills.some(({ cloudmap }) => cloudmap[line] > 0));
  return table(
    ['US dollars a month', ...FLEETS.map(({ title }) => title)],
    [
      ...paid.map((line) => row(TITLES[line], ({ cloudmap }) => cloudmap[line])),
      row('**with Cloud Map**', ({ cloudmap }) => total(cloudmap)),
      row('Consul besides', ({ cloudmap, consul }) => total(consul) - total(cloudmap)),
      row('Eureka besides', ({ consul, eureka }) => total(eureka) - total(consul)),
      row('**with Consul alone**, where functions reach it without a VPC', ({ alone }) =>
        total(alone),
      ),
      row(
        '**with Consul alone** in a VPC, through one NAT gateway a stack',
        ({ alone, nat }) => total(alone) + nat,
      ),
    ].map((cells) => [...cells]),
  );
};

/** What each fleet has, and the seconds of a round that follow. */
export const assumptionsTable = (): string =>
  table(
    ['', 'stacks', 'tasks in each', 'services in each', 'a round takes'],
    FLEETS.map((fleet) => [
      fleet.title,
      String(fleet.stacks),
      fleet.tasks.toLocaleString('en-US'),
      String(fleet.services),
      `${roundSeconds(fleet)} s`,
    ]),
  );

/** What comes with a setting, or with what clients do. */
export const featuresTable = (template: Template): string => {
  const { requests, heldQuery, events, dashboard, traces, nat, endpoints } = extras(template);
  const [least, most] = ['cloudmap', 'cloudmap,consul,eureka'].map((registries) =>
    metricsWatched(template, registries),
  );
  return table(
    ['feature', 'a month'],
    [
      ['a million short requests to the resolver', money(requests)],
      ['one blocking query of a Consul client, held all month', money(heldQuery)],
      ['`resolveWait=0`, or [the resolver as a process](resolver-process.md): no held query', '0'],
      ['`publishEvents`: 10,000 tasks that come and go in one registry', money(events)],
      ['`dashboard`, beyond the three that an account has free', money(dashboard)],
      [
        '`tracing=Active`: a million traces; rounds make 43,800 and renewals 87,600 of them',
        money(traces),
      ],
      ['`pageHistory`, [`history`](history.md): invocations of `inspect`, a few an hour', '0'],
      ['`subnetIds`: a NAT gateway, where none is there', `from ${money(nat)}`],
      ['`subnetIds`: six interface endpoints in two zones instead', money(endpoints)],
      [
        `\`registries\`: the alarms watch ${least} metrics with Cloud Map alone, ${most} with all three`,
        'above',
      ],
      ['`dns=both`: twice the instances in Cloud Map', `${money(PRICES.instance.dollars)} each`],
      ['`kmsKeyArn`: the key itself, and its use', 'from 1.00'],
      ['[CloudTrail’s data events](operations.md#who-did-it)', '0.04 with `reconcile`'],
    ],
  );
};

/** What the smallest fleet costs without its instances, in whole dollars. */
export const startsAt = (template: Template): string => {
  const [smallest] = FLEETS;
  if (!smallest) throw new Error('there is no fleet');
  const bill = billOf(template, smallest, 'cloudmap');
  return `$${Math.round(total(bill) - bill.instances)}`;
};

const money = (dollars: number): string =>
  dollars >= 100 ? Math.round(dollars).toLocaleString('en-US') : dollars.toFixed(2);
