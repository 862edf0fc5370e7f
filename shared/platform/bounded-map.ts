/**
 * A Map with at most `limit` entries: what is cached while warm must never grow without end. The
 * one that goes was not used for the longest time, or at least not since half as many were put in.
 */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>();
  /** The keys in order of their use. One for many, since each new one passes all that went. */
  #oldest = this.#entries.keys();
  /** Entries that were put at the end since that began. */
  #moved = 0;
  readonly #limit: number;
  constructor(limit: number) {
    this.#limit = limit;
  }
  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    // In a map that is half empty nothing has to go soon.
    if (value !== undefined && this.#entries.size > this.#limit / 2) this.#putLast(key, value);
    return value;
  }
  set(key: K, value: V): void {
    this.#putLast(key, value);
    if (this.#entries.size <= this.#limit) return;
    const { done, value: oldest } = this.#oldest.next();
    if (!done) this.#entries.delete(oldest);
  }
  #putLast(key: K, value: V) {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    // While an iterator rests, V8 keeps for it every table that the map has outgrown since.
    if (++this.#moved <= this.#limit) return;
    this.#moved = 0;
    this.#oldest = this.#entries.keys();
  }
  delete(key: K): void {
    this.#entries.delete(key);
  }
}
