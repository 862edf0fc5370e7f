import { setTimeout as wait } from 'node:timers/promises';

/** What clients saw while something else went on. */
export interface Tally {
  readonly sent: number;
  /** What each request that failed came to. */
  readonly failures: readonly string[];
}

/** Milliseconds between two requests, and for which one may take. */
const PAUSE = 10;
const PATIENCE = 5_000;

/**
 * A client of the resolver until `done` is settled: it asks for one instance of the service and
 * calls that, again and again, without a second try.
 */
export const callWhile = async (
  done: Promise<unknown>,
  { resolverUrl, service }: { readonly resolverUrl: string; readonly service: string },
): Promise<Tally> => {
  const isGoing = untilSettled(done);
  let sent = 0;
  const failures: string[] = [];
  while (isGoing()) {
    sent++;
    try {
      const place = await getText(`${resolverUrl}/resolve/${service}`, PATIENCE, {
        accept: 'text/plain',
      });
      await getText(`http://${place.trim()}/`, PATIENCE);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
    await wait(PAUSE);
  }
  await done;
  return { sent, failures };
};

/** Whether it is still open. */
export const untilSettled = (done: Promise<unknown>): (() => boolean) => {
  let isOpen = true;
  const close = () => {
    isOpen = false;
  };
  done.then(close, close);
  return () => isOpen;
};

/** What a server answers, within so many milliseconds; rejects for any status but 200 to 299. */
export const getText = async (
  url: string,
  patience: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(patience) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return text;
};
