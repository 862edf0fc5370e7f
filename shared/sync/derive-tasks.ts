import { mapBounded } from '../bounded.ts';
import type { Config } from '../config/config.ts';
import { derive } from '../derive/derive.ts';
import type { Derived } from '../derive/derived.ts';
import { needsHost, needsPublicAddress } from '../derive/needs.ts';
import type { Definition, Host, Task } from '../model/task.ts';
import { isHostDown, type Source } from '../source/source.ts';

export interface Derivation extends Derived {
  readonly task: Task;
  readonly definition: Definition;
}

export interface Derivations {
  readonly derived: ReadonlyMap<string, Derivation>;
  /** ECS does not know these tasks' definition: nothing can be said of them. */
  readonly undefinable: readonly Task[];
  /** What could not be read just now, with the reason. */
  readonly failed: ReadonlyMap<string, unknown>;
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
  const undefinable: Task[] = [];
  for (const task of tasks) {
    const read = definitions.get(task.definitionArn);
    if (read?.status !== 'fulfilled') failed.set(task.arn, read?.reason);
    else if (read.value) defined.push({ task, definition: read.value });
    else undefinable.push(task);
  }

  const starting = defined.filter(({ task }) => task.desiredStatus !== 'STOPPED');
  const onHosts = starting.filter(
    ({ task, definition }) => task.containerInstanceArn && (needsHost(definition) || options.hostStates),
  );
  const hosts = new Map<string, PlacedHost>();
  for (const [cluster, members] of Map.groupBy(onHosts, ({ task }) => task.clusterArn)) {
    const read = await attempt(
      members.map(({ task }) => task),
      failed,
      (readable) => readHosts(cluster, readable, options, signal),
    );
    for (const [arn, host] of read ?? []) hosts.set(arn, host);
  }
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
  return { derived, undefinable, failed };
};

const readDefinitions = async (tasks: readonly Task[], source: Source, signal: AbortSignal) => {
  const arns = [...new Set(tasks.map((task) => task.definitionArn))];
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

const readHosts = async (
  cluster: string,
  tasks: readonly Task[],
  { source, hostStates }: Options,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, PlacedHost>> => {
  const arns = [...new Set(tasks.flatMap((task) => task.containerInstanceArn ?? []))];
  const hosts = await source.hosts(cluster, arns, signal);
  const ids = [...new Set([...hosts.values()].map((host) => host.instanceId))];
  const states = hostStates && ids.length > 0 ? await source.hostStates(ids, signal) : undefined;
  return new Map(
    [...hosts].map(([arn, host]) => [arn, { host, down: isHostDown(states?.get(host.instanceId)) }] as const),
  );
};
