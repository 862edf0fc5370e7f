import type { DeriveInput } from '../../derive/derived.ts';
import { mayLoseNames } from '../../derive/names-to-lose.ts';
import { needsHost, needsPublicAddress } from '../../derive/needs.ts';
import { type ClusterArn, isDefinitionArn, type TaskArn } from '../../model/arn.ts';
import type { Skip, SkipCode } from '../../model/plan.ts';
import type { Task } from '../../model/task.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import { isHostDown, type Source } from '../../source/source.ts';
import type { ClaimsOptions } from './claims.ts';

/** Why nothing can be derived of a task. */
export type NotDerivable =
  /** It has no definition that ECS describes: nothing can ever be said of it. */
  | { readonly status: 'undefinable'; readonly skip: Skip }
  /** Something that it derives from could not be read just now. */
  | { readonly status: 'unread'; readonly fault: unknown };

/** What a task derives from besides itself. */
export type Dependencies = NotDerivable | ReadDependencies;

export interface ReadDependencies {
  readonly status: 'read';
  readonly input: Omit<DeriveInput, 'task' | 'obstacle'>;
  readonly isHostDown: boolean;
  /** Why its host, or that one's state, could not be read. */
  readonly hostError?: unknown;
}

/** One kind of them, of one task. */
export type DependencyPart = Partial<Omit<ReadDependencies, 'status' | 'input'>> & {
  readonly input?: Partial<ReadDependencies['input']>;
  /** Why it could not be read, if nothing can be derived without it. */
  readonly error?: unknown;
};

type Parts = ReadonlyMap<Task, DependencyPart>;

export interface DependencyOptions extends ClaimsOptions {
  readonly source: Source;
  /** Read EC2's word on each host anew; otherwise hosts are taken to be up. */
  readonly hostStates: boolean;
  /** Milliseconds for the question whose names are: whatever else is read waits for it. */
  readonly claimsMs: number;
}

/**
 * Reads what tasks derive from besides themselves; by task ARN. What cannot be read fails its own
 * tasks only.
 */
export const readDependencies = async (
  tasks: readonly Task[],
  options: DependencyOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<TaskArn, Dependencies>> => {
  const results = new Map<TaskArn, Dependencies>();
  if (tasks.length === 0) return results;
  const definitions = await readDefinitions(tasks, options, signal);
  const defined: Defined[] = [];
  for (const task of tasks) {
    const { definitionArn } = task;
    const read = isDefinitionArn(definitionArn) ? definitions.get(definitionArn) : undefined;
    if (!isDefinitionArn(definitionArn)) results.set(task.arn, undefinable(task, ...UNKNOWN_KIND));
    else if (read?.status !== 'fulfilled') results.set(task.arn, unread(read?.reason));
    else if (read.value) defined.push({ task, definition: read.value });
    else results.set(task.arn, undefinable(task, ...DEFINITION_GONE));
  }
  // A stopped task's records go without an address.
  const living = defined.filter(({ task }) => task.desiredStatus !== 'STOPPED');
  // Side by side: a first write waits for all of them.
  const [hosts, addresses, claims] = await Promise.all([
    readHosts(living, options, signal),
    readPublicAddresses(living, options, signal),
    readNameClaims(living, options, signal),
  ]);
  for (const { task, definition } of defined) {
    const host = hosts.get(task);
    const address = addresses.get(task);
    const claim = claims.get(task);
    const error = host?.error ?? address?.error ?? claim?.error;
    const read: ReadDependencies = {
      status: 'read',
      input: { definition, ...host?.input, ...address?.input, ...claim?.input },
      isHostDown: host?.isHostDown === true,
      hostError: host?.hostError,
    };
    results.set(task.arn, error === undefined ? read : unread(error));
  }
  return results;
};

type Defined = Pick<DeriveInput, 'task' | 'definition'>;

const unread = (error: unknown): NotDerivable => ({
  status: 'unread',
  fault: error ?? new Error('not read'),
});

const UNKNOWN_KIND = ['unknown-kind', 'is of a kind whose tasks are not registered'] as const;
const DEFINITION_GONE = ['definition-gone', 'is not known to ECS'] as const;

const undefinable = ({ arn, definitionArn }: Task, code: SkipCode, what: string): NotDerivable => ({
  status: 'undefinable',
  skip: { task: arn, code, detail: `task definition ${definitionArn} ${what}` },
});

/** DescribeTaskDefinition reads one at a time and allows 20 a second. */
const DEFINITIONS_AT_ONCE = 8;

const readDefinitions = async (
  tasks: readonly Task[],
  { source }: DependencyOptions,
  signal: AbortSignal,
) => {
  const arns = [...new Set(tasks.map((task) => task.definitionArn).filter(isDefinitionArn))];
  const results = await mapBounded(arns, DEFINITIONS_AT_ONCE, async (arn) => {
    const [result] = await Promise.allSettled([source.definition(arn, signal)]);
    return [arn, result] as const;
  });
  return new Map(results);
};

/** Side by side: ten tasks in ten clusters must not wait ten times for one that is slow. */
const readHosts = async (
  living: readonly Defined[],
  options: DependencyOptions,
  signal: AbortSignal,
): Promise<Parts> => {
  const onHosts = living.filter(
    ({ task, definition }) =>
      task.containerInstanceArn && (options.hostStates || needsHost(definition)),
  );
  const clusters = [...Map.groupBy(onHosts, ({ task }) => task.clusterArn)];
  const reads = await Promise.all(
    clusters.map(([cluster, members]) => readHostsIn(cluster, members, options, signal)),
  );
  return new Map(reads.flat());
};

const readHostsIn = async (
  cluster: ClusterArn,
  defined: readonly Defined[],
  { source, hostStates }: DependencyOptions,
  signal: AbortSignal,
): Promise<readonly (readonly [Task, DependencyPart])[]> => {
  const arns = [...new Set(defined.flatMap(({ task }) => task.containerInstanceArn ?? []))];
  const hosts = await source.hosts(cluster, arns, signal);
  const found = [...hosts.found.values()];
  const states =
    hostStates && found.length > 0 ? await source.hostStates(found, signal) : undefined;
  return defined.map(({ task, definition }) => {
    const { containerInstanceArn: arn } = task;
    const host = arn && hosts.found.get(arn);
    const id = host?.instanceId ?? '';
    const input = host ? { host } : {};
    if (isHostDown(states?.found.get(id))) return [task, { input, isHostDown: true }];
    const hostError = (arn && hosts.unread.get(arn)) ?? states?.unread.get(id);
    const isLacking = !host && needsHost(definition);
    return [task, { input, hostError, ...(isLacking && { error: hostError }) }];
  });
};

const readPublicAddresses = async (
  living: readonly Defined[],
  { source, rules }: DependencyOptions,
  signal: AbortSignal,
): Promise<Parts> => {
  const wanted = living.filter(({ definition }) => needsPublicAddress(definition, rules));
  const interfaces = wanted.flatMap(({ task }) => task.eni?.id ?? []);
  if (wanted.length === 0) return new Map();
  const read = await source
    .publicAddresses(interfaces, signal)
    .catch((error: unknown) => ({ error }));
  const toPart = ({ eni }: Task): DependencyPart => {
    if ('error' in read) return read;
    const publicIpv4 = read.get(eni?.id ?? '');
    return publicIpv4 === undefined ? {} : { input: { publicIpv4 } };
  };
  return new Map(wanted.map(({ task }) => [task, toPart(task)]));
};

/** Who claims the names that tasks ask for; loaded where one may ask: most say no names. */
const readNameClaims = async (
  living: readonly Defined[],
  options: DependencyOptions,
  signal: AbortSignal,
): Promise<Parts> => {
  const { rules } = options;
  const mayAsk = (one: Defined) => rules.names.shared === 'refuse' || mayLoseNames(one, rules);
  const candidates = living.filter(mayAsk);
  if (candidates.length === 0) return new Map();
  const { claimsFor } = await import('./claims.ts');
  return claimsFor(candidates, options, signal);
};
