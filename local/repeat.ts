export interface Repetition {
  /** Goes on after a stop; does nothing where it goes on already. */
  start(): void;
  /** Waits for the run under way. */
  stop(): Promise<void>;
}

/**
 * Runs, waits so many milliseconds, runs again; what a run throws goes to `onError`. Begins at
 * once.
 */
export const repeat = (
  run: () => Promise<void>,
  milliseconds: number,
  onError: (error: unknown) => void,
): Repetition => {
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const turn = () => {
    running = run()
      .catch(onError)
      .then(() => {
        if (timer) timer = setTimeout(turn, milliseconds);
      });
  };
  const start = () => {
    timer ??= setTimeout(turn, 0);
  };
  start();
  return {
    start,
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await running;
    },
  };
};
