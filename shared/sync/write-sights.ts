import { type Change, operationsOf } from '../model/plan.ts';
import type { Registration } from '../model/registration.ts';
import { planCluster, refOf, taskOf } from '../plan/plan.ts';
import { byPolicy, refusal } from '../plan/policy.ts';
import type { Context } from '../platform/telemetry.ts';
import type { Registry } from '../registries/registry.ts';
import type { Work } from './collect.ts';
import type { Attempt, Attempts, Confirmed } from './confirm.ts';
import type { SyncDeps } from './deps.ts';
import { statusesOf } from './operations.ts';
import type { Runner } from './side-by-side.ts';
import type { Sight } from './sight.ts';
import { apply, fitAll, isSettled, tell } from './write.ts';

/** What became of the sights at one registry. */
export interface Written extends Attempts {
  readonly unsettled: Unsettled;
}

/** Tasks not at rest at one registry, with the operations to follow; none where there is anything else to look at. */
export type Unsettled = ReadonlyMap<string, readonly string[]>;

/**
 * Brings the sights to one registry: one `apply` for the batch, nothing read where nothing needs it. One that does not
 * answer is left to looks.
 */
export const writeSights = async (
  registry: Registry,
  sights: readonly Sight[],
  deps: SyncDeps,
  run: Runner,
): Promise<Written> => {
  const here = sights.filter(({ work }) => work.targets.has(registry.name));
  if (here.length > 0 && !registry.isSilent?.())
    return run(registry, (signal) => writeHere(registry, here, deps, signal));
  return { registry, attempted: new Map(), unsettled: new Map(here.map(({ work }) => [work.arn, []])) };
};

const writeHere = async (
  registry: Registry,
  here: readonly Sight[],
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<Written> => {
  const pending = await followUp(registry, here, deps, signal);
  const ready = here.filter(({ action, work }) => action === 'remove' || !pending.has(work.arn));
  const unsettled = new Map<string, string[]>();
  const unsettle = (arn: string, operations: readonly string[] = []) => add(unsettled, arn, operations);
  for (const [arn, operations] of pending) unsettle(arn, operations);

  const attempted = new Map<string, Attempt & { readonly records: Registration[] }>();
  for (const portion of await portionsOf(ready, registry)) {
    const { outcomes, waiting, unread } = await writePortion(registry, portion, deps, signal);
    for (const arn of [...waiting, ...unread]) unsettle(arn);
    for (const { outcome, sight } of outcomes) {
      const { work, derived } = sight;
      const { change } = outcome;
      if (!isSettled(outcome)) unsettle(work.arn, operationsOf(outcome));
      if (change.kind === 'remove') continue;
      const attempt = attempted.get(work.arn) ?? {
        task: derived.task,
        records: [],
        context: contextOf(work),
      };
      attempt.records.push(change.record);
      attempted.set(work.arn, attempt);
    }
  }
  return { registry, attempted, unsettled };
};

/** Records read before they are written, at once. */
const READ_AT_ONCE = 100;

/** What is read and written together: all, but of tasks with hundreds of records. */
const portionsOf = async (sights: readonly Sight[], { name }: Registry) => {
  const read = sights.filter(({ blind }) => !blind);
  const isMuch = read.some(({ derived }) => derived.identities.length > READ_AT_ONCE);
  // Loaded where it is needed: no other start pays for it.
  return isMuch ? (await import('./portions.ts')).inPortions(sights, name, READ_AT_ONCE) : [sights];
};

/** One `apply`, and one `get` before it where something is to be read. Nothing is begun once the time is over. */
const writePortion = async (
  registry: Registry,
  sights: readonly Sight[],
  deps: SyncDeps,
  signal: AbortSignal,
) => {
  if (signal.aborted) return { outcomes: [], waiting: [], unread: sights.map(({ work }) => work.arn) };
  const { changes, waiting, unread } = await changesFor(registry, sights, deps, signal);
  const byKey = sightsByKey(registry, sights);
  const sightOf = (change: Change) => byKey.get(registry.key(refOf(change)));
  const outcomes = await apply(registry, changes, signal);
  tell(deps.telemetry, registry, outcomes, (ref) => contextOf(byKey.get(registry.key(ref))?.work));
  const found = outcomes.flatMap((outcome) => {
    const sight = sightOf(outcome.change);
    return sight ? [{ outcome, sight }] : [];
  });
  return { outcomes: found, waiting, unread };
};

/** What must be looked at again once ECS's second answer is in. */
export const unsettledBy = ({ unsure, corrections }: Confirmed): Unsettled => {
  const unsettled = new Map<string, string[]>([...unsure].map((arn) => [arn, []]));
  for (const outcome of corrections)
    if (!isSettled(outcome)) add(unsettled, taskOf(outcome.change), operationsOf(outcome));
  return unsettled;
};

/** A task that waits for anything but operations waits for no operation: it is to be read again. */
const add = (unsettled: Map<string, string[]>, arn: string, operations: readonly string[]) => {
  const known = unsettled.get(arn);
  if (known?.length === 0 || operations.length === 0) unsettled.set(arn, []);
  else if (known) known.push(...operations);
  else unsettled.set(arn, [...operations]);
};

export const contextOf = (work: Work | undefined): Context => ({
  path: work?.event || work?.hostDown ? 'event' : 'look',
  ...(work && { cluster: work.cluster, task: work.arn }),
  ...(work?.event && {
    eventId: work.event.id,
    version: work.event.task.version,
    eventTime: work.event.time,
  }),
});

/** Follows the operations that earlier writes left; a task whose operation still runs waits for it. */
const followUp = async (
  registry: Registry,
  sights: readonly Sight[],
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const targets = sights.flatMap(({ work }) => work.targets.get(registry.name) ?? []);
  const statuses = await statusesOf(registry, targets, deps, signal);
  const pending = sights.map(({ work }) => {
    const { operations = [] } = work.targets.get(registry.name) ?? {};
    return [work.arn, operations.filter((operation) => statuses?.get(operation) === 'pending')] as const;
  });
  return new Map(pending.filter(([, operations]) => operations.length > 0));
};

interface Changes {
  readonly changes: readonly Change[];
  /** Tasks whose registration waits for their first healthy answer. */
  readonly waiting: readonly string[];
  /** Tasks whose records could not be read. */
  readonly unread: readonly string[];
}

const changesFor = async (
  registry: Registry,
  sights: readonly Sight[],
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<Changes> => {
  const blind = byPolicy(
    deps.config.policy,
    sights.filter(({ blind }) => blind).flatMap((sight) => blindChanges(registry, sight, deps)),
  );
  report(registry, blind.forbidden, deps);
  const toRead = sights.filter(({ blind }) => !blind);
  try {
    const read = await readChanges(registry, toRead, deps, signal);
    return { changes: [...blind.allowed, ...read.changes], waiting: read.waiting, unread: [] };
  } catch (error) {
    deps.telemetry.count('Failed', 1, registry.name);
    deps.telemetry.fault(`${registry.name}: records cannot be read now`, error, { path: 'event' });
    return { changes: blind.allowed, waiting: [], unread: toRead.map(({ work }) => work.arn) };
  }
};

const blindChanges = (registry: Registry, sight: Sight, deps: SyncDeps): Change[] => {
  const { derived, reason } = sight;
  if (sight.action === 'remove') {
    return derived.identities
      .flatMap((identity) => registry.refs(identity))
      .map((ref) => ({ kind: 'remove', ref, reason }));
  }
  const records = fitAll(registry, derived, contextOf(sight.work), deps);
  return records.map((record) => ({ kind: 'upsert', record, reason }));
};

const readChanges = async (
  registry: Registry,
  sights: readonly Sight[],
  deps: SyncDeps,
  signal: AbortSignal,
) => {
  const changes: Change[] = [];
  const waiting: string[] = [];
  if (sights.length === 0) return { changes, waiting };
  const refs = sights.flatMap(({ derived }) => derived.identities.flatMap((one) => registry.refs(one)));
  const held = await registry.get(refs, signal);
  for (const [cluster, members] of Map.groupBy(sights, ({ work }) => work.cluster)) {
    const plan = planCluster({
      registry,
      cluster,
      config: deps.config,
      desired: members.flatMap(({ derived, work }) => fitAll(registry, derived, contextOf(work), deps)),
      held,
      // A renaming is the reconciler's, which sees how many there are; missing tasks are none of these.
      removed: undefined,
      // What a running task does not derive any more is the reconciler's to take out: it sees replacements.
      fate: () => ({ verdict: 'keep' }),
    });
    changes.push(...plan.changes);
    report(registry, plan.forbidden, deps);
    const keys = sightsByKey(registry, members);
    waiting.push(...plan.waiting.flatMap((record) => keys.get(registry.key(record))?.work.arn ?? []));
  }
  return { changes, waiting };
};

const report = (registry: Registry, forbidden: readonly Change[], { telemetry, config }: SyncDeps) => {
  for (const change of forbidden) {
    const what = { registry: registry.name, policy: config.policy, change };
    telemetry.note(refusal(config.policy, change), { path: 'event' }, what);
  }
};

const sightsByKey = (registry: Registry, sights: readonly Sight[]) =>
  new Map(
    sights.flatMap((sight) =>
      sight.derived.identities.flatMap((identity) =>
        registry.refs(identity).map((ref) => [registry.key(ref), sight] as const),
      ),
    ),
  );
