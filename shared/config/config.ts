import type { AddressRules } from '../model/address.ts';
import type { RegistryName } from '../model/registration.ts';
import type { LogLevel } from '../platform/log.ts';
import type { Secret } from './secret.ts';

/** What the deployer chose, checked and frozen. `load.ts` makes it from the environment. */
export interface Config {
  /** In the order given; the resolver reads the first unless told otherwise. */
  readonly registries: readonly RegistryName[];
  /** Written on every record, compared exactly. */
  readonly owner: string;
  /** Absent only where no task is read or written: the resolver needs none. */
  readonly place?: Place;
  /** Names, globs or ARNs; empty: every cluster of the place. */
  readonly clusters: readonly string[];
  readonly policy: 'observe' | 'create-only' | 'upsert-only' | 'sync';
  /** Percent of a cluster's records that one reconcile may remove without an operator's word. */
  readonly deleteLimit: number;
  /** Percent of the calls that ECS allows, for what reads everything. */
  readonly ecsReadShare: number;
  /** The lowest level of the lines that the program writes. */
  readonly logLevel: LogLevel;
  /** Whether each outcome is sent as an event too. */
  readonly publishEvents: boolean;
  readonly rules: Rules;
  readonly cloudmap?: CloudMapConfig;
  readonly consul?: ConsulConfig;
  readonly eureka?: EurekaConfig;
  readonly resolve: ResolveConfig;
  readonly stack: StackConfig;
}

/**
 * Where this installation stands. Clusters, events and records of any other place are foreign,
 * whatever ECS says.
 */
export interface Place {
  /** `aws`, `aws-cn` … */
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** What derivation needs to know beyond the task itself. */
export interface Rules {
  readonly owner: string;
  readonly profile: 'ecs' | 'registrator';
  /** Which tasks count under profile ecs; under registrator all do. */
  readonly tasks: 'services' | 'all';
  readonly mode: 'opt-out' | 'opt-in';
  readonly address: 'private' | 'public' | 'ipv6';
  /** Which addresses are registered. */
  readonly addresses?: AddressRules;
  readonly names: NameRules;
}

/** Who may have which name. */
export interface NameRules {
  /** How tasks are called, by cluster: the first that matches; the last one matches all. */
  readonly templates: readonly NameTemplate[];
  /** Who alone may have a name, by the name in lower case: `cluster/service`. */
  readonly pinned: ReadonlyMap<string, readonly string[]>;
  /** What labels and the environment may say of names. */
  readonly labels: 'all' | 'within-service' | 'none';
  /** What becomes of a name to which several have the same right. */
  readonly shared: 'warn' | 'refuse' | 'allow';
  /** Whether labels may name other addresses, hosts, VIPs and URLs than the task's own. */
  readonly addressLabels: 'on' | 'off';
  /** What the registries in use are called themselves, in lower case. */
  readonly reserved: ReadonlySet<string>;
}

export interface NameTemplate {
  /** The names of the clusters that it is for. */
  readonly clusters: RegExp;
  /** A name with `{service}`, `{family}`, `{cluster}`, `{account}` or `{region}` in it. */
  readonly template: string;
}

export interface CloudMapConfig {
  /** Name or id (`ns-…`). */
  readonly namespace: string;
  readonly dns: 'auto' | 'srv' | 'a' | 'both';
}

/** How a registry is met by what only reads it. */
export interface ReaderConfig {
  /** The credential that is not given: it is read without, and what fails names it. */
  readonly missingCredential?: string;
}

/** What a server's certificate is checked against, and what we show of ourselves: PEM texts. */
export interface TlsConfig {
  readonly ca?: Secret;
  readonly clientCert?: Secret;
  readonly clientKey?: Secret;
  /** Where it is not the address. */
  readonly tlsServerName?: string;
}

export interface ConsulConfig extends TlsConfig, ReaderConfig {
  /**
   * Base URLs, scheme included, no trailing slash; tried in turn. Others may stand here once
   * `addressSource` is refreshed.
   */
  readonly addresses: readonly string[];
  /**
   * What the addresses are read from: they may carry a password, and are then given by reference.
   */
  readonly addressSource?: Secret;
  readonly token?: Secret;
  readonly namespace?: string;
  readonly partition?: string;
  readonly datacenter?: string;
}

export interface EurekaConfig extends TlsConfig, ReaderConfig {
  /**
   * As Spring writes them: comma-separated base URLs such as
   * `http://user:password@host:8761/eureka/`, tried in turn.
   */
  readonly urls: Secret;
}

export interface ResolveConfig {
  /** Which addresses clients are given. */
  readonly addresses?: AddressRules;
  readonly from: RegistryName;
  readonly access: 'token' | 'iam' | 'open';
  readonly token?: Secret;
  /** What each request must bring besides, as what stands before the resolver adds it. */
  readonly originSecret?: Secret;
  /** Seconds an answer is fresh; after that it is served while it is refreshed. */
  readonly ttl: number;
  readonly corsOrigins: readonly string[];
  /** Seconds that a blocking query is held at most; 0: none is. */
  readonly wait: number;
  /** Percent of what can be answered at once that may be held. */
  readonly held: number;
}

/** Set by the stack, not by people. */
export interface StackConfig {
  /** For the page to show: `prod`, `dev`. */
  readonly stage?: string;
  readonly queueUrl?: string;
  readonly renewQueueUrl?: string;
  readonly summaryParameter?: string;
  readonly releaseParameter?: string;
  readonly removalsParameter?: string;
  readonly logGroup?: string;
  /** Whom the page asks for a service's history, if it may. */
  readonly inspectFunction?: string;
}
