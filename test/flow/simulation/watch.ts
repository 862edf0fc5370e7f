import type { World } from '../../../local/aws/world.ts';
import type { RegistryName } from '../../../shared/model/registration.ts';
import type { Held } from './held.ts';
import type { Call } from './installation.ts';
import { createTruth, type Fact } from './truth.ts';

/** What keeps a promise from being kept meanwhile. */
export type Effect =
  /** Events or their handling are disturbed: only the rounds' promise holds. */
  | 'events'
  /** Rounds are disturbed too: no promise holds until it is over. */
  | 'rounds';

/** How long what is wrong may last, in milliseconds. */
export interface Bounds {
  /** From the event to the record, or to its removal. */
  readonly event: Readonly<Record<RegistryName, number>>;
  /** The same where events did not help: the rounds alone. */
  readonly rounds: Readonly<Record<RegistryName, number>>;
}

export interface WatchOptions {
  readonly world: World;
  readonly owners: () => readonly string[];
  /** Those that Rollcall writes to. */
  readonly registries: readonly RegistryName[];
  readonly now: () => number;
  readonly held: () => readonly Held[];
  readonly bounds: Bounds;
}

export interface Watch {
  /** A call of a function begins. */
  begins(call: Call): void;
  /**
   * Compares what is held with what was held before, and with the truth. `by`: who has just written
   * where.
   */
  look(by?: Call, writes?: RegistryName): void;
  /** What has changed is the environment's doing: a server restarted, a stranger wrote. */
  accept(): void;
  /**
   * A stranger has asked for a change of its own record, which comes into force within these
   * milliseconds.
   */
  moves(registry: RegistryName, key: string, milliseconds: number): void;
  /** Until the returned function is called the promise is off, at one registry or all. */
  suspend(effect: Effect, registry?: RegistryName): () => void;
  /** The event of the task's last turn was not delivered at once. */
  late(taskArn: string): void;
  forgotten(taskArn: string): void;
  /** An event is delivered that lies about the task. */
  forged(taskArn: string): void;
  /** What is wrong now that all is said to be at rest. */
  atRest(): readonly string[];
  readonly violations: readonly string[];
}

/** How often a round may write what another writer has just written too. */
const IDLE_WRITES = 2;

/**
 * Milliseconds for which what an event made up of a task that ECS does not know is registered: its
 * five looks.
 */
const MADE_UP_MS = 150_000;

/** Milliseconds for which an event's word stands against ECS's: until the second look. */
const BELIEVED_MS = 10_000;

/** Sees every record at every write and every second, and tells what breaks a promise. */
export const createWatch = ({
  world,
  owners,
  registries,
  now,
  held,
  bounds,
}: WatchOptions): Watch => {
  const truth = createTruth(world, now);
  /** What was broken, and when first. */
  const violations = new Map<string, number>();
  const suspended = new Set<{
    readonly effect: Effect;
    readonly registry: RegistryName | undefined;
  }>();
  const ended = new Map<string, number>();
  const moving = new Map<string, number>();
  let before = new Map<string, Held>();
  let foreign = new Map<string, string>();
  const start = now();

  const violate = (rule: string, what: string) => {
    const text = `${rule}: ${what}`;
    if (!violations.has(text)) violations.set(text, (now() - start) / 1_000);
  };

  /** When the promise was last off; `undefined`: it is off now. */
  const lastOff = (effect: Effect, registry: RegistryName): number | undefined => {
    const concerns = (one: { effect: Effect; registry: RegistryName | undefined }) =>
      (one.registry === undefined || one.registry === registry) &&
      (one.effect === effect || one.effect === 'rounds');
    if ([...suspended].some(concerns)) return undefined;
    const effects: readonly Effect[] = effect === 'events' ? ['events', 'rounds'] : ['rounds'];
    return Math.max(
      start,
      ...effects.flatMap((one) => [
        ended.get(`${one} ${registry}`) ?? 0,
        ended.get(`${one} all`) ?? 0,
      ]),
    );
  };
  /**
   * Whether a state of affairs that began then has lasted longer than is promised; by which
   * promise.
   */
  const overdue = (fact: Fact, since: number, registry: RegistryName): Effect | undefined => {
    const off = lastOff('rounds', registry);
    if (off === undefined) return undefined;
    if (now() - Math.max(since, off) > bounds.rounds[registry]) return 'rounds';
    const eventsOff = lastOff('events', registry);
    if (eventsOff === undefined || eventsOff > since || !fact.prompt || since !== fact.since)
      return undefined;
    return now() > Math.max(since, believedUntil(fact)) + bounds.event[registry]
      ? 'events'
      : undefined;
  };

  /** When a record that belongs to no task was first seen. */
  const madeUp = new Map<string, number>();
  const compareWithTruth = (all: readonly Held[]) => {
    for (const { registry, owner, task, port, key } of all) {
      if (!owners().includes(owner ?? '') || truth.of({ task, port })) continue;
      const since = madeUp.get(`${registry} ${key}`) ?? now();
      madeUp.set(`${registry} ${key}`, since);
      if (now() - since > MADE_UP_MS) violate('of no task', `${key} at ${registry}`);
    }
    const byTask = Map.groupBy(all, ({ registry, owner, task }) => `${registry} ${owner} ${task}`);
    for (const fact of truth.facts())
      for (const registry of registries)
        for (const owner of owners()) {
          const records = (byTask.get(`${registry} ${owner} ${fact.arn}`) ?? []).filter(isOf(fact));
          const place = `${fact.name} at ${registry}`;
          if (fact.running && fact.healthy && records.length < fact.ports.length) {
            const since = fact.checked ? Math.max(fact.since, fact.healthySince) : fact.since;
            const promise = overdue(fact, since, registry);
            if (promise) violate(`absent (${promise})`, place);
          }
          if (!fact.running && !fact.forgotten && records.length > 0) {
            const promise = overdue(fact, fact.since, registry);
            if (promise) violate(`outlives its task (${promise})`, place);
          }
        }
  };

  /** What is forged is believed for a while, since ECS may lag behind its own events. */
  const believedUntil = ({ forgedAt = 0 }: Fact) => forgedAt + BELIEVED_MS;

  const compareWithBefore = (after: ReadonlyMap<string, Held>, by: Call | undefined) => {
    for (const [key, record] of before) {
      const fact = truth.of(record);
      if (!fact || !owners().includes(record.owner ?? '')) continue;
      const next = after.get(key);
      const who = by ? `by ${by.name} ${by.number}` : '';
      // Leases run out by themselves in Eureka; that is seen as an absence.
      const ours = record.registry !== 'eureka' || by !== undefined;
      if (!next && fact.running && ours && !isRenamed(record, after.values())) {
        if (!isLiedAbout(fact, record.registry))
          violate('a running task is taken out', `${fact.name} of ${record.registry} ${who}`);
        // What was forged has come late, and counts from now.
        else if (now() > believedUntil(fact)) truth.forged(fact.arn);
      }
      if (next && record.healthy && !next.healthy && isLowered(fact))
        violate('health is lowered', `${fact.name} of ${record.registry} ${who}`);
    }
  };
  const isLiedAbout = (fact: Fact, registry: RegistryName) => {
    if (fact.forgedAt === undefined) return false;
    if (now() <= believedUntil(fact) + bounds.event[registry]) return true;
    const eventsOff = lastOff('events', registry);
    return eventsOff === undefined || eventsOff > fact.forgedAt;
  };
  /**
   * A task that was never unhealthy must never be shown so; another's news may be some seconds old.
   */
  const isLowered = (fact: Fact) => fact.healthy && !fact.wasUnhealthy;

  /** Services that a round has emptied, by the round's number and the service's place. */
  const emptied = new Set<string>();
  /** Additions come before removals: whoever empties a service must not be the one who fills it. */
  const compareServices = (after: readonly Held[], by: Call | undefined) => {
    if (by?.name !== 'reconcile') return;
    const places = (all: readonly Held[]) => new Set(all.map(placeOf));
    const [old, young] = [places([...before.values()]), places(after)];
    for (const place of old) if (!young.has(place)) emptied.add(`${by.number} ${place}`);
    for (const place of young)
      if (!old.has(place) && emptied.has(`${by.number} ${place}`))
        violate('a round empties a service that it then fills', place);
  };
  /** A name goes to whoever it is, and to nobody else. */
  const compareNames = (after: readonly Held[], by: Call | undefined) => {
    if (by?.name !== 'reconcile') return;
    const served = new Set(after.filter(({ healthy }) => healthy).map(placeOf));
    for (const record of before.values())
      if (record.healthy && !served.has(placeOf(record)) && isRenamed(record, after))
        violate('a round leaves a name to nobody', placeOf(record));
  };
  const comparePolicy = (after: ReadonlyMap<string, Held>, by: Call | undefined) => {
    if (by?.policy !== 'observe') return;
    const keys = new Set([...before.keys(), ...after.keys()]);
    for (const key of keys)
      if (before.get(key)?.whole !== after.get(key)?.whole)
        violate('observe writes', `${key} by ${by.name}`);
  };
  const idle = new Map<number, number>();
  /** The newest round that had begun when somebody else last changed a record. */
  let overlapped = -1;
  let newestRound = -1;
  /**
   * Two may write the same at once; whoever writes again and again what is there already has not
   * looked.
   */
  const countIdle = (after: ReadonlyMap<string, Held>, by: Call | undefined) => {
    const isSame =
      after.size === before.size &&
      [...after].every(([key, { whole }]) => before.get(key)?.whole === whole);
    if (by?.name !== 'reconcile' && !isSame) overlapped = newestRound;
    if (by?.name !== 'reconcile' || lastOff('events', 'eureka') === undefined) return;
    if (!isSame || by.number <= overlapped) return;
    const times = (idle.get(by.number) ?? 0) + 1;
    idle.set(by.number, times);
    if (times > IDLE_WRITES) violate('a round writes what is there already', `${times} times`);
  };

  const compareForeign = (all: readonly Held[]) => {
    const after = foreignOf(all);
    for (const [key, whole] of foreign)
      if (after.get(key) !== whole && now() > (moving.get(key) ?? 0))
        violate('a foreign record is touched', `${key}${after.has(key) ? '' : ', removed'}`);
    foreign = after;
  };
  const foreignOf = (all: readonly Held[]) =>
    new Map(
      all
        .filter(({ owner }) => !owners().includes(owner ?? ''))
        .map((one) => [`${one.registry} ${one.key}`, one.whole]),
    );
  const toMap = (all: readonly Held[]) =>
    new Map(all.map((one) => [`${one.registry} ${one.key}`, one]));

  return {
    begins({ name, number }) {
      if (name === 'reconcile') newestRound = number;
    },
    look(by, writes) {
      truth.update();
      const all = held();
      const after = toMap(all);
      compareWithBefore(after, by);
      compareServices(all, by);
      compareNames(all, by);
      comparePolicy(after, by);
      if (writes === 'eureka') countIdle(after, by);
      compareForeign(all);
      compareWithTruth(all);
      before = after;
    },
    accept() {
      truth.update();
      const all = held();
      before = toMap(all);
      foreign = foreignOf(all);
    },
    moves(registry, key, milliseconds) {
      moving.set(`${registry} ${key}`, now() + milliseconds);
    },
    suspend(effect, registry) {
      const one = { effect, registry };
      suspended.add(one);
      return () => {
        suspended.delete(one);
        ended.set(`${effect} ${registry ?? 'all'}`, now());
      };
    },
    late(taskArn) {
      truth.update();
      truth.late(taskArn);
    },
    forgotten: truth.forgotten,
    forged(taskArn) {
      truth.update();
      truth.forged(taskArn);
    },
    atRest() {
      truth.update();
      const all = held();
      const wrong: string[] = [];
      for (const registry of registries)
        for (const owner of owners()) {
          const records = all.filter((one) => one.registry === registry && one.owner === owner);
          for (const fact of truth.facts()) {
            const own = records.filter(isOf(fact));
            const mayWait = !fact.healthy && registry === 'cloudmap' && own.length === 0;
            const expected = fact.running && !mayWait ? fact.ports.length : 0;
            const place = `${fact.name} at ${registry}`;
            if (own.length !== expected)
              wrong.push(`at rest: ${place} has ${own.length} of ${expected} records`);
            else if (own.some(({ healthy }) => healthy !== fact.healthy))
              wrong.push(`at rest: ${place}: wrong health`);
          }
          const strays = records.filter((record) => !truth.of(record));
          for (const { key } of strays)
            wrong.push(`at rest: ${key} at ${registry} belongs to no task`);
        }
      return wrong;
    },
    get violations() {
      return [...violations].map(([text, at]) => `${text}, at ${at} s`);
    },
  };
};

const placeOf = ({ registry, owner, service }: Held) => `${registry} ${owner} ${service}`;

/** Whether its task has a record of the same port under another name. */
const isRenamed = (record: Held, after: Iterable<Held>) =>
  [...after].some(
    ({ registry, owner, task, port, service }) =>
      registry === record.registry &&
      owner === record.owner &&
      task === record.task &&
      port === record.port &&
      service !== record.service,
  );

const isOf =
  ({ arn, ports }: Fact) =>
  ({ task, port }: Held): boolean =>
    task === arn && port !== undefined && ports.includes(port);
