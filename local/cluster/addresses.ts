import { listen } from '../listen.ts';

/**
 * Loopback has 16 million addresses on Linux and Windows, and one on macOS unless somebody adds
 * others.
 */
export const taskAddress = (number: number): string => `127.0.1.${number}`;

/** Container ports that are tried in turn: another process may hold one on every address. */
const CANDIDATES = [8080, 8081, 8090, 18080, 28080] as const;

/**
 * A port that tasks with addresses of their own can share; `undefined` where this machine has no
 * such addresses.
 */
export const sharedPort = async (): Promise<number | undefined> => {
  for (const port of CANDIDATES) {
    try {
      const probe = await listen(() => {}, { host: taskAddress(1), port });
      await probe.stop();
      return port;
    } catch (error) {
      if (Object(error).code === 'EADDRNOTAVAIL') return undefined;
    }
  }
  return undefined;
};
