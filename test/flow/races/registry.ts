import { type Change, type Outcome, refOf } from '../../../shared/model/plan.ts';
import {
  type Instance,
  KEY,
  type Ref,
  type Registration,
} from '../../../shared/model/registration.ts';
import type { Followed, Registry } from '../../../shared/registries/registry.ts';
import { followedAs } from '../../support/outcomes.ts';

export type Remote = <T>(name: string, effect: () => T) => Promise<T>;

/** How a modelled registry may disappoint, decided anew at each call. */
export interface Trouble {
  /** The write happens, its answer is lost. */
  readonly ambiguous: () => boolean;
  /** The write is refused for now: nothing happens. */
  readonly unavailable: () => boolean;
  /** An accepted operation fails in the end. */
  readonly operationFails: () => boolean;
}

export const NO_TROUBLE: Trouble = {
  ambiguous: () => false,
  unavailable: () => false,
  operationFails: () => false,
};

/**
 * Sees each change as it takes effect, and whether the writer could have known that the record was
 * healthy.
 */
export type Watch = (
  change: Change,
  at: { readonly before: Registration | undefined; readonly knownHealthy: boolean },
) => void;

/** What one server holds, shared by everybody who talks to it. */
export class Server {
  readonly records = new Map<string, Registration>();
  /** Accepted, not yet in force (Cloud Map). */
  readonly operations = new Map<string, { change: Change; status: Followed['status'] }>();
  /** What a lagging list shows (Eureka). */
  listed: Registration[] = [];
  trouble: Trouble = NO_TROUBLE;
  /** Rises with every write; the clock of the model. */
  time = 0;
  /** When the call that writes now began. */
  began = 0;
  /** Since when each record has been shown healthy without a break. */
  readonly #healthySince = new Map<string, number>();
  #next = 0;
  readonly #watch: Watch;

  /** `watch` sees each change at the moment it takes effect: where the invariants are checked. */
  constructor(watch: Watch) {
    this.#watch = watch;
  }

  effect(change: Change): void {
    const key = keyOf(refOf(change));
    const before = this.records.get(key);
    const knowable = (this.#healthySince.get(key) ?? Number.POSITIVE_INFINITY) < this.began;
    this.#watch(change, { before, knownHealthy: knowable });
    this.time++;
    if (change.kind === 'remove') this.records.delete(key);
    else if (change.kind === 'upsert') this.records.set(key, change.record);
    else if (before) this.records.set(key, { ...before, health: change.health });
    if (this.records.get(key)?.health !== 'healthy') this.#healthySince.delete(key);
    else if (!this.#healthySince.has(key)) this.#healthySince.set(key, this.time);
  }

  accept(change: Change): string {
    const operation = `op-${this.#next++}`;
    this.operations.set(operation, { change, status: 'pending' });
    return operation;
  }

  /** An accepted operation comes into force, or fails. */
  complete(operation: string): void {
    const accepted = this.operations.get(operation);
    if (accepted?.status !== 'pending') return;
    const failed = this.trouble.operationFails();
    this.operations.set(operation, { ...accepted, status: failed ? 'failed' : 'done' });
    if (!failed) this.effect(accepted.change);
  }

  pendingFor(key: string): string | undefined {
    return [...this.operations].find(
      ([, { change, status }]) => status === 'pending' && keyOf(refOf(change)) === key,
    )?.[0];
  }
}

const keyOf = ({ service, id }: Pick<Ref, 'service' | 'id'>) => `${service}/${id}`;

const toRecord = (instance: Instance): Registration => {
  const { id, service, cluster, address, port, protocol, health, tags, metadata } = instance;
  return { id, service, cluster, address, port, protocol, health, tags, metadata, detail: {} };
};

const base = (server: Server, remote: Remote) =>
  ({
    key: keyOf,
    refs: ({ service, id, cluster }) => [{ service, id, cluster }],
    fit: (instance) => ({ records: [toRecord(instance)], notes: [] }),
    get: (refs) => remote('get', () => refs.flatMap((ref) => server.records.get(keyOf(ref)) ?? [])),
  }) satisfies Partial<Registry>;

/** Writes at once, like Consul. */
export const plainRegistry = (server: Server, remote: Remote): Registry => ({
  ...base(server, remote),
  name: 'consul',
  waitsForHealth: false,
  list: () => remote('list', () => ({ records: [...server.records.values()] })),
  apply: (changes) => Promise.all(changes.map((change) => write(server, remote, change))),
});

/** Lists lag behind writes, like Eureka's. */
export const laggingRegistry = (server: Server, remote: Remote): Registry => ({
  ...plainRegistry(server, remote),
  name: 'eureka',
  staleLists: true,
  list: () => remote('list', () => ({ records: server.listed })),
  apply: (changes) =>
    Promise.all(
      changes.map((change) =>
        change.kind === 'health'
          ? setHealth(server, remote, change)
          : write(server, remote, change),
      ),
    ),
});

/** Read, then registered anew: what is removed in between comes back. */
const setHealth = async (
  server: Server,
  remote: Remote,
  change: Change & { readonly kind: 'health' },
): Promise<Outcome> => {
  const held = await remote('read', () => server.records.has(keyOf(refOf(change))));
  if (!held) return { change, status: 'gone' };
  const { record, health, reason } = change;
  return write(server, remote, change, () =>
    server.records.has(keyOf(refOf(change)))
      ? change
      : { kind: 'upsert', record: { ...record, health }, reason },
  );
};

/** `made`: what the change comes to when it arrives. */
const write = async (
  server: Server,
  remote: Remote,
  change: Change,
  made?: () => Change,
): Promise<Outcome> => {
  try {
    return await remote(change.kind, (): Outcome => {
      if (server.trouble.unavailable()) return { change, status: 'retry', reason: 'unavailable' };
      const exists = server.records.has(keyOf(refOf(change)));
      if (change.kind === 'health' && !exists && !made) return { change, status: 'gone' };
      if (change.kind === 'remove' && !exists) return { change, status: 'unchanged' };
      server.effect(made?.() ?? change);
      return server.trouble.ambiguous()
        ? { change, status: 'retry', reason: 'no answer' }
        : { change, status: 'done' };
    });
  } catch (error) {
    if (error instanceof Crash) throw error;
    return { change, status: 'retry', reason: String(error) };
  }
};

/** Accepts writes and carries them out later, like Cloud Map; `later` schedules that. */
export const slowRegistry = (
  server: Server,
  remote: Remote,
  later: (name: string, effect: () => void) => void,
): Registry => ({
  ...base(server, remote),
  name: 'cloudmap',
  waitsForHealth: true,
  list: () => remote('list', () => ({ records: [...server.records.values()] })),
  follow: (operations) =>
    remote('GetOperation', () =>
      operations.map((operation) =>
        followedAs(operation, server.operations.get(operation)?.status ?? 'done'),
      ),
    ),
  apply: (changes) =>
    Promise.all(
      changes.map((change) =>
        remote(change.kind, (): Outcome => {
          const key = keyOf(refOf(change));
          const before = server.records.get(key);
          if (server.trouble.unavailable()) return { change, status: 'retry', reason: 'throttled' };
          if (change.kind === 'health') {
            if (!before) return { change, status: 'gone' };
            server.effect(change);
            return { change, status: 'done' };
          }
          // DuplicateRequest: another write of this record is under way.
          if (server.pendingFor(key))
            return { change, status: 'retry', reason: 'DuplicateRequest' };
          if (change.kind === 'remove' && !before) return { change, status: 'unchanged' };
          if (change.kind === 'upsert' && !before && change.record.health !== 'healthy') {
            return { change, status: 'pending' };
          }
          const operation = server.accept(change);
          later('operation', () => server.complete(operation));
          return { change, status: 'pending', operation };
        }),
      ),
    ),
});

/** The function instance died: nothing it was about to do is done any more. */
export class Crash extends Error {}

export const ownerOf = (record: Registration | undefined) => record?.metadata[KEY.owner];
