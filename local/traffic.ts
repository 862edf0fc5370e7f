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
  let going = true;
  const stop = () => {
    going = false;
  };
  done.then(stop, stop);
  let sent = 0;
  const failures: string[] = [];
  while (going) {
    sent++;
    try {
      const place = await get(`${resolverUrl}/resolve/${service}`);
      await get(`http://${place.trim()}/`);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
    await wait(PAUSE);
  }
  await done;
  return { sent, failures };
};

const get = async (url: string): Promise<string> => {
  const headers = { accept: 'text/plain' };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return text;
};
