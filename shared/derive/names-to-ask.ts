import type { Rules } from '../config/config.ts';
import type { Definition } from '../model/task.ts';
import { choosePorts, type NamedPort } from './choice.ts';
import type { NameClaims } from './claim.ts';
import type { DeriveInput } from './derived.ts';
import { fitName } from './fit-name.ts';
import { namesItself } from './labels.ts';
import { isCounted, isOfService } from './membership.ts';
import { isByService } from './name-owner.ts';
import { keyUnder } from './name-rights.ts';

type Asker = Pick<DeriveInput, 'task' | 'definition'>;

/**
 * The keys of the names to which somebody else may have a better right, and which the task bears
 * only once that is known: what it is not called by its template. Under `sharedNames=refuse` all,
 * the plain one among them. None of most tasks, which costs them nothing.
 */
export const namesToAsk = ({ task, definition }: Asker, rules: Rules): readonly string[] => {
  if (!isCounted(task, rules) && !namesItself(task)) return [];
  const isRefused = rules.names.shared === 'refuse';
  if (!isRefused && !mayLose({ task, definition }, rules)) return [];
  if (!isOfService(task)) return keysOf({ task, definition }, rules);
  // All tasks of a service ask alike, and deriving is dear.
  const known = asked.get(rules) ?? new WeakMap<Definition, Map<string, readonly string[]>>();
  asked.set(rules, known);
  const byService = known.get(definition) ?? new Map<string, readonly string[]>();
  known.set(definition, byService);
  const service = `${task.clusterArn} ${task.group} ${task.zone ?? ''}`;
  const keys = byService.get(service) ?? keysOf({ task, definition }, rules);
  byService.set(service, keys);
  return keys;
};

const asked = new WeakMap<Rules, WeakMap<Definition, Map<string, readonly string[]>>>();

const keysOf = ({ task, definition }: Asker, rules: Rules): readonly string[] => {
  const isRefused = rules.names.shared === 'refuse';
  const { named, rights } = choosePorts({ task, definition }, rules, () => {});
  const keyOf = keyUnder(rules);
  const plain = keyOf(fitName(rights.plain));
  const names = named.flatMap(({ identity, from, vips }) =>
    isRefused || from !== 'template' ? [identity.service, ...vips] : vips,
  );
  const keys = new Set(names.map(keyOf));
  if (isRefused) return [...keys.add(plain)];
  // A run has no right to a name for its family's sake.
  if (isOfService(task)) keys.delete(plain);
  return [...keys];
};

/**
 * What a stopping task's ports were called where it did not get the names that it asked for: it is
 * taken out under both, since nobody is asked before.
 */
export const namesIfLost = (input: DeriveInput, rules: Rules): readonly NamedPort[] => {
  if (input.task.desiredStatus !== 'STOPPED' || !mayLose(input, rules)) return [];
  return choosePorts({ ...input, claims: ALL_LOST }, rules, () => {}).named;
};

/** Somebody else has a better right to all that the template does not give. */
const ALL_LOST: NameClaims = {
  faultOf: ({ key, from, plainKey }) =>
    from === 'template' || key === plainKey ? undefined : 'it is somebody else’s',
};

/** Whether the task says of itself how it is called, and somebody may have a better right to it. */
const mayLose = ({ task, definition }: Asker, rules: Rules): boolean => {
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
