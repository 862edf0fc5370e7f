/**
 * Callers that come while a read is under way share its answer, and its failure,
 * unless it ended because only its own caller gave up: then they read for themselves.
 */
export const singleFlight = <T>(read: (signal: AbortSignal) => Promise<T>) => {
  let running: { readonly answer: Promise<T>; readonly signal: AbortSignal } | undefined;
  const join = async (signal: AbortSignal): Promise<T> => {
    if (!running) {
      const answer = read(signal).finally(() => {
        running = undefined;
      });
      running = { answer, signal };
      return answer;
    }
    const { answer, signal: others } = running;
    try {
      return await answer;
    } catch (error) {
      if (!others.aborted || signal.aborted) throw error;
      return join(signal);
    }
  };
  return join;
};
