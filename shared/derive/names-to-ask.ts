import type { Rules } from '../config/config.ts';
import type { Definition } from '../model/task.ts';
import { choosePorts } from './choice.ts';
import { fitName } from './fit-name.ts';
import { namesItself } from './labels.ts';
import { isCounted, isOfService } from './membership.ts';
import { hasPlainRight, nameOwner } from './name-owner.ts';
import { keyUnder } from './name-rights.ts';
import { type Asker, mayLoseNames } from './names-to-lose.ts';

/**
 * The keys of the names to which somebody else may have a better right, and which the task bears
 * only once that is known: what it is not called by its template. Under `sharedNames=refuse` all,
 * the plain one among them. None of most tasks, which costs them nothing.
 */
export const namesToAsk = ({ task, definition }: Asker, rules: Rules): readonly string[] => {
  if (!isCounted(task, rules) && !namesItself(task)) return [];
  const isRefused = rules.names.shared === 'refuse';
  if (!isRefused && !mayLoseNames({ task, definition }, rules)) return [];
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
  const isGiven = hasPlainRight(nameOwner(task, definition), rules);
  const names = named.flatMap(({ identity, from, vips }) =>
    isRefused || !isGiven || from !== 'template' ? [identity.service, ...vips] : vips,
  );
  const keys = new Set(names.map(keyOf));
  if (isRefused) return [...keys.add(plain)];
  if (isGiven) keys.delete(plain);
  return [...keys];
};
