/** Milliseconds: a server that works answers somebody within this time, be it with an error. */
export const SILENT_MS = 750;

/**
 * Whether a server still answers, judged by the requests that it is sent; the registries' circuit
 * breaker goes by it. The server is silent where a request has failed and none was answered for
 * `SILENT_MS`. An error that it answers is an answer. A refused connection is none, but fails so
 * fast that it does not count as silence.
 */
export interface Pulse {
  /** Watches one request, to its answer or failure. */
  watch<T>(request: () => Promise<T>): Promise<T>;
  /** Milliseconds for which nothing has come back; 0 where nothing is awaited. */
  silence(): number;
  /** Requests that have come to an end. */
  ended(): number;
  /** Whether the last of them ended in silence. */
  hasEndedSilent(): boolean;
}

/** `now` in milliseconds. */
export const createPulse = (now: () => number = Date.now): Pulse => {
  let underway = 0;
  let since = 0;
  let ended = 0;
  let silent = false;
  return {
    async watch(request) {
      if (underway++ === 0) since = now();
      let answered = false;
      try {
        const answer = await request();
        answered = true;
        return answer;
      } finally {
        underway--;
        ended++;
        silent = !answered && now() - since >= SILENT_MS;
        if (!silent) since = now();
      }
    },
    silence: () => (underway > 0 ? now() - since : 0),
    ended: () => ended,
    hasEndedSilent: () => silent,
  };
};
