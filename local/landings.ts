import { REGISTRY_NAMES } from '../shared/model/registration.ts';
import type { Landing } from './landing.ts';

/** Gathers what the registries make of one record's change, so that it can be told in one line. */
export interface Landings {
  add(landing: Landing): void;
  /** Tells at once of all that is known. */
  flush(): void;
}

export interface LandingsOptions {
  readonly show: (landings: readonly [Landing, ...Landing[]]) => void;
  /** Whether an operation has taken effect; `undefined`: not yet. */
  readonly ended: (operation: string) => boolean | undefined;
  readonly now?: () => number;
}

type Group = [Landing, ...Landing[]];

/**
 * Milliseconds that a line waits for the other registries, and between two looks at what is not in
 * force.
 */
const PATIENCE = 1_000;
const GLANCE = 50;

export const createLandings = ({ show, ended, now = Date.now }: LandingsOptions): Landings => {
  const groups = new Map<string, { readonly since: number; readonly members: Group }>();
  /** Told of as accepted, by their operation. */
  const accepted = new Map<string, Landing>();
  let timer: NodeJS.Timeout | undefined;

  /**
   * The landing with its operation ended, itself while that lasts, and `undefined` where it failed.
   */
  const current = (landing: Landing): Landing | undefined => {
    const end = landing.operation === undefined ? undefined : ended(landing.operation);
    if (!landing.pending || end === undefined) return landing;
    return end ? { ...landing, pending: false, time: now() } : undefined;
  };
  const tell = (key: string, [first, ...others]: Group) => {
    groups.delete(key);
    show([first, ...others]);
    for (const landing of [first, ...others])
      if (landing.pending && landing.operation) accepted.set(landing.operation, landing);
  };
  const settle = () => {
    for (const [key, { since, members }] of groups) {
      members.forEach((member, at) => {
        members[at] = current(member) ?? member;
      });
      const complete =
        members.length === REGISTRY_NAMES.length && !members.some(({ pending }) => pending);
      if (complete || now() - since >= PATIENCE) tell(key, members);
    }
    for (const [operation, landing] of accepted) {
      const later = current(landing);
      if (later === landing) continue;
      accepted.delete(operation);
      // A failed operation is the handlers' to tell of.
      if (later) show([later]);
    }
  };
  const glance = () => {
    settle();
    timer = groups.size + accepted.size > 0 ? setTimeout(glance, GLANCE).unref() : undefined;
  };

  return {
    add(landing) {
      if (landing.sign === '!') return show([landing]);
      const key = `${landing.sign} ${landing.id}`;
      const group = groups.get(key);
      // The same registry twice: another change.
      if (group?.members.some(({ registry }) => registry === landing.registry))
        tell(key, group.members);
      if (groups.has(key)) group?.members.push(landing);
      else groups.set(key, { since: now(), members: [landing] });
      if (timer === undefined) timer = setTimeout(glance, 0).unref();
    },
    flush() {
      settle();
      for (const [key, { members }] of groups) tell(key, members);
    },
  };
};
