import type { RegistryName, Target } from '../../model/registration.ts';
import type { RegistryContents } from './page-data.ts';

/**
 * Where an instance stands in one registry.
 * - `soon`: it is not there, but the task has only just started.
 * - `waits`: it is not there, and the registry takes no instance before it is first healthy.
 * - `unknown`: the registry cannot be read.
 * - `gone`: it is not there, and only an old answer of another registry holds it: it has left.
 * - `foreign`: it is not there, and it is not ours, so nobody expects it.
 *
 * Users search the page by these words.
 */
export type PresenceState = 'held' | AbsenceState;
export type AbsenceState = 'missing' | 'soon' | 'waits' | 'unknown' | 'gone' | 'foreign';

export type Presence = Held | Absent;

interface InRegistry {
  readonly registry: RegistryName;
  /** The registry, which can be read, lacks an instance of ours or has another address for it. */
  readonly drifts: boolean;
}
interface Held extends InRegistry {
  readonly state: 'held';
  /** How it differs here from what the first registry holds. */
  readonly differs: string | undefined;
}
interface Absent extends InRegistry {
  readonly state: AbsenceState;
}

/** A record of the instance, and the registry that holds it. */
export interface HeldState {
  readonly registry: RegistryName;
  readonly target: Target;
}

/** What decides where an instance stands in a registry. */
export interface PresenceFacts {
  /** All records of the instance. */
  readonly records: readonly HeldState[];
  /** The record that the others are compared with. */
  readonly target: Target;
  /** It bears our owner. */
  readonly ours: boolean;
  /** No registry that can be read now holds it. */
  readonly isOld: boolean;
  /** The task has only just started. */
  readonly young: boolean;
}

/** Pure. */
export const presenceIn = (contents: RegistryContents, facts: PresenceFacts): Presence => {
  const { registry } = contents;
  const { records, target, ours, young } = facts;
  const here = records.find((record) => record.registry === registry)?.target;
  if (!here) {
    const state = absenceIn(contents, facts);
    return { registry, state, drifts: state === 'missing' };
  }
  const elsewhere = here.address !== target.address || here.port !== target.port;
  const differs = elsewhere ? `at ${here.address}:${here.port}` : differentHealth(here, target);
  const drifts = elsewhere && ours && !young && contents.state === 'read';
  return { registry, state: 'held', differs, drifts };
};

const absenceIn = (
  contents: RegistryContents,
  { records, ours, isOld, young }: PresenceFacts,
): AbsenceState => {
  if (!ours) return 'foreign';
  if (contents.state !== 'read') return 'unknown';
  if (contents.waitsForHealth && records.every(({ target }) => !target.healthy)) return 'waits';
  if (isOld) return 'gone';
  return young ? 'soon' : 'missing';
};

const differentHealth = ({ healthy }: Target, first: Target) =>
  healthy === first.healthy ? undefined : healthy ? 'healthy' : 'unhealthy';
