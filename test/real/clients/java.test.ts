import { type JavaLibrary, javaClient } from '../../../scripts/real/clients/java.ts';
import { debianConsul } from '../../../scripts/real/consul.ts';
import { eurekaClassPath } from '../../../scripts/real/eureka.ts';
import {
  type Pair,
  type PairOptions,
  startConsulPair,
  startEurekaPair,
} from '../../../scripts/real/pair.ts';
import { together, withReal } from '../real.ts';
import { type Client, seesTheSame } from './same-sight.ts';

/** Stork has no setting for a token. */
const OPEN: PairOptions = { environment: { ROLLCALL_RESOLVE_ACCESS: 'open' } };

const compare = (
  clients: Readonly<Record<string, JavaLibrary>>,
  had: Readonly<Partial<Record<JavaLibrary, Client>>>,
  [over, start]: readonly [string, () => Promise<Pair>],
) =>
  seesTheSame(
    over,
    start,
    Object.fromEntries(Object.entries(clients).map(([name, one]) => [name, had[one] ?? []])),
  );

const CONSUL_BY_TOKEN = {
  'kiwiproject consul-client 1.5.1': 'kiwiproject',
  'orbitz consul-client 1.5.3': 'orbitz',
  'Micronaut 4.10.8': 'micronaut',
} as const;
const EUREKA_BY_TOKEN = {
  'Netflix eureka-client 2.0.4': 'netflix',
  'Micronaut 4.10.8': 'micronaut',
} as const;
const WITHOUT_TOKEN = { 'SmallRye Stork 2.7.3': 'stork' } as const;

const micronaut = () => javaClient('micronaut');

await withReal(
  'Consul’s clients in Java and Consul 1.8.7',
  together({
    consul: debianConsul,
    kiwiproject: () => javaClient('kiwiproject'),
    orbitz: () => javaClient('orbitz'),
    micronaut,
    stork: () => javaClient('stork'),
  }),
  (had) => {
    const over = 'Consul 1.8.7';
    compare(CONSUL_BY_TOKEN, had, [over, () => startConsulPair(had.consul)]);
    compare(WITHOUT_TOKEN, had, [over, () => startConsulPair(had.consul, OPEN)]);
  },
);

await withReal(
  'Eureka’s clients in Java and Eureka 2.0.4',
  together({ eureka: eurekaClassPath, netflix: () => javaClient('netflix'), micronaut }),
  (had) => compare(EUREKA_BY_TOKEN, had, ['Eureka 2.0.4', () => startEurekaPair(had.eureka)]),
);
