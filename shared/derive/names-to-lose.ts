import type { Rules } from '../config/config.ts';
import type { Definition } from '../model/task.ts';
import { choosePorts, type NamedPort } from './choice.ts';
import type { AskedName, NameClaims } from './claim.ts';
import type { DeriveInput } from './derived.ts';
import { namesItself } from './labels.ts';
import { isCounted } from './membership.ts';
import { hasPlainRight, isByService, nameOwner } from './name-owner.ts';

/** A task that may ask for names. */
export type Asker = Pick<DeriveInput, 'task' | 'definition'>;

/** Sets of names that a task may have lost, one choice of ports for each. */
const MOST_SETS = 16;

/**
 * What a task's ports are called where it does not get all the names that it asks for. A stopping
 * one is taken out under whichever it may have had, since nobody is asked before. Of more than four
 * such names not every mixture is looked at: what else it had stays until the next round. Other
 * labels may have counted when it started: while a renaming is withheld, the name from then is
 * there too.
 */
export const namesIfLost = (input: DeriveInput, given: Rules): readonly NamedPort[] => {
  const rules = grantingAll(given);
  if (!mayLoseNames(input, rules)) return [];
  const named: NamedPort[] = [];
  const namesWithout = (isLost: (name: AskedName) => boolean): ReadonlySet<string> => {
    const kept = new Set<string>();
    const claims = withoutNames(isLost, kept);
    named.push(...choosePorts({ ...input, claims }, rules, () => {}).named);
    return kept;
  };
  namesWithout(() => true);
  // What its service is called is its own, if a label says it too, though all else is lost.
  namesWithout(({ key, plainKey }) => key !== plainKey);
  const sets = [new Set<string>()];
  const known = new Set<string>();
  for (const lost of sets) {
    for (const key of namesWithout((name) => lost.has(name.key))) {
      const next = new Set([...lost, key]);
      const text = JSON.stringify([...next].sort());
      if (known.has(text) || sets.length >= MOST_SETS) continue;
      known.add(text);
      sets.push(next);
    }
  }
  return named;
};

/** What labels and tags say counts whatever the stack allows now, or pins. */
const grantingAll = (rules: Rules): Rules => {
  const { shared } = rules.names;
  const names = { labels: 'all', shared: shared === 'allow' ? 'warn' : shared } as const;
  return { ...rules, names: { ...rules.names, ...names, pinned: new Map() } };
};

/** Somebody else has a better right to these; what the template gives stays. Notes the others. */
const withoutNames = (isLost: (name: AskedName) => boolean, kept: Set<string>): NameClaims => ({
  faultOf(name) {
    if (name.from === 'template') return undefined;
    if (isLost(name)) return { why: 'lost', owners: [] };
    kept.add(name.key);
    return undefined;
  },
});

/** Whether somebody may have a better right to a name than this task that says it. */
export const mayLoseNames = ({ task, definition }: Asker, rules: Rules): boolean => {
  const { shared } = rules.names;
  if (!isByService(rules) && shared !== 'refuse') return false;
  if (namesItself(task)) return true;
  if (shared === 'allow' || !isCounted(task, rules)) return false;
  return !hasPlainRight(nameOwner(task, definition), rules) || saysNames(definition);
};

/** Kept with the definition, which never changes: most say nothing, and nothing more is done. */
const saysNames = (definition: Definition): boolean => {
  const known = said.get(definition);
  if (known !== undefined) return known;
  const keys = definition.containers.flatMap(({ labels, environment }) =>
    Object.keys({ ...labels, ...environment }),
  );
  const says = keys.some((key) => NAMING.test(key)) || 'rollcall:name' in definition.tags;
  said.set(definition, says);
  return says;
};

const said = new WeakMap<Definition, boolean>();

/** Names, and VIPs, which are names too. */
const NAMING = /^SERVICE_.*(?:NAME|VIP)$/is;
