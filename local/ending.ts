/** How the run is asked to end. */
export interface Ending {
  readonly asked: Promise<void>;
  /** As Ctrl-C does. */
  interrupt(): void;
  /** Ends it in order, and never by force. */
  end(): void;
}

/** As shells count SIGINT. */
const INTERRUPTED = 130;
/** Milliseconds. npm hands on a Ctrl-C that the terminal has sent to everybody already. */
const SAME = 300;

/**
 * The first Ctrl-C or SIGTERM ends the run in order; another one, while that takes its time, at
 * once.
 */
export const createEnding = (
  exit: (code: number) => void = (code) => process.exit(code),
  now: () => number = Date.now,
): Ending => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let first: number | undefined;
  return {
    asked: promise,
    interrupt() {
      if (first !== undefined && now() - first > SAME) exit(INTERRUPTED);
      first ??= now();
      resolve();
    },
    end: resolve,
  };
};
