import type { Config } from '../config/config.ts';
import { derive } from '../derive/derive.ts';
import type { Derived } from '../derive/derived.ts';
import { needsHost, needsPublicAddress } from '../derive/needs.ts';
import type { Skip, SkipCode } from '../model/plan.ts';
import type { Definition, Host, Task } from '../model/task.ts';
import { mapBounded } from '../platform/concurrency.ts';
import { isRegistered } from '../source/arn.ts';
import { isHostDown, type Source } from '../source/source.ts';

export interface Derivation extends Derived {
  readonly task: Task;
  readonly definition: Definition;
}

export interface Derivations {
  readonly derived: ReadonlyMap<string, Derivation>;
  /** Tasks without a definition that could be read, and why: nothing else can be said of them. */
  readonly undefinable: readonly Skip[];
  /** What could not be read just now, with the reason. */
  readonly failed: ReadonlyMap<string, unknown>;
  /** Derived as if their host were up, since EC2 could not be asked, with the reason: enough to add them, not to remove. */
  readonly unsure: ReadonlyMap<string, unknown>;
}

interface Options {
  readonly source: Source;
  readonly rules: Config['rules'];
  /** Read EC2's word on each host anew; otherwise hosts are taken to be up. */
  readonly hostStates: boolean;
}

/** DescribeTaskDefinition reads one at a time and allows 20 a second. */
const DEFINITIONS_AT_ONCE = 8;

/** Reads what derivation needs beyond the tasks, then derives. One unreadable part fails its own tasks only. */
export const deriveTasks = async (
  tasks: readonly Task[],
  options: Options,
  signal: AbortSignal,
): Promise<Derivations> => {
  const { source, rules } = options;
  const failed = new Map<string, unknown>();
  const definitions = await readDefinitions(tasks, source, signal);
  const defined: { task: Task; definition: Definition }[] = [];
  const undefinable: Skip[] = [];
  for (const task of tasks) {
    const read = definitions.get(task.definitionArn);
    if (!isRegistered(task.definitionArn)) undefinable.push(toSkip(task, ...UNKNOWN_KIND));
    else if (read?.status !== 'fulfilled') failed.set(task.arn, read?.reason);
    else if (read.value) defined.push({ task, definition: read.value });
    else undefinable.push(toSkip(task, 'definition-gone', 'is not known to ECS'));
  }

  const starting = defined.filter(({ task }) => task.desiredStatus !== 'STOPPED');
  const unsure = new Map<string, unknown>();
  const onHosts = starting.filter(
    ({ task, definition }) => task.containerInstanceArn && (needsHost(definition) || options.hostStates),
  );
  const hosts = new Map<string, PlacedHost>();
  const readCluster = async (members: readonly (typeof onHosts)[number][]) => {
    const read = await readHosts(
      members.map(({ task }) => task),
      options,
      signal,
    );
    for (const [arn, host] of read.hosts) hosts.set(arn, host);
    for (const { task, definition } of members) {
      const arn = task.containerInstanceArn ?? '';
      if (!read.unread.has(arn) || read.hosts.get(arn)?.down) continue;
      const isAddressed = !needsHost(definition) || read.hosts.has(arn);
      (isAddressed ? unsure : failed).set(task.arn, read.unread.get(arn));
    }
  };
  // Side by side: a batch of ten tasks in ten clusters must not wait ten times for one that is slow.
  await Promise.all([...Map.groupBy(onHosts, ({ task }) => task.clusterArn).values()].map(readCluster));
  const withPublic = starting.filter(({ definition }) => needsPublicAddress(definition, rules));
  const publicAddresses = await attempt(
    withPublic.map(({ task }) => task),
    failed,
    (readable) =>
      source.publicAddresses(
        readable.flatMap((task) => task.eni?.id ?? []),
        signal,
      ),
  );

  const derived = new Map<string, Derivation>();
  for (const { task, definition } of defined) {
    if (failed.has(task.arn)) continue;
    const { host, down } = hosts.get(task.containerInstanceArn ?? '') ?? {};
    const publicIpv4 = publicAddresses?.get(task.eni?.id ?? '');
    const input = {
      task,
      definition,
      ...(host && { host }),
      ...(down && { hostDown: true }),
      ...(publicIpv4 && { publicIpv4 }),
    };
    derived.set(task.arn, { ...derive(input, rules), task, definition });
  }
  return { derived, undefinable, failed, unsure };
};

const UNKNOWN_KIND = ['unknown-kind', 'is of a kind whose tasks are not registered'] as const;

const toSkip = ({ arn, definitionArn }: Task, code: SkipCode, what: string): Skip => ({
  task: arn,
  code,
  detail: `task definition ${definitionArn} ${what}`,
});

const readDefinitions = async (tasks: readonly Task[], source: Source, signal: AbortSignal) => {
  const arns = [...new Set(tasks.map((task) => task.definitionArn).filter(isRegistered))];
  const results = await mapBounded(arns, DEFINITIONS_AT_ONCE, async (arn) => {
    const [result] = await Promise.allSettled([source.definition(arn, signal)]);
    return [arn, result] as const;
  });
  return new Map(results);
};

/** Runs one reading for all tasks concerned; if it fails, it fails them and no others. */
const attempt = async <T>(
  tasks: readonly Task[],
  failed: Map<string, unknown>,
  read: (tasks: readonly Task[]) => Promise<T>,
): Promise<T | undefined> => {
  if (tasks.length === 0) return undefined;
  try {
    return await read(tasks);
  } catch (error) {
    for (const task of tasks) failed.set(task.arn, error);
    return undefined;
  }
};

interface PlacedHost {
  readonly host: Host;
  readonly down: boolean;
}

/** The hosts of one cluster, and which of them could not be read now: their address, their state, or both. */
const readHosts = async (tasks: readonly Task[], { source, hostStates }: Options, signal: AbortSignal) => {
  const arns = [...new Set(tasks.flatMap((task) => task.containerInstanceArn ?? []))];
  const read = await source.hosts(tasks[0]?.clusterArn ?? '', arns, signal);
  const hosts = [...read.found.values()];
  const states = hostStates && hosts.length > 0 ? await source.hostStates(hosts, signal) : undefined;
  const unread = new Map(read.unread);
  const placed = new Map<string, PlacedHost>();
  for (const [arn, host] of read.found) {
    placed.set(arn, { host, down: isHostDown(states?.found.get(host.instanceId)) });
    if (states?.unread.has(host.instanceId)) unread.set(arn, states.unread.get(host.instanceId));
  }
  return { hosts: placed, unread };
};
