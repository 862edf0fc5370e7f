import { withTimeout } from '../platform/timeout.ts';
import { collect, type Delivery, type Work } from './collect.ts';
import { type Confirmed, confirm, type Manner } from './confirm.ts';
import type { SyncDeps } from './deps.ts';
import { MOST_FORGOTTEN } from './describe.ts';
import { lookAgain, type Open } from './looks.ts';
import { followOperations } from './operations.ts';
import { sideBySide } from './side-by-side.ts';
import { type Sight, see } from './sight.ts';
import { afterWrite, stillUnseen, undoUnseen } from './unseen.ts';
import { apply } from './write.ts';
import { contextOf, unsettledBy, type Written, writeSights } from './write-sights.ts';

/**
 * The event path. Gather the batch by task, decide what each task needs, write it to every registry at once,
 * ask ECS once more, and queue a delayed look for whatever is not at rest. Returns the ids of the messages that
 * must be handed out again: those that cannot be read, and those whose look could not be queued. Nothing else fails
 * a message, least of all a registry that is down.
 */
export const handleBatch = async (
  deliveries: readonly Delivery[],
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const reading = withTimeout(READ_MS, signal);
  const { works, failed } = await collect(deliveries, deps, reading);
  const followed = await followOperations(works, deps, withTimeout(FOLLOW_MS, reading));
  const { sights, unsettled, missing } = await see(followed.works, deps, reading);
  tellSkips(sights, deps);
  const writing = withTimeout(WRITE_MS, signal);
  const run = sideBySide(deps, writing);
  const writes = await Promise.all(
    deps.registries.map((registry) => writeSights(registry, sights, deps, run)),
  );
  const undone = await undoUnseen(unsettled, missing, deps, writing);
  const confirming = withTimeout(CONFIRM_MS, signal);
  const correcting = sideBySide(deps, confirming);
  const write = (...[registry, changes]: Parameters<Manner['write']>) =>
    correcting(registry, (limited) => apply(registry, changes, limited));
  const manner = { signal: confirming, write, mostForgotten: MOST_FORGOTTEN };
  const confirmed = await confirm(writes, deps, manner);
  const unjudged = unsettled.filter((work) => !undone.has(work)).map((work) => stillUnseen(work, missing));
  const open = [...followed.open, ...gather(sights, unjudged, writes, confirmed)];
  const unqueued = await lookAgain(open, deps, signal);
  remember(works, unqueued, deps);
  return [...new Set([...failed, ...unqueued.flatMap(({ messageIds }) => messageIds)])];
};

/** Neither AWS nor a registry may take longer: together they leave 8 of the function's 30 s to queue the looks, of which one try takes up to 5. */
const READ_MS = 7_000;
/** Of that: what is not known by then is asked again, and everything else in the batch waits for it. */
const FOLLOW_MS = 2_000;
const WRITE_MS = 9_000;
const CONFIRM_MS = 6_000;

const gather = (
  sights: readonly Sight[],
  unjudged: readonly Work[],
  writes: readonly Written[],
  confirmed: readonly Confirmed[],
): Open[] => {
  const missing = new Set(confirmed.flatMap((one) => [...one.missing]));
  const works = new Map(sights.map((sight) => [sight.work.arn, afterWrite(sight, missing)]));
  const unhealthy = sights.filter(awaitsHealth).map(({ work }) => work.arn);
  const judged = writes.flatMap(({ registry, unsettled }, at) => {
    const later = confirmed[at] ? unsettledBy(confirmed[at]) : new Map<string, readonly string[]>();
    return [...new Set([...unsettled.keys(), ...later.keys(), ...unhealthy])].flatMap((arn): Open[] => {
      const work = works.get(arn);
      const parts = [unsettled.get(arn), later.get(arn), unhealthy.includes(arn) ? [] : undefined];
      const told = parts.filter((part) => part !== undefined);
      // A look that names operations waits for them alone.
      const operations = told.every((part) => part.length > 0) ? told.flat() : [];
      return work?.targets.has(registry.name) ? [{ work, registry: registry.name, operations }] : [];
    });
  });
  const unread = unjudged.flatMap((work) =>
    [...work.targets].map(([registry, { operations }]) => ({ work, registry, operations })),
  );
  return [...judged, ...unread];
};

/** ECS emits no event when a health check answers, so a task that has one is looked at until it is healthy. */
const awaitsHealth = ({ action, derived }: Sight) =>
  action === 'register' && derived.instances.some(({ health }) => health !== 'healthy');

const remember = (works: readonly Work[], unqueued: readonly Work[], { memory }: SyncDeps) => {
  for (const { event } of works) if (event) memory.remember(event.task);
  for (const { arn } of unqueued) memory.forget(arn);
};

const tellSkips = (sights: readonly Sight[], { telemetry }: SyncDeps) => {
  for (const { work, derived, action } of sights) {
    if (action === 'remove') continue;
    const context = contextOf(work);
    for (const skip of derived.skips) telemetry.skip(skip, context);
    for (const note of derived.notes) telemetry.note(note, context);
  }
};
