import { syncBuiltinESMExports } from 'node:module';
import { watchMoving } from './moving.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Time that passes only while everything waits for it: minutes of a slow network take the seconds of their work. */
export interface VirtualTime {
  now(): number;
  /** Waits for the work, moving time on whenever nothing else moves. */
  during<T>(work: Promise<T>): Promise<T>;
  /** The same for whatever there is to do from now on, until `stop`. */
  run(): void;
  /** What a simulated server waits for, in milliseconds. */
  wait(milliseconds: number): Promise<void>;
  /** Takes real time up again. What was still to come never comes. */
  stop(): void;
}

/**
 * Takes over `Date.now`, `setTimeout` and `AbortSignal.timeout` of this process, so one at a time. Sockets, files and
 * modules keep real time: whatever is under way holds time still unless its server waits (`moving.ts`), so that
 * neither what is computed nor a busy machine costs any time at all. Once nothing is under way, whatever can go on
 * without time passing does so within some turns of the loop.
 */
export const startVirtualTime = (start = Date.now()): VirtualTime => {
  const real = { now: Date.now, setTimeout, clearTimeout, timeout: AbortSignal.timeout };
  const moving = watchMoving();
  const timers = new Map<object, Timer>();
  let now = start;
  let stopped = false;

  const after = (run: () => void, milliseconds: unknown = 0) => {
    const due = () => Math.ceil(now + Math.max(0, Number(milliseconds) || 0));
    const handle = {
      ref: () => handle,
      unref: () => handle,
      hasRef: () => true,
      refresh: () => {
        timers.set(handle, { at: due(), run });
        return handle;
      },
      [Symbol.dispose]: () => void timers.delete(handle),
    };
    return handle.refresh();
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
  /** Leaves the core to whom we wait for. */
  const pause = () => new Promise<void>((resolve) => real.setTimeout(resolve, 1));
  /** Nothing moves for some turns of the loop. */
  const rest = async () => {
    for (let still = 0, turns = 0; still < 4 && !stopped; still++) {
      await turn();
      if (!moving.now()) continue;
      still = -1;
      if (++turns % 50 === 0) await pause();
    }
  };
  const fireNext = () => {
    let next = Number.POSITIVE_INFINITY;
    for (const { at } of timers.values()) next = Math.min(next, at);
    now = Math.max(now, next);
    const due = [...timers].filter(([, { at }]) => at <= now);
    for (const [handle, { run }] of due) if (timers.delete(handle)) run();
  };
  const runUntil = async (isOver: () => boolean) => {
    while (!isOver()) {
      await rest();
      if (isOver()) return;
      if (timers.size > 0) fireNext();
      else await pause();
    }
  };
  return {
    now: () => now,
    async during(work) {
      let settled = false;
      const end = () => {
        settled = true;
      };
      work.then(end, end);
      await runUntil(() => settled);
      return work;
    },
    run: () => void runUntil(() => stopped),
    wait: (milliseconds) => new Promise<void>((resolve) => void after(resolve, milliseconds)),
    stop() {
      stopped = true;
      moving.stop();
      install(original);
      Date.now = real.now;
      AbortSignal.timeout = real.timeout;
    },
  };
};
