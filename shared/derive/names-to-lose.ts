import type { Rules } from '../config/config.ts';
import type { Definition } from '../model/task.ts';
import { choosePorts, type NamedPort } from './choice.ts';
import type { NameClaims } from './claim.ts';
import type { DeriveInput } from './derived.ts';
import { namesItself } from './labels.ts';
import { isCounted } from './membership.ts';
import { isByService } from './name-owner.ts';

/** A task that may ask for names. */
export type Asker = Pick<DeriveInput, 'task' | 'definition'>;

/**
 * What a stopping task's ports were called where it did not get the names that it asked for: it is
 * taken out under both, since nobody is asked before.
 */
export const namesIfLost = (input: DeriveInput, rules: Rules): readonly NamedPort[] => {
  if (input.task.desiredStatus !== 'STOPPED' || !mayLoseNames(input, rules)) return [];
  return choosePorts({ ...input, claims: ALL_LOST }, rules, () => {}).named;
};

/** Somebody else has a better right to all that the template does not give. */
const ALL_LOST: NameClaims = {
  faultOf: ({ key, from, plainKey }) =>
    from === 'template' || key === plainKey ? undefined : 'it is somebody else’s',
};

/** Whether somebody may have a better right to a name than this task that says it. */
export const mayLoseNames = ({ task, definition }: Asker, rules: Rules): boolean => {
  const { shared } = rules.names;
  if (!isByService(rules) && shared !== 'refuse') return false;
  if (namesItself(task)) return true;
  return shared !== 'allow' && isCounted(task, rules) && saysNames(definition);
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
