import { TYPES } from '../checker/limits.ts';
import { resolve, type Stack } from '../resolve.ts';
import type { Json, Parameters, Template } from '../template.ts';

/**
 * What CloudFormation does to a resource. It makes, changes and replaces in the order of
 * references, all before it deletes: what is deleted, and the former half of what is replaced,
 * stands until the clean-up.
 */
export type Kind = 'made' | 'changed' | 'replaced' | 'deleted';

/** An update of one stack, from one set of parameters to another. */
export interface Update {
  readonly old: Stack;
  readonly next: Stack;
  /** By logical id; what is not here stays as it is. */
  readonly changes: ReadonlyMap<string, Kind>;
}

/**
 * The update as it would be asked for; what is replaced has another name afterwards, and so its
 * users change too.
 */
export const updateOf = (template: Template, from: Parameters, to: Parameters): Update => {
  const old = resolve(template, from);
  const settle = (remade: ReadonlySet<string>): Update => {
    const next = resolve(template, to, remade);
    const changes = changesBetween(old, next);
    const replaced = new Set(
      [...changes].filter(([, kind]) => kind === 'replaced').map(([name]) => name),
    );
    return replaced.size === remade.size ? { old, next, changes } : settle(replaced);
  };
  return settle(new Set());
};

const changesBetween = (old: Stack, next: Stack): ReadonlyMap<string, Kind> => {
  const names = new Set([...Object.keys(old.resources), ...Object.keys(next.resources)]);
  const kinds = [...names].map(
    (name) => [name, kindOf(old.resources[name], next.resources[name])] as const,
  );
  return new Map(kinds.flatMap(([name, kind]) => (kind ? [[name, kind] as const] : [])));
};

type Made = Stack['resources'][string];

const kindOf = (before: Made | undefined, after: Made | undefined): Kind | undefined => {
  if (!before) return 'made';
  if (!after) return 'deleted';
  const properties = new Set([...Object.keys(before.Properties), ...Object.keys(after.Properties)]);
  const changed = [...properties].filter(
    (name) => !isSame(before.Properties[name], after.Properties[name]),
  );
  if (changed.some((name) => TYPES[after.Type]?.replacedBy.includes(name))) return 'replaced';
  return changed.length > 0 ? 'changed' : undefined;
};

const isSame = (one: Json, other: Json) => JSON.stringify(one) === JSON.stringify(other);
