import type { ClusterArn, TaskArn } from './arn.ts';
import type { Protocol } from './task.ts';

export const REGISTRY_NAMES = ['cloudmap', 'consul', 'eureka'] as const;
export type RegistryName = (typeof REGISTRY_NAMES)[number];

/**
 * What registries register of themselves, in lower case. Whoever else had such a name would be
 * taken for a server: consul-esm shares its nodes out among all that are called so. Netflix's
 * servers are `eureka` unless they are configured otherwise.
 */
export const RESERVED_NAMES: Readonly<Partial<Record<RegistryName, readonly string[]>>> = {
  consul: ['consul', 'consul-esm'],
  eureka: ['eureka'],
};

/** `starting`: the task has a health check that has not answered yet. */
export type Health = 'healthy' | 'unhealthy' | 'starting';

/**
 * Metadata keys that Rollcall itself writes. No label or tag of a task can set them, in any case or
 * spelling.
 */
export const KEY = {
  owner: 'ROLLCALL_OWNER',
  cluster: 'ROLLCALL_CLUSTER',
  task: 'ROLLCALL_TASK',
  started: 'ROLLCALL_STARTED',
  /**
   * The version of the naming rules; comes with a record's next change, so it is never a difference
   * by itself.
   */
  naming: 'ROLLCALL_NAMING',
  /** ECS's id of the deployment that started the task. Comes with the next change too. */
  deployment: 'ROLLCALL_DEPLOYMENT',
  /** Of the task definition. Comes with the next change too. */
  revision: 'ROLLCALL_REVISION',
  /** Only where it is not tcp. */
  protocol: 'ROLLCALL_PROTOCOL',
  /** Only in registries that have no tags of their own. */
  tags: 'ROLLCALL_TAGS',
  /** First and last port of a range, which is one record: within the container, and for clients. */
  portRange: 'PORT_RANGE',
  hostPortRange: 'HOST_PORT_RANGE',
  clusterName: 'ECS_CLUSTER_NAME',
  serviceName: 'ECS_SERVICE_NAME',
  family: 'ECS_TASK_DEFINITION_FAMILY',
  zone: 'AVAILABILITY_ZONE',
  region: 'REGION',
  hostId: 'EC2_INSTANCE_ID',
} as const;

/**
 * Rises when the same task and definition get another name. Code never takes out a name that newer
 * rules gave.
 */
export const NAMING = 2;

/** By which rules a record was named; 0 where it does not say. */
export const namingOf = ({ metadata }: Pick<Registration, 'metadata'>): number => {
  const text = metadata[KEY.naming] ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
};

/**
 * What names a record before any registry has mapped the name: known from the task and its
 * definition alone.
 */
export interface Identity {
  readonly id: string;
  readonly service: string;
  readonly protocol: Protocol;
  readonly cluster: ClusterArn;
  /** Of a stopping task: the name is its own only if another one was refused it. */
  readonly isGuess?: true;
}

/**
 * What should be registered for one port of one task, before a registry has fitted it to what it
 * can carry.
 */
export interface Instance extends Identity {
  readonly task: TaskArn;
  /** The address that clients shall use; the others stand in `ipv4` and `ipv6`. */
  readonly address: string;
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly port: number;
  readonly health: Health;
  /** From metadata `weight`; 1 unless said, 0 takes no traffic where the registry can say so. */
  readonly weight: number;
  /** A set, kept sorted; `udp` is not added here. */
  readonly tags: readonly string[];
  /** Everything the record says of itself, our keys included. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly networkMode: 'awsvpc' | 'bridge' | 'host';
  readonly check?: Check;
  readonly eureka: EurekaFacts;
}

/**
 * A check that the user asked for by label, of the task's own address. Nothing of ours makes it; in
 * Consul it is written for consul-esm, beside ECS's health.
 */
export interface Check {
  readonly kind: 'http' | 'https' | 'tcp' | 'grpc' | 'ttl' | 'script' | 'cmd';
  /**
   * http, https: full URL; tcp, grpc: host:port; ttl: the duration; cmd: the command as written;
   * script: the command, with `$SERVICE_IP` and `$SERVICE_PORT` filled in.
   */
  readonly target: string;
  readonly method?: 'GET' | 'HEAD';
  readonly interval?: string;
  readonly timeout?: string;
  readonly initialStatus?: string;
  readonly useTls?: boolean;
  readonly skipTlsVerify?: boolean;
}

/**
 * What Spring's and Netflix's clients read beyond address and port. Absent: the registry's own
 * default.
 */
export interface EurekaFacts {
  readonly vip?: string;
  readonly secureVip?: string;
  readonly securePort?: number;
  /** false: only the secure port takes traffic (the port itself is still written). */
  readonly portEnabled?: boolean;
  readonly managementPort?: number;
  readonly homePageUrl?: string;
  readonly statusPageUrl?: string;
  readonly healthCheckUrl?: string;
  readonly secureHealthCheckUrl?: string;
  readonly hostName?: string;
  readonly ipAddr?: string;
  /**
   * What a healthy instance is registered as: UP unless said (OUT_OF_SERVICE takes it out of
   * rotation).
   */
  readonly status?: 'UP' | 'DOWN' | 'STARTING' | 'OUT_OF_SERVICE' | 'UNKNOWN';
  readonly dataCenter?: 'MyOwn' | 'Amazon';
}

/**
 * The words of `SERVICE_EUREKA_<WORD>` for facts that are texts, as in the fork of Registrator that
 * knows Eureka.
 */
export const EUREKA_TEXTS = {
  vip: 'vip',
  secureVip: 'securevip',
  homePageUrl: 'homepageurl',
  statusPageUrl: 'statuspageurl',
  healthCheckUrl: 'healthcheckurl',
  secureHealthCheckUrl: 'securehealthcheckurl',
  hostName: 'hostname',
  ipAddr: 'ipaddr',
} as const satisfies Partial<Record<keyof EurekaFacts, string>>;

/** Those that clients connect to: a name or an address, or a URL. */
export const EUREKA_PLACES = [
  'homePageUrl',
  'statusPageUrl',
  'healthCheckUrl',
  'secureHealthCheckUrl',
  'hostName',
  'ipAddr',
] as const satisfies readonly (keyof typeof EUREKA_TEXTS)[];

/** Eureka's names besides the service's, as facts and a record's `detail` have them. */
export const VIPS = ['vip', 'secureVip'] as const;

/** The names in one of them: a list with commas, around which spaces are nothing. */
export const vipsIn = (list: string): readonly string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

/** All of them. */
export const vipsOf = (
  facts: Readonly<Partial<Record<(typeof VIPS)[number], string>>>,
): readonly string[] => VIPS.flatMap((key) => vipsIn(facts[key] ?? ''));

/** The address of one record within a registry: the name as the registry carries it. */
export interface Ref {
  readonly service: string;
  readonly id: string;
  /** Cluster ARN; Consul's node is named after it. */
  readonly cluster: string;
}

/**
 * A record as one registry holds it, or would. Two are the same when every field is equal, health
 * where both tell it.
 */
export interface Registration extends Ref {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  /**
   * `undefined`: not ours to say (a service without custom health), or not there; never
   * compared.
   */
  readonly health: Health | undefined;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** What else the registry compares, flattened to text: weights, checks, secure port, URLs. */
  readonly detail: Readonly<Record<string, string>>;
}

/**
 * A record as clients see it, whoever wrote it. This is the JSON of the resolver, to the letter.
 */
export interface Target {
  readonly id: string;
  readonly service: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly healthy: boolean;
  readonly zone: string | null;
  readonly weight: number;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}
