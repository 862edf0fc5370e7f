/**
 * A Map that keeps the `limit` entries used last: what is cached while warm must never grow without
 * end.
 */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>();
  /** The keys in order of their use. One for all, since each new one would pass all that went. */
  readonly #oldest = this.#entries.keys();
  readonly #limit: number;
  constructor(limit: number) {
    this.#limit = limit;
  }
  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }
  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return;
    const { done, value: oldest } = this.#oldest.next();
    if (!done) this.#entries.delete(oldest);
  }
  delete(key: K): void {
    this.#entries.delete(key);
  }
}
