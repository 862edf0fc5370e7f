/** Milliseconds in which a server that works says something to whoever asks it, if only no. */
export const SILENT_MS = 750;

/**
 * Whether a server still answers, as those who send it requests feel it. It is silent where
 * requests have been under way for so long and nothing came back, to any of them. An error that it
 * answers is an answer, and a connection that is refused at once is none, but costs nobody time.
 */
export interface Pulse {
  /** Sends one request, through to its answer or failure. */
  send<T>(request: () => Promise<T>): Promise<T>;
  /** Milliseconds for which nothing has come back; 0 where nothing is awaited. */
  silence(): number;
  /** Requests that have come to an end. */
  ended(): number;
  /** The last of them ended in silence. */
  isSilent(): boolean;
}

/** `now` in milliseconds. */
export const createPulse = (now: () => number = Date.now): Pulse => {
  let underway = 0;
  let since = 0;
  let ended = 0;
  let silent = false;
  return {
    async send(request) {
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
    isSilent: () => silent,
  };
};
