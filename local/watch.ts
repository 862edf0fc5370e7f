import { setTimeout as wait } from 'node:timers/promises';
import { REGISTRY_NAMES, type RegistryName } from '../shared/model/registration.ts';
import type { Ask } from './story/held.ts';
import { untilSettled } from './traffic.ts';

/** A registry without a healthy instance of a service. */
export interface Gap {
  readonly registry: RegistryName;
  /** In all, as far as looks some 20 ms apart can tell. */
  readonly milliseconds: number;
}

/** Milliseconds between two looks. */
const PAUSE = 20;

/** Looks into each registry until `done` is settled. One that cannot be read tells nothing. */
export const watchWhile = async (
  done: Promise<unknown>,
  { ask, service }: { readonly ask: Readonly<Record<RegistryName, Ask>>; readonly service: string },
): Promise<readonly Gap[]> => {
  const isGoing = untilSettled(done);
  const watch = async (registry: RegistryName): Promise<Gap> => {
    let milliseconds = 0;
    let since = Date.now();
    while (isGoing()) {
      const held = await ask[registry]().catch(() => undefined);
      const now = Date.now();
      const isThere = held?.some((one) => one.service.toLowerCase() === service && one.healthy);
      if (isThere === false) milliseconds += now - since;
      since = now;
      await wait(PAUSE);
    }
    return { registry, milliseconds };
  };
  const gaps = await Promise.all(REGISTRY_NAMES.map(watch));
  return gaps.filter(({ milliseconds }) => milliseconds > 0);
};
