import { type SimulatedInstance, STATUSES } from './instance.ts';

/** Milliseconds. */
const DELTA_RETENTION = 180_000;
const EVICTION_INTERVAL = 60_000;
/** An eviction run takes no more than this part of the registry. */
const EVICTED_AT_ONCE = 0.15;

interface Held {
  readonly instance: SimulatedInstance;
  /**
   * Never renewed: the time of registration. Renewed: one lease past the renewal, since the server
   * adds it twice.
   */
  renewed: number;
}

/**
 * What one Eureka server holds, with its rules for leases, dirty timestamps and statuses as they
 * were found on a real one (eureka-core 2.0.4). Self-preservation is left out: nothing here may
 * depend on eviction.
 */
export class EurekaStore {
  readonly #now: () => number;
  readonly #held = new Map<string, Held>();
  readonly #overrides = new Map<string, string>();
  readonly #recent = new Map<
    string,
    { readonly instance: SimulatedInstance; readonly at: number }
  >();
  #lastEviction: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#lastEviction = now();
  }

  /** As after a restart without peers. */
  clear(): void {
    this.#held.clear();
    this.#overrides.clear();
    this.#recent.clear();
  }

  instances(): readonly SimulatedInstance[] {
    this.#evict();
    return [...this.#held.values()].map(({ instance }) => instance);
  }

  /** What was registered, changed or removed in the last three minutes. */
  changed(): readonly SimulatedInstance[] {
    this.#evict();
    const since = this.#now() - DELTA_RETENTION;
    return [...this.#recent.values()]
      .filter(({ at }) => at >= since)
      .map(({ instance }) => instance);
  }

  find(app: string, id: string): SimulatedInstance | undefined {
    this.#evict();
    return this.#held.get(keyOf(app, id))?.instance;
  }

  /** Accepts always. An older dirty timestamp leaves the old data in place, under a fresh lease. */
  register(given: SimulatedInstance): void {
    const key = keyOf(given.app, given.instanceId);
    const held = this.#held.get(key)?.instance;
    const isOlder = held && Number(held.lastDirtyTimestamp) > Number(given.lastDirtyTimestamp);
    const instance = isOlder ? held : given;
    if (instance.overriddenStatus !== 'UNKNOWN' && !this.#overrides.has(given.instanceId))
      this.#overrides.set(given.instanceId, instance.overriddenStatus);
    const override = this.#overrides.get(given.instanceId);
    if (override !== undefined) instance.overriddenStatus = override;
    instance.status = this.#statusOf(instance, held);
    const now = this.#now();
    const { leaseInfo } = instance;
    leaseInfo.registrationTimestamp = now;
    leaseInfo.serviceUpTimestamp =
      held?.leaseInfo.serviceUpTimestamp || (instance.status === 'UP' ? now : 0);
    this.#held.set(key, { instance, renewed: now });
    leaseInfo.lastRenewalTimestamp = now;
    this.#touch(key, instance, 'ADDED');
  }

  /** False: 404, the client must register. */
  renew(app: string, id: string, lastDirty?: number): boolean {
    const held = this.#held.get(keyOf(app, id));
    if (!held || held.instance.status === 'UNKNOWN') return false;
    this.#extend(held);
    return lastDirty === undefined || lastDirty <= Number(held.instance.lastDirtyTimestamp);
  }

  remove(app: string, id: string): boolean {
    const key = keyOf(app, id);
    const instance = this.#held.get(key)?.instance;
    if (!instance) return false;
    this.#held.delete(key);
    this.#overrides.delete(id);
    instance.leaseInfo.evictionTimestamp = this.#now();
    this.#touch(key, instance, 'DELETED');
    return true;
  }

  /** False: no such instance. */
  override(app: string, id: string, status: string): boolean {
    const held = this.#held.get(keyOf(app, id));
    if (!held) return false;
    this.#extend(held);
    this.#overrides.set(id, status);
    held.instance.overriddenStatus = status;
    held.instance.status = status;
    this.#touch(keyOf(app, id), held.instance, 'MODIFIED');
    return true;
  }

  /** Without a status the instance is left UNKNOWN, and its next renewal is answered 404. */
  deleteOverride(app: string, id: string, status = 'UNKNOWN'): boolean {
    const held = this.#held.get(keyOf(app, id));
    if (!held) return false;
    this.#extend(held);
    if (!this.#overrides.delete(id)) return true;
    held.instance.overriddenStatus = 'UNKNOWN';
    held.instance.status = status;
    this.#touch(keyOf(app, id), held.instance, 'MODIFIED');
    return true;
  }

  /** Adds only; and registers anew, so that the lease is a fresh one. */
  addMetadata(app: string, id: string, metadata: Readonly<Record<string, string>>): boolean {
    const held = this.#held.get(keyOf(app, id));
    if (!held) return false;
    held.instance.metadata = { ...held.instance.metadata, ...metadata };
    this.register(held.instance);
    return true;
  }

  /**
   * DOWN and STARTING are believed; then an override; then an UP or OUT_OF_SERVICE that is there
   * already.
   */
  #statusOf(
    { instanceId, status }: SimulatedInstance,
    held: SimulatedInstance | undefined,
  ): string {
    if (!isKept(status)) return status;
    const override = this.#overrides.get(instanceId);
    if (override !== undefined) return override;
    return held && isKept(held.status) ? held.status : status;
  }

  #extend(held: Held): void {
    held.renewed = this.#now() + held.instance.leaseInfo.durationInSecs * 1_000;
    held.instance.leaseInfo.lastRenewalTimestamp = held.renewed;
  }

  #touch(
    key: string,
    instance: SimulatedInstance,
    actionType: SimulatedInstance['actionType'],
  ): void {
    instance.actionType = actionType;
    instance.lastUpdatedTimestamp = String(this.#now());
    this.#recent.delete(key);
    this.#recent.set(key, { instance, at: this.#now() });
  }

  /** Once a minute, made up for when somebody asks. */
  #evict(): void {
    const runs = Math.floor((this.#now() - this.#lastEviction) / EVICTION_INTERVAL);
    for (let run = 1; run <= runs && this.#held.size > 0; run++)
      this.#evictAt(this.#lastEviction + run * EVICTION_INTERVAL);
    this.#lastEviction += runs * EVICTION_INTERVAL;
  }

  #evictAt(time: number): void {
    const limit = Math.ceil(this.#held.size * EVICTED_AT_ONCE);
    const expired = [...this.#held.values()].filter(
      ({ instance, renewed }) => renewed + instance.leaseInfo.durationInSecs * 1_000 < time,
    );
    for (const { instance } of expired.slice(0, limit))
      this.remove(instance.app, instance.instanceId);
  }
}

export const isStatus = (text: string | null): text is string =>
  text !== null && STATUSES.includes(text);

const isKept = (status: string) => status === 'UP' || status === 'OUT_OF_SERVICE';

const keyOf = (app: string, id: string) => `${app}/${id}`;
