import { KEY, type RegistryName, type Target } from '../../shared/model/registration.ts';
import type { Summary } from '../../shared/model/summary.ts';
import type { Directory } from '../../shared/registries/registry.ts';
import type { RegistryContents } from '../../shared/resolver/page/page-data.ts';

/** A small shop as the page might find it: mostly well, one service adrift, one task ill. */

export const OWNER = 'rollcall-prod:111122223333:eu-central-1';
export const NOW = Date.parse('2026-11-21T12:00:00Z');
const CLUSTER = 'arn:aws:ecs:eu-central-1:111122223333:cluster/shop';

/** The installation of the scenes, as it tells of itself. */
export const DEPLOYMENT = {
  owner: OWNER,
  stage: 'prod',
  version: '0.2.0',
  admin: { stack: 'rollcall-prod', region: 'eu-central-1' },
} as const;

export const hexOf = (at: number) =>
  `7e9c4b1d05f2a86378c1d90b4e5f${at.toString(16).padStart(4, '0')}`;

/** The record of task number `at`, as a registry holds it. */
export const held = (at: number, overrides: Partial<Target> = {}): Target => {
  const service = overrides.service ?? 'web';
  return {
    id: `${hexOf(at)}-8080-k5wq3zjhd4ontvbs6yx2`,
    service,
    address: `10.0.${at >> 8}.${at & 255}`,
    port: 8080,
    protocol: 'tcp',
    healthy: true,
    zone: 'eu-central-1a',
    weight: 1,
    tags: ['v2'],
    ...overrides,
    metadata: {
      [KEY.owner]: OWNER,
      [KEY.cluster]: CLUSTER,
      [KEY.clusterName]: 'shop',
      [KEY.serviceName]: service.toLowerCase(),
      [KEY.task]: `${CLUSTER.replace(':cluster/', ':task/')}/${hexOf(at)}`,
      [KEY.started]: new Date(NOW - 7_500_000 - at * 60_000).toISOString(),
      ...overrides.metadata,
    },
  };
};

export type Content = Readonly<Record<string, readonly Target[]>>;

export const contents = (
  registry: RegistryName,
  content: Content,
  overrides: Partial<RegistryContents> = {},
): RegistryContents =>
  ({
    state: 'read',
    registry,
    waitsForHealth: registry === 'cloudmap',
    age: 0,
    services: Object.entries(content).map(([name, targets]) => ({ name, targets })),
    ...overrides,
  }) as RegistryContents;

/** A registry in memory; `failure` set, it cannot be read. */
export const directory = (
  name: RegistryName,
  state: { content: Content; failure?: Error | undefined },
): Directory => {
  const read = async () => {
    if (state.failure) throw state.failure;
    return Object.entries(state.content);
  };
  return {
    name,
    everything: async () =>
      (await read()).map(([service, targets]) => ({ name: service, targets })),
    instances: async (service) => (await read()).find(([one]) => one === service)?.[1],
    ...(name === 'cloudmap' && { waitsForHealth: true as const }),
  };
};

const named = (name: string, targets: readonly Target[]): readonly Target[] =>
  targets.map((target) => ({ ...target, service: name }));

const web = [1, 2, 3].map((at) =>
  held(at, { zone: `eu-central-1${'abc'[at - 1]}`, tags: ['blue', 'v2'] }),
);
const stock = [
  held(11, { service: 'stock-price' }),
  held(12, { service: 'stock-price', healthy: false, metadata: { team: 'trading' } }),
];
const mail = [
  held(21, {
    service: 'mail',
    port: 2525,
    metadata: { [KEY.started]: new Date(NOW - 20_000).toISOString() },
  }),
];
const ledger: Target = {
  ...held(31, { service: 'ledger' }),
  id: 'node-1:ledger:9000',
  metadata: {},
  tags: [],
};

export const SHOP: Readonly<Record<RegistryName, Content>> = {
  cloudmap: { mail: [], 'stock-price': stock, web },
  consul: { ledger: [ledger], mail, 'stock-price': stock, web: web.slice(0, 2) },
  eureka: { 'STOCK-PRICE': named('STOCK-PRICE', stock), WEB: named('WEB', web) },
};

export const counts = {
  records: 6,
  drift: 0,
  written: 0,
  removed: 0,
  failed: 0,
  withheld: 0,
  waiting: 0,
};

export const round = (overrides: Partial<Summary> = {}): Summary => ({
  at: new Date(NOW - 40_000).toISOString(),
  milliseconds: 1_240,
  policy: 'sync',
  clusters: 1,
  tasks: 7,
  registries: { cloudmap: counts, consul: { ...counts, drift: 1, failed: 1 }, eureka: counts },
  withheld: [],
  unfinished: [],
  skips: [
    {
      task: `${CLUSTER.replace(':cluster/', ':task/')}/${hexOf(41)}`,
      code: 'no-ports',
      detail: 'no container of batch:7 publishes a port',
    },
  ],
  failures: ['consul: registering web/…-8080: 500 rpc error: No cluster leader'],
  ...overrides,
});

export const shopContents = (): readonly RegistryContents[] => [
  contents('cloudmap', SHOP.cloudmap),
  contents('consul', SHOP.consul),
  contents('eureka', SHOP.eureka),
];

const WORDS = [
  'orders',
  'basket',
  'search',
  'mail',
  'auth',
  'price',
  'stock',
  'video',
  'feed',
  'geo',
];
const KINDS = ['api', 'worker', 'web', 'admin', 'events'];

/** Names as a company has them: `orders-api`, `basket-worker-2`. */
const nameAt = (at: number) => {
  const round = Math.floor(at / (WORDS.length * KINDS.length));
  const name = `${WORDS[at % WORDS.length]}-${KINDS[Math.floor(at / WORDS.length) % KINDS.length]}`;
  return round === 0 ? name : `${name}-${round + 1}`;
};

/** Everything well: `services` services of `each` instances over three zones. */
export const fleet = (services: number, each: number): Content =>
  Object.fromEntries(
    Array.from({ length: services }, (_, of) => {
      const service = nameAt(of);
      const targets = Array.from({ length: each }, (_, at) =>
        held(of * each + at, {
          service,
          zone: `eu-central-1${'abc'[at % 3]}`,
          metadata: {
            [KEY.clusterName]: of % 3 === 0 ? 'core' : 'shop',
            [KEY.family]: service,
            [KEY.revision]: '41',
            [KEY.deployment]: `ecs-svc/${1_000_000 + of}`,
            [KEY.hostId]: `i-0${hexOf((of * each + at) % 40).slice(-15)}`,
          },
        }),
      );
      return [service, targets];
    }),
  );

/** The same names with other instances for some of them. */
export const changed = (
  content: Content,
  change: (target: Target, at: number) => Target | undefined,
  ...names: readonly string[]
): Content =>
  Object.fromEntries(
    Object.entries(content).map(([name, targets]) => [
      name,
      names.includes(name) ? targets.map(change).filter((one) => one !== undefined) : targets,
    ]),
  );

/** As Eureka lists it. */
export const inCapitals = (content: Content): Content =>
  Object.fromEntries(
    Object.entries(content).map(([name, targets]) => [
      name.toUpperCase(),
      named(name.toUpperCase(), targets),
    ]),
  );

const unwell = (target: Target): Target => ({ ...target, healthy: false });

/** What the round tells of `troubled`. */
export const SHARED = [{ name: 'basket-api', owners: ['shop/basket-api', 'staging/basket'] }];

/** A fleet at night: most is well, and of each kind of trouble there is one. */
export const troubled = (services: number, each: number) => {
  const zoneA = 'eu-central-1a';
  let all = fleet(services, each);
  all = changed(all, unwell, 'stock-api');
  all = changed(all, (one) => (one.zone === zoneA ? unwell(one) : one), 'orders-api');
  all = changed(
    all,
    (one, at) => (at < 3 ? { ...one, metadata: { ...one.metadata, [KEY.revision]: '42' } } : one),
    'video-api',
  );
  all = changed(
    all,
    (one, at) =>
      at < 4
        ? {
            ...one,
            metadata: {
              ...one.metadata,
              [KEY.clusterName]: 'staging',
              [KEY.serviceName]: 'basket',
            },
          }
        : one,
    'basket-api',
  );
  return {
    cloudmap: all,
    consul: {
      ...changed(all, (one, at) => (at === 1 ? undefined : one), 'mail-api'),
      ledger: [ledger],
    },
    eureka: inCapitals(all),
  };
};

/** Ten thousand instances whose names, tags and addresses attack whoever reads them. */
export const hostile = (many: number, names: number): Content => {
  const texts = [
    '"><img src=x onerror="window.pwned=1">',
    '</script><script>window.pwned=1</script>',
    '\u202egpj.exe\u200b\u0000',
    'x'.repeat(300),
    'עברית-العربية',
    '%2e%2e/\\..//?service=a&b=c#d',
  ];
  const content: Record<string, Target[]> = {};
  for (let at = 0; at < many; at++) {
    const text = texts[at % texts.length] ?? '';
    const service = `${text}${at % names}`;
    const metadata = { [text]: text.repeat(20), [KEY.clusterName]: text, [KEY.hostId]: text };
    content[service] ??= [];
    content[service].push({
      ...held(at),
      service,
      address: text.slice(0, 200),
      zone: `${text.slice(0, 60)}${at % 7}`,
      tags: [text, text],
      healthy: at % 2 === 0,
      metadata: at % 3 === 0 ? { ...held(at).metadata, ...metadata } : metadata,
    });
  }
  return content;
};
