import type { ClusterArn, ContainerInstanceArn, DefinitionArn, TaskArn } from './arn.ts';

/**
 * What ECS and EC2 say, in one shape whether it came in an event or from an API call.
 * Only what Rollcall uses is kept; everything is read-only.
 */

export type Protocol = 'tcp' | 'udp';

/**
 * ECS's word on a container or a task. Events never carry it; `undefined` is then "not told", not
 * UNKNOWN.
 */
export type EcsHealth = 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';

export interface Task {
  /** Identity, and the metadata value `ROLLCALL_TASK`. */
  readonly arn: TaskArn;
  /** Last path segment of the ARN. */
  readonly id: string;
  readonly clusterArn: ClusterArn;
  /** Of whatever kind: ECS gets new ones, as managed daemons brought theirs. */
  readonly definitionArn: string;
  /**
   * Rises with every change of the task; orders events against each other and against
   * DescribeTasks. 0 if not told.
   */
  readonly version: number;
  readonly desiredStatus: string;
  readonly lastStatus: string;
  /** `service:NAME` for tasks of a service, `family:FAMILY` for others. */
  readonly group?: string;
  /** Who started it: `ecs-svc/<deployment>` for tasks of a service. */
  readonly startedBy?: string;
  readonly launchType?: string;
  readonly zone?: string;
  readonly containerInstanceArn?: ContainerInstanceArn;
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
  readonly startedAt?: number;
  readonly health?: EcsHealth;
  /** The task's own network interface (awsvpc only). */
  readonly eni?: Eni;
  readonly containers: readonly Container[];
  /**
   * Environment given at RunTask or by the service, by container name: it wins over the
   * definition's.
   */
  readonly overrides: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Eni {
  readonly id?: string;
  readonly ipv4?: string;
  readonly ipv6?: string;
}

export interface Container {
  readonly name: string;
  /** PENDING, RUNNING or STOPPED, which is final; `undefined`: not told, so the task's counts. */
  readonly lastStatus?: string;
  readonly health?: EcsHealth;
  readonly bindings: readonly Binding[];
  readonly ipv4?: string;
  readonly ipv6?: string;
}

/**
 * One published port as Docker reports it; ECS lists a port twice where Docker binds both address
 * families.
 */
export interface Binding {
  readonly bindIp: string;
  /** Of a range the first, as is `hostPort`. */
  readonly containerPort: number;
  readonly hostPort: number;
  /** The last host port, of a range. */
  readonly lastHostPort?: number;
  readonly protocol: Protocol;
}

/** A task definition revision: immutable, so cached without end (bounded in number). */
export interface Definition {
  readonly arn: DefinitionArn;
  readonly family: string;
  readonly networkMode: 'awsvpc' | 'bridge' | 'host' | 'none';
  readonly containers: readonly ContainerDefinition[];
  /** The definition's own tags; a task's tags are never read, since events lack them. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  readonly ports: readonly PortMapping[];
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly hasHealthCheck: boolean;
  /** The task stops when this container does. */
  readonly isEssential: boolean;
  /** ECS starts it again where it ends, with its task running on. */
  readonly isRestarted?: true;
  /** What the definition calls it, if it serves the task's other containers and nobody else. */
  readonly sidecar?: 'proxy' | 'log router';
}

/** A declared port, or a range of them. */
export interface PortMapping {
  /** Of a range the first. */
  readonly containerPort: number;
  /** The last one, of a range. */
  readonly lastContainerPort?: number;
  /** 0: chosen by Docker when the task starts (bridge). */
  readonly hostPort: number;
  readonly protocol: Protocol;
  readonly name?: string;
}

/**
 * The EC2 instance (or external machine) that a container instance stands for: addresses only,
 * which hardly ever change.
 */
export interface Host {
  readonly containerInstanceArn: ContainerInstanceArn;
  /** `i-…`, or `mi-…` for ECS Anywhere. */
  readonly instanceId: string;
  readonly privateIpv4?: string;
  readonly publicIpv4?: string;
  readonly ipv6?: string;
  readonly zone?: string;
}
