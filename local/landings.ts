import { REGISTRY_NAMES } from '../shared/model/registration.ts';
import type { Landing } from './landing.ts';

/**
 * Gathers what the registries make of one record's change, and like changes of one service's other
 * records, so that they can be told in one line; lines come in the order of their beginnings.
 */
export interface Landings {
  add(landing: Landing): void;
  /** Tells at once of all that is known. */
  flush(): void;
}

export interface LandingsOptions {
  readonly show: (burst: Burst) => void;
  /** Whether an operation has taken effect; `undefined`: not yet. */
  readonly ended: (operation: string) => boolean | undefined;
  readonly now?: () => number;
}

/** What the registries made of one change. */
export type Group = readonly [Landing, ...Landing[]];
/** One change, or several of the same kind, service and reason. */
export type Burst = readonly [Group, ...Group[]];

interface Waiting {
  readonly since: number;
  readonly members: [Landing, ...Landing[]];
  /** Nothing more comes to it. */
  readonly isAlone?: true;
}

/**
 * Milliseconds that a line waits for the other registries, and between two looks at what is not in
 * force.
 */
const PATIENCE = 1_000;
const GLANCE = 50;

export const createLandings = ({ show, ended, now = Date.now }: LandingsOptions): Landings => {
  const groups = new Map<string, Waiting>();
  /** Told of as accepted, by their operation. */
  const accepted = new Map<string, Landing>();
  let timer: NodeJS.Timeout | undefined;

  /**
   * The landing with its operation ended, itself while that lasts, and `undefined` where it failed.
   */
  const current = (landing: Landing): Landing | undefined => {
    const end = landing.operation === undefined ? undefined : ended(landing.operation);
    if (!landing.pending || end === undefined) return landing;
    return end ? { ...landing, pending: false, inForce: now() } : undefined;
  };
  const tell = (burst: readonly (readonly [string, Waiting])[]) => {
    const [first, ...others] = burst.map(([, { members }]) => members);
    if (!first) return;
    for (const [key] of burst) groups.delete(key);
    show([first, ...others]);
    for (const landing of [first, ...others].flat())
      if (landing.pending && landing.operation) accepted.set(landing.operation, landing);
  };
  const isOverdue = ({ since }: Waiting) => now() - since >= PATIENCE;
  const isReady = (group: Waiting) =>
    isOverdue(group) ||
    group.isAlone ||
    (group.members.length === REGISTRY_NAMES.length &&
      !group.members.some(({ pending }) => pending));
  const bursts = () =>
    Map.groupBy(groups, ([key, { members, isAlone }]) => {
      const [{ sign, service, why }] = members;
      if (isAlone) return key;
      // Eureka knows names in capitals only.
      return `${sign} ${service.toLowerCase()} ${why}`;
    }).values();
  const tellAll = () => {
    for (const burst of bursts()) tell(burst);
  };
  let count = 0;
  const addAlone = (landing: Landing) => {
    groups.set(`alone ${count++}`, { since: now(), members: [landing], isAlone: true });
  };
  const settle = () => {
    for (const { members } of groups.values())
      members.forEach((member, at) => {
        members[at] = current(member) ?? member;
      });
    for (const [operation, landing] of accepted) {
      const later = current(landing);
      if (later === landing) continue;
      accepted.delete(operation);
      // A failed operation is the handlers' to tell of.
      if (later) addAlone({ ...later, time: now() });
    }
    for (const burst of bursts()) {
      const ready = burst.filter(([, group]) => isReady(group));
      const isWhole = ready.length === burst.length;
      // What began later waits too, at most as long: who reads takes the order for that of events.
      if (!isWhole && !burst.some(([, group]) => isOverdue(group))) break;
      tell(ready);
    }
  };
  const glance = () => {
    settle();
    timer = groups.size + accepted.size > 0 ? setTimeout(glance, GLANCE).unref() : undefined;
  };

  return {
    add(landing) {
      if (landing.sign === '!') {
        addAlone(landing);
        return settle();
      }
      const key = `${landing.sign} ${landing.id}`;
      const group = groups.get(key);
      // The same registry twice: another change.
      if (group?.members.some(({ registry }) => registry === landing.registry)) tellAll();
      if (groups.has(key)) group?.members.push(landing);
      else groups.set(key, { since: now(), members: [landing] });
      if (timer === undefined) timer = setTimeout(glance, 0).unref();
    },
    flush() {
      settle();
      tellAll();
    },
  };
};
