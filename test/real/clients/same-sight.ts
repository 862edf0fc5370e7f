import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type LineProgram, startLineProgram } from '../../../scripts/real/line-program.ts';
import type { Pair, Registered } from '../../../scripts/real/pair.ts';
import { isUnavailable, type Unavailable } from '../../../scripts/real/unavailable.ts';

/** A program, but for its last arguments: a URL, a token and the name of a service. */
export type Client = readonly string[];

/** Milliseconds: a JVM takes seconds to start where others work beside it. */
const PATIENCE = 120_000;

const placesOf = (instances: readonly Registered[]) =>
  instances
    .filter(({ healthy }) => healthy)
    .map(({ host }) => `10.0.0.${host}:8080`)
    .sort();

const up = (host: number): Registered => ({ host, healthy: true });

/** What the registry holds, one after the other. */
const HISTORY: readonly (readonly Registered[])[] = [
  [up(1)],
  [up(1), up(2)],
  [{ host: 1, healthy: false }, up(2)],
  [up(1), up(2)],
  // As many as before, but others.
  [up(2), up(3)],
  [up(4), up(5)],
  [],
];

/** Started for the rest of the test. */
export const runClient = (client: Client): LineProgram => {
  const running = startLineProgram(client);
  onTestFinished(running.stop);
  return running;
};

/**
 * That the program finds the same through the resolver as in the real registry, and all that it
 * should, while instances come, fall ill, recover, are replaced and go.
 */
export const expectSameSight = async (pair: Pair, client: Client): Promise<void> => {
  await pair.put(HISTORY[0] ?? []);
  const [theirs, ours] = [pair.real, pair.ours].map((url) =>
    runClient([...client, url, pair.token, 'web']),
  );
  for (const instances of HISTORY) {
    await pair.put(instances);
    const places = placesOf(instances);
    const found = () => [theirs?.sight()?.places, ours?.sight()?.places];
    await expect
      .poll(found, { timeout: PATIENCE, message: ours?.complaints() ?? '' })
      .toEqual([places, places]);
    // What else it sees may follow a moment later.
    await expect.poll(() => ours?.sight(), { timeout: PATIENCE }).toEqual(theirs?.sight());
  }
};

/** The same for what is asked for the places that it has. */
export const expectSamePlaces = async (
  pair: Pair,
  start: (over: { readonly url: string; readonly token: string }) => Promise<Asked | Unavailable>,
): Promise<void> => {
  await pair.put(HISTORY[0] ?? []);
  const [theirs, ours] = await Promise.all(
    [pair.real, pair.ours].map(async (url) => {
      const one = await start({ url, token: pair.token });
      if (isUnavailable(one)) throw new Error(one.unavailable);
      onTestFinished(() => one.stop());
      return one;
    }),
  );
  for (const instances of HISTORY) {
    await pair.put(instances);
    const places = placesOf(instances);
    await expect
      .poll(() => Promise.all([theirs?.places(), ours?.places()]), { timeout: PATIENCE })
      .toEqual([places, places]);
  }
};

interface Asked {
  places(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** A test for each of the clients, which share a pair of a registry and a resolver. */
export const seesTheSame = (
  over: string,
  start: () => Promise<Pair>,
  clients: Readonly<Record<string, Client>>,
) =>
  describe(`the resolver shows what ${over} shows`, { timeout: PATIENCE * 4 }, () => {
    let pair: Pair;
    beforeAll(async () => {
      pair = await start();
    }, PATIENCE);
    afterAll(() => pair?.stop());
    test.each(Object.entries(clients))('to %s', (_, client) => expectSameSight(pair, client));
  });
