import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Time that passes only while every request waits for it: minutes of a slow network take the seconds of its work. */
export interface VirtualTime {
  now(): number;
  /** Waits for the work, moving time on whenever nothing else moves. */
  during<T>(work: Promise<T>): Promise<T>;
  /** What a simulated server waits for, in milliseconds. */
  wait(milliseconds: number): Promise<void>;
  stop(): void;
}

/**
 * Takes over `Date.now`, `setTimeout` and `AbortSignal.timeout` of this process. Sockets keep real time: a request under
 * way holds time still unless its server waits, so that what is computed costs no time at all.
 */
export const startVirtualTime = (start = Date.now()): VirtualTime => {
  const real = { now: Date.now, clearTimeout, timeout: AbortSignal.timeout };
  const timers = new Map<object, Timer>();
  let now = start;
  let requests = 0;
  let waiting = 0;

  const onRequest = (message: unknown) => {
    const { request } = message as { request: EventEmitter };
    // One that waits for a free socket does not move.
    request.once('socket', () => {
      requests++;
      request.once('close', () => requests--);
    });
  };
  subscribe('http.client.request.created', onRequest);

  const after = (run: () => void, milliseconds = 0) => {
    const handle = {
      ref: () => handle,
      unref: () => handle,
      hasRef: () => true,
      refresh: () => handle,
      [Symbol.dispose]: () => timers.delete(handle),
    };
    timers.set(handle, { at: Math.ceil(now + Math.max(0, Number(milliseconds) || 0)), run });
    return handle;
  };
  const replaced = {
    setTimeout: (run: (...args: unknown[]) => void, milliseconds?: number, ...args: unknown[]) =>
      after(() => run(...args), milliseconds),
    clearTimeout: (handle: unknown) => {
      if (typeof handle === 'object' && handle !== null && timers.delete(handle)) return;
      real.clearTimeout(handle as NodeJS.Timeout);
    },
  };
  const timersModule = process.getBuiltinModule('node:timers');
  const original = { setTimeout: timersModule.setTimeout, clearTimeout: timersModule.clearTimeout };
  const install = (into: object) => {
    Object.assign(globalThis, into);
    Object.assign(timersModule, into);
    syncBuiltinESMExports();
  };
  install(replaced);
  Date.now = () => now;
  AbortSignal.timeout = (milliseconds) => {
    const controller = new AbortController();
    after(() => controller.abort(new DOMException('the time is over', 'TimeoutError')), milliseconds);
    return controller.signal;
  };

  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  /** Nothing moves for some turns of the loop, beyond what waits for time to pass. */
  const rest = async () => {
    for (let still = 0; still < 4; still++) {
      await turn();
      if (requests > waiting) still = -1;
    }
  };
  const fireNext = () => {
    // Without one a module is being loaded, perhaps.
    if (timers.size === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const { at } of timers.values()) next = Math.min(next, at);
    now = Math.max(now, next);
    const due = [...timers].filter(([, { at }]) => at <= now);
    for (const [handle, { run }] of due) if (timers.delete(handle)) run();
  };
  return {
    now: () => now,
    async during(work) {
      let settled = false;
      const end = () => {
        settled = true;
      };
      work.then(end, end);
      while (!settled) {
        await rest();
        if (!settled) fireNext();
      }
      return work;
    },
    async wait(milliseconds) {
      waiting++;
      await new Promise<void>((resolve) => after(resolve, milliseconds));
      waiting--;
    },
    stop() {
      unsubscribe('http.client.request.created', onRequest);
      install(original);
      Date.now = real.now;
      AbortSignal.timeout = real.timeout;
    },
  };
};
