import type { ClusterArn, ContainerInstanceArn, DefinitionArn, TaskArn } from '../model/arn.ts';
import type { Definition, Host, Task } from '../model/task.ts';
import type { Refused } from './batches.ts';

export interface Described {
  readonly tasks: readonly Task[];
  /**
   * ARNs that ECS says it does not know. One that is neither here nor in `tasks` could not be read:
   * no news.
   */
  readonly missing: readonly TaskArn[];
  /**
   * Described, but not as ECS describes tasks: the field that is wrong, and what came. No news of
   * these either.
   */
  readonly unreadable?: readonly { readonly arn: string; readonly fault: string }[];
  /**
   * No ARNs of this cluster's tasks, or refused by ECS as such: no task of the cluster can have
   * them.
   */
  readonly refused?: readonly Refused<TaskArn>[];
}

/** What was asked for by key. What is in neither is not known to AWS. */
export interface Answered<T, Key = string> {
  readonly found: ReadonlyMap<Key, T>;
  /**
   * What could not be asked for just now, and why. `found` may have what was known of it before.
   */
  readonly unread: ReadonlyMap<Key, unknown>;
}

/** What is known of an ECS service besides its name. */
export interface EcsServiceFacts {
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
}

/**
 * ECS and EC2, read. Every method is complete, throws, or says what it lacks; none writes. Batching
 * and paging are its own business.
 */
export interface Source {
  /** ARNs of the region's ACTIVE clusters. */
  listClusters(signal: AbortSignal): Promise<readonly ClusterArn[]>;
  /** The same, at most a minute old; where ECS cannot be asked, ten. */
  recentClusters(signal: AbortSignal): Promise<readonly ClusterArn[]>;
  /**
   * Which of these clusters are gone: INACTIVE, or not known to ECS. Such a cluster runs nothing.
   */
  goneClusters(
    clusters: readonly ClusterArn[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<ClusterArn>>;
  /** ARNs of tasks whose desiredStatus is RUNNING; these include tasks that do not run yet. */
  listTasks(cluster: ClusterArn, signal: AbortSignal): Promise<readonly TaskArn[]>;
  /** The same of one ECS service, at most 100 in no order: one call, however large it is. */
  tasksOfService(
    cluster: ClusterArn,
    service: string,
    signal: AbortSignal,
  ): Promise<readonly TaskArn[]>;
  /**
   * By ARN, which may come from anywhere: one that is of no task fails no other. A cluster that ECS
   * does not know has none.
   */
  describeTasks(
    cluster: ClusterArn,
    tasks: readonly TaskArn[],
    signal: AbortSignal,
  ): Promise<Described>;
  /**
   * `undefined`: ECS does not know the definition (any more), or refuses its ARN. Cached: a
   * revision never changes.
   */
  definition(arn: DefinitionArn, signal: AbortSignal): Promise<Definition | undefined>;
  /**
   * By container instance ARN. Addresses hardly change, so they are cached for minutes, and where
   * they cannot be asked for, what was known last counts: of a host that EC2 called down, no
   * address.
   */
  hosts(
    cluster: ClusterArn,
    containerInstances: readonly ContainerInstanceArn[],
    signal: AbortSignal,
  ): Promise<Answered<Host, ContainerInstanceArn>>;
  /**
   * EC2's word on each instance (`running`, `shutting-down` …), by its id, read anew each time. One
   * that is down stays so until EC2 says otherwise.
   */
  hostStates(hosts: readonly Host[], signal: AbortSignal): Promise<Answered<string>>;
  /** Tasks that ECS still places on these EC2 instances, in whichever of the clusters. */
  tasksOnHosts(
    instanceIds: readonly string[],
    clusters: readonly ClusterArn[],
    signal: AbortSignal,
  ): Promise<readonly { readonly cluster: ClusterArn; readonly tasks: readonly TaskArn[] }[]>;
  /**
   * The names of all ECS services, running or not, by the ARN of their cluster, of clusters in
   * scope. Kept for a minute; where they cannot be read anew, for ten. Rejects where clusters
   * cannot be listed.
   */
  services(
    isInScope: (cluster: ClusterArn) => boolean,
    signal: AbortSignal,
  ): Promise<Answered<ReadonlySet<string>, ClusterArn>>;
  /** What ECS says of these services of a cluster, by name. Kept for a minute. */
  serviceFacts(
    cluster: ClusterArn,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, EcsServiceFacts>>;
  /** Public IPv4 addresses by network interface id; one without is left out. */
  publicAddresses(
    interfaces: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>>;
}

/** EC2 states in which a host runs nothing, or is about to. */
export const isHostDown = (state: string | undefined) =>
  state === 'shutting-down' ||
  state === 'stopping' ||
  state === 'stopped' ||
  state === 'terminated';
