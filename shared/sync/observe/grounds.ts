import type { Config } from '../../config/config.ts';
import type { DeriveInput } from '../../derive/derived.ts';
import { mayLoseNames } from '../../derive/names-to-lose.ts';
import { needsHost, needsPublicAddress } from '../../derive/needs.ts';
import { type ClusterArn, isDefinitionArn, type TaskArn } from '../../model/arn.ts';
import type { Skip, SkipCode } from '../../model/plan.ts';
import type { Definition, Host, Task } from '../../model/task.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import { isHostDown, type Source } from '../../source/source.ts';
import type { ClaimsRead, Holders } from './claims.ts';

/** What came of reading what a task derives from besides itself. */
export type Grounds =
  | {
      readonly status: 'read';
      readonly input: Omit<DeriveInput, 'task' | 'obstacle'>;
      readonly isHostDown: boolean;
      /** Why its host, or that one's state, could not be read. */
      readonly hostError?: unknown;
      /** Why it may be called what it says, though it is not known, if so. */
      readonly claimsError?: unknown;
    }
  /** It has no definition that ECS describes: nothing can ever be said of it. */
  | { readonly status: 'undefinable'; readonly skip: Skip }
  /** Something that it needs could not be read just now. */
  | { readonly status: 'unread'; readonly error: unknown };

export interface GroundsOptions {
  readonly source: Source;
  readonly rules: Config['rules'];
  /** Clusters whose services' names no other task may take. */
  readonly isInScope: (cluster: ClusterArn) => boolean;
  /** Who is registered under names, where registries were looked at. */
  readonly holders?: Holders | undefined;
  /** Read EC2's word on each host anew; otherwise hosts are taken to be up. */
  readonly hostStates: boolean;
  /** Milliseconds for the question whose names are: whatever else is read waits for it. */
  readonly claimsMs: number;
}

/**
 * Reads what tasks derive from besides themselves; by task ARN. What cannot be read fails its own
 * tasks only.
 */
export const readGrounds = async (
  tasks: readonly Task[],
  options: GroundsOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<TaskArn, Grounds>> => {
  const results = new Map<TaskArn, Grounds>();
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
  // Side by side: a first write waits for all of them.
  const [hosts, addresses, names] = await Promise.all([
    readHosts(defined, options, signal),
    readPublicAddresses(defined, options, signal),
    readNameClaims(defined, options, signal),
  ]);
  for (const { task, definition } of defined) {
    const { host, isDown = false, error: hostError } = hosts.get(task) ?? {};
    const isHostless = hostError !== undefined && needsHost(definition) && !host;
    const fault = isHostless ? hostError : (addresses.errors.get(task) ?? names.errors.get(task));
    const publicIpv4 = addresses.byInterface.get(task.eni?.id ?? '');
    const grounds: Grounds = {
      status: 'read',
      input: {
        definition,
        ...(host && { host }),
        ...(publicIpv4 && { publicIpv4 }),
        ...(names.claims && names.asking.has(task) && { claims: names.claims }),
      },
      isHostDown: isDown,
      ...(hostError !== undefined && { hostError }),
      ...(names.unsure.has(task) && { claimsError: names.claims?.unknown }),
    };
    results.set(task.arn, fault === undefined ? grounds : unread(fault));
  }
  return results;
};

interface Defined {
  readonly task: Task;
  readonly definition: Definition;
}

const unread = (error: unknown): Grounds => ({
  status: 'unread',
  error: error ?? new Error('not read'),
});

const UNKNOWN_KIND = ['unknown-kind', 'is of a kind whose tasks are not registered'] as const;
const DEFINITION_GONE = ['definition-gone', 'is not known to ECS'] as const;

const undefinable = ({ arn, definitionArn }: Task, code: SkipCode, what: string): Grounds => ({
  status: 'undefinable',
  skip: { task: arn, code, detail: `task definition ${definitionArn} ${what}` },
});

/** DescribeTaskDefinition reads one at a time and allows 20 a second. */
const DEFINITIONS_AT_ONCE = 8;

const readDefinitions = async (
  tasks: readonly Task[],
  { source }: GroundsOptions,
  signal: AbortSignal,
) => {
  const arns = [...new Set(tasks.map((task) => task.definitionArn).filter(isDefinitionArn))];
  const results = await mapBounded(arns, DEFINITIONS_AT_ONCE, async (arn) => {
    const [result] = await Promise.allSettled([source.definition(arn, signal)]);
    return [arn, result] as const;
  });
  return new Map(results);
};

interface HostRead {
  readonly host?: Host | undefined;
  readonly isDown: boolean;
  /** Why it, or its state, could not be read. */
  readonly error?: unknown;
}

/** A stopped task's records go without an address. */
const isOver = ({ task }: Defined) => task.desiredStatus === 'STOPPED';

/** Side by side: ten tasks in ten clusters must not wait ten times for one that is slow. */
const readHosts = async (
  defined: readonly Defined[],
  options: GroundsOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<Task, HostRead>> => {
  const onHosts = defined.filter(
    (one) =>
      !isOver(one) &&
      one.task.containerInstanceArn &&
      (options.hostStates || needsHost(one.definition)),
  );
  const tasks = onHosts.map(({ task }) => task);
  const clusters = [...Map.groupBy(tasks, ({ clusterArn }) => clusterArn)];
  const reads = await Promise.all(
    clusters.map(([cluster, members]) => readHostsIn(cluster, members, options, signal)),
  );
  return new Map(reads.flat());
};

const readHostsIn = async (
  cluster: ClusterArn,
  tasks: readonly Task[],
  { source, hostStates }: GroundsOptions,
  signal: AbortSignal,
): Promise<readonly (readonly [Task, HostRead])[]> => {
  const arns = [...new Set(tasks.flatMap((task) => task.containerInstanceArn ?? []))];
  const hosts = await source.hosts(cluster, arns, signal);
  const found = [...hosts.found.values()];
  const states =
    hostStates && found.length > 0 ? await source.hostStates(found, signal) : undefined;
  return tasks.map((task) => {
    const { containerInstanceArn: arn } = task;
    const host = arn && hosts.found.get(arn);
    const id = host?.instanceId ?? '';
    if (isHostDown(states?.found.get(id))) return [task, { host, isDown: true }];
    return [
      task,
      { host, isDown: false, error: (arn && hosts.unread.get(arn)) ?? states?.unread.get(id) },
    ];
  });
};

const readPublicAddresses = async (
  defined: readonly Defined[],
  { source, rules }: GroundsOptions,
  signal: AbortSignal,
): Promise<{
  readonly byInterface: ReadonlyMap<string, string>;
  readonly errors: ReadonlyMap<Task, unknown>;
}> => {
  const wanted = defined.filter((one) => !isOver(one) && needsPublicAddress(one.definition, rules));
  const interfaces = wanted.flatMap(({ task }) => task.eni?.id ?? []);
  if (wanted.length === 0) return { byInterface: new Map(), errors: new Map() };
  try {
    return { byInterface: await source.publicAddresses(interfaces, signal), errors: new Map() };
  } catch (error) {
    const errors = new Map(wanted.map(({ task }) => [task, error]));
    return { byInterface: new Map(), errors };
  }
};

/** Who claims the names that tasks ask for; loaded where one may ask: most say no names. */
const readNameClaims = async (
  defined: readonly Defined[],
  options: GroundsOptions,
  signal: AbortSignal,
): Promise<ClaimsRead> => {
  const { rules } = options;
  const mayAsk = (one: Defined) => rules.names.shared === 'refuse' || mayLoseNames(one, rules);
  const candidates = defined.filter((one) => !isOver(one) && mayAsk(one));
  if (candidates.length === 0) return { asking: new Set(), unsure: new Set(), errors: new Map() };
  const { claimsFor } = await import('./claims.ts');
  return claimsFor(candidates, options, signal);
};
