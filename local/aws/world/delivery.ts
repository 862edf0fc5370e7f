import type { AwsEvent } from './shapes.ts';

/** EventBridge at its worst: what a test can do to the events that come next. */
export interface Delivery {
  onEvent(listener: (event: AwsEvent) => void): () => void;
  /** The next events are lost. */
  dropNext(count?: number): void;
  /** The next events arrive `copies` times more. */
  duplicateNext(count?: number, copies?: number): void;
  /** The next events wait for `release`. */
  holdNext(count?: number): void;
  held(): readonly AwsEvent[];
  /** Delivers what waits, in the order that `arrange` gives it (default: as emitted). */
  release(arrange?: (events: readonly AwsEvent[]) => readonly AwsEvent[]): void;
}

export const createDelivery = (): Delivery & { emit(event: AwsEvent): void } => {
  const listeners = new Set<(event: AwsEvent) => void>();
  let dropping = 0;
  let duplicating = { count: 0, copies: 1 };
  let holding = 0;
  let waiting: AwsEvent[] = [];

  const deliver = (event: AwsEvent) => {
    for (const listener of listeners) listener(event);
  };
  return {
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dropNext(count = 1) {
      dropping = count;
    },
    duplicateNext(count = 1, copies = 1) {
      duplicating = { count, copies };
    },
    holdNext(count = Number.POSITIVE_INFINITY) {
      holding = count;
    },
    held: () => waiting,
    release(arrange = (events) => events) {
      const events = waiting;
      waiting = [];
      holding = 0;
      for (const event of arrange(events)) deliver(event);
    },
    emit(event) {
      if (dropping-- > 0) return;
      const copies = duplicating.count-- > 0 ? 1 + duplicating.copies : 1;
      const hold = holding-- > 0;
      for (const copy of Array<AwsEvent>(copies).fill(event)) {
        if (hold) waiting.push(copy);
        else deliver(copy);
      }
    },
  };
};
