import type { Registry } from '../registries/registry.ts';
import type { Target, Work } from './collect.ts';
import type { SyncDeps } from './deps.ts';
import type { Open } from './looks.ts';

/**
 * Which looks need no word of ECS's. Those at a registry that does not answer go back as they came. Those that wait for
 * nothing but operations do not either: what was written was confirmed when it was written.
 * An operation that is done leaves nothing to do; one that runs on earns the next look; of one that failed, or is
 * forgotten, everything is read anew. Returns what is left to be judged, and what is still open.
 */
export const followOperations = async (
  works: readonly Work[],
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<{ readonly works: readonly Work[]; readonly open: readonly Open[] }> => {
  const waiting = works.filter((work) => !work.event && !work.hostDown);
  const left = new Map(works.map((work) => [work, new Map(work.targets)]));
  const open: Open[] = [];
  for (const registry of deps.registries) {
    const here = waiting.flatMap((work) => {
      const target = work.targets.get(registry.name);
      return target ? [{ work, target }] : [];
    });
    if (here.length > 0 && registry.takesLooks?.() === false) {
      for (const { work, target } of here) {
        open.push({ work, registry: registry.name, operations: target.operations });
        left.get(work)?.delete(registry.name);
      }
      continue;
    }
    const concerned = here.filter(({ target }) => target.operations.length > 0);
    const targets = concerned.map(({ target }) => target);
    const statuses = await statusesOf(registry, targets, deps, signal);
    for (const { work, target } of statuses ? concerned : []) {
      const told = target.operations.map((operation) => ({ operation, status: statuses?.get(operation) }));
      const running = told.filter(({ status }) => status === 'pending').map(({ operation }) => operation);
      const isUnsure = told.some(({ status }) => status !== 'pending' && status !== 'done');
      if (isUnsure) left.get(work)?.set(registry.name, { ...target, operations: [] });
      else left.get(work)?.delete(registry.name);
      if (!isUnsure && running.length > 0) open.push({ work, registry: registry.name, operations: running });
    }
  }
  const rest = works.map((work): Work => ({ ...work, targets: left.get(work) ?? work.targets }));
  return { works: rest.filter(({ targets }) => targets.size > 0), open };
};

type Statuses = ReadonlyMap<string, 'pending' | 'done' | 'failed' | 'forgotten'>;

/** What became of the operations that these targets wait for. Undefined: of none, or nothing can be followed there. */
export const statusesOf = async (
  registry: Registry,
  targets: readonly Target[],
  { telemetry }: SyncDeps,
  signal: AbortSignal,
): Promise<Statuses | undefined> => {
  const operations = [...new Set(targets.flatMap((target) => target.operations))];
  if (!registry.follow || operations.length === 0) return undefined;
  try {
    const followed = await registry.follow(operations, signal);
    for (const { operation, status, reason } of followed) {
      if (status !== 'failed') continue;
      telemetry.count('Failed', 1, registry.name);
      telemetry.fault(`${registry.name}: operation ${operation} failed`, reason, { path: 'look' });
    }
    return new Map(followed.map(({ operation, status }) => [operation, status]));
  } catch (error) {
    telemetry.fault(`${registry.name}: operations cannot be followed now`, error, { path: 'look' });
    return new Map(operations.map((operation) => [operation, 'pending']));
  }
};
