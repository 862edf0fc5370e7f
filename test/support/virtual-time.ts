import { syncBuiltinESMExports } from 'node:module';
import { watchMoving } from './moving.ts';

interface Timer {
  at: number;
  /** Whether the process lives on for it. */
  held: boolean;
  readonly run: () => void;
}

/**
 * Time that passes only while everything waits for it: minutes of a slow network take the seconds
 * of their work.
 */
export interface VirtualTime {
  now(): number;
  /** Waits for the work, moving time on whenever nothing else moves. */
  during<T>(work: Promise<T>): Promise<T>;
  /** The same for whatever there is to do from now on, until `stop`. */
  run(): void;
  /**
   * Time stands still until this has ended: for work of which `moving.ts` may hear too late to the
   * millisecond.
   */
  hold<T>(work: Promise<T>): Promise<T>;
  /** What a simulated server waits for, in milliseconds. */
  wait(milliseconds: number): Promise<void>;
  /** Takes real time up again. What was still to come never comes. */
  stop(): void;
}

/** Turns of the loop within which whatever needs no time to pass goes on. */
const TURNS = 4;

/**
 * Takes over `Date.now`, the timers and `AbortSignal.timeout` of this process, so one at a time.
 * Sockets, files and modules keep real time: whatever is under way holds time still unless its
 * server waits (`moving.ts`), so that neither what is computed nor a busy machine costs any time at
 * all.
 */
export const startVirtualTime = (start = Date.now()): VirtualTime => {
  const moving = watchMoving();
  const timers = new Map<object, Timer>();
  let now = start;
  let stopped = false;
  let held = 0;

  const after = (milliseconds: unknown, run: () => void) => {
    const due = () => Math.ceil(now + Math.max(0, Number(milliseconds) || 0));
    const timer: Timer = { at: due(), held: true, run };
    const hold = (held: boolean) => {
      timer.held = held;
      return handle;
    };
    const handle = {
      ref: () => hold(true),
      unref: () => hold(false),
      hasRef: () => timer.held,
      refresh: () => {
        timer.at = due();
        timers.set(handle, timer);
        return handle;
      },
      [Symbol.dispose]: () => void timers.delete(handle),
    };
    return handle.refresh();
  };
  const real = replaceTimers({ now: () => now, after, drop: (handle) => timers.delete(handle) });

  const isHeld = () => {
    for (const timer of timers.values()) if (timer.held) return true;
    return false;
  };
  /**
   * Leaves the core to whom we wait for. A process that waits for no time of ours ends as it would
   * in real time.
   */
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = real.setTimeout(resolve, 1);
      if (!isHeld()) timer.unref();
    });
  const turn = () => (isHeld() ? new Promise<void>((resolve) => setImmediate(resolve)) : pause());
  const rest = async () => {
    for (let still = 0, turns = 0; still < TURNS && !stopped; still++) {
      await turn();
      if (held === 0 && !moving.now()) continue;
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
      // Whoever waits for the work is still there, though nothing may wait for time.
      const alive = real.setInterval(() => {}, 60_000);
      await runUntil(() => settled);
      real.clearInterval(alive);
      return work;
    },
    async hold(work) {
      held++;
      try {
        return await work;
      } finally {
        held--;
      }
    },
    run: () => void runUntil(() => stopped),
    wait: (milliseconds) => new Promise<void>((resolve) => void after(milliseconds, resolve)),
    stop() {
      stopped = true;
      moving.stop();
      real.restore();
    },
  };
};

/** What starts something, in time that is virtual until it is stopped. */
export const inVirtualTime =
  <R extends { stop(): Promise<void> }>(start: () => Promise<R>) =>
  async (): Promise<R> => {
    const time = startVirtualTime();
    time.run();
    const running = await start();
    const stop = async () => {
      await running.stop();
      time.stop();
    };
    return { ...running, stop };
  };

interface Handle {
  refresh(): Handle;
}

interface Replacement {
  now(): number;
  after(milliseconds: unknown, run: () => void): Handle;
  /** Whether there was one. */
  drop(handle: object): boolean;
}

type Run = (...args: unknown[]) => void;

/** Puts timers in the place of the process's own; `restore` puts those back. */
const replaceTimers = ({ now, after, drop }: Replacement) => {
  const timers = process.getBuiltinModule('node:timers');
  const promises = process.getBuiltinModule('node:timers/promises');
  const { setTimeout, setInterval, clearTimeout, clearInterval } = timers;
  const real = { setTimeout, setInterval, clearTimeout, clearInterval };
  const [later, dateNow, timeout] = [promises.setTimeout, Date.now, AbortSignal.timeout];
  const clear = (handle: unknown) => {
    if (typeof handle === 'object' && handle !== null && drop(handle)) return;
    clearTimeout(handle as NodeJS.Timeout);
  };
  const install = (into: object, wait: unknown) => {
    Object.assign(globalThis, into);
    Object.assign(timers, into);
    Object.assign(promises, { setTimeout: wait });
    syncBuiltinESMExports();
  };
  install(
    {
      setTimeout: (run: Run, milliseconds?: number, ...args: unknown[]) =>
        after(milliseconds, () => run(...args)),
      setInterval: (run: Run, milliseconds?: number, ...args: unknown[]) => {
        const handle = after(Math.max(1, Number(milliseconds) || 0), () => {
          handle.refresh();
          run(...args);
        });
        return handle;
      },
      clearTimeout: clear,
      clearInterval: clear,
    },
    (milliseconds?: number, value?: unknown) =>
      new Promise((resolve) => void after(milliseconds, () => resolve(value))),
  );
  Date.now = now;
  AbortSignal.timeout = (milliseconds) => {
    const controller = new AbortController();
    after(milliseconds, () =>
      controller.abort(new DOMException('the time is over', 'TimeoutError')),
    );
    return controller.signal;
  };
  return {
    ...real,
    restore() {
      install(real, later);
      Date.now = dateNow;
      AbortSignal.timeout = timeout;
    },
  };
};
