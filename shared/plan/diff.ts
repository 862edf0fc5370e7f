import type { Change } from '../model/plan.ts';
import { KEY, type Registration, vipsOf } from '../model/registration.ts';

/**
 * The one write, if any, that turns what a registry holds into what is desired. A health check that
 * has not answered yet (`starting`) is no news of a record that exists: it never lowers its health.
 */
export const difference = (
  desired: Registration,
  held: Registration | undefined,
): Change | undefined => {
  if (!held) return { kind: 'upsert', record: desired, reason: 'not registered yet' };
  const health =
    desired.health === 'starting' && held.health !== undefined ? held.health : desired.health;
  const record = health === desired.health ? desired : { ...desired, health };
  const fields = changedFields(record, held);
  if (fields.length > 0) {
    return { kind: 'upsert', record, before: held, reason: `${fields.join(', ')} changed` };
  }
  if (health === undefined || held.health === undefined || health === held.health) return undefined;
  return {
    kind: 'health',
    record,
    health,
    before: held,
    reason: `health ${held.health} → ${health}`,
  };
};

const changedFields = (a: Registration, b: Registration): string[] => [
  // Where the name is no part of what makes two records one (Consul) a renaming is a change. No
  // registry minds its case.
  ...(isSameName(a, b) ? [] : ['service']),
  ...(a.address === b.address ? [] : ['address']),
  ...(a.port === b.port ? [] : ['port']),
  ...(a.protocol === b.protocol ? [] : ['protocol']),
  ...(sameSet(a.tags, b.tags) ? [] : ['tags']),
  ...changedKeys(a.metadata, b.metadata).map((key) => `metadata.${key}`),
  ...changedKeys(a.detail, b.detail).map((key) => `detail.${key}`),
];

export const isSameName = (a: Pick<Registration, 'service'>, b: Pick<Registration, 'service'>) =>
  a.service.toLowerCase() === b.service.toLowerCase();

/** Whether every name under which clients find what is held is one of what is desired. */
export const keepsNames = (desired: Registration, held: Registration): boolean => {
  const kept = new Set(vipsOf(desired.detail).map(lowerCase));
  return isSameName(desired, held) && vipsOf(held.detail).every((vip) => kept.has(lowerCase(vip)));
};

const lowerCase = (name: string) => name.toLowerCase();

const sameSet = (a: readonly string[], b: readonly string[]) => {
  const left = new Set(a);
  const right = new Set(b);
  return left.size === right.size && [...left].every((item) => right.has(item));
};

type Texts = Readonly<Record<string, string>>;

/** `a`: as it is to be. */
const changedKeys = (a: Texts, b: Texts): string[] => {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].filter((key) => a[key] !== b[key] && !comesLater(key, b)).sort();
};

/**
 * What a new version writes on every record comes with the record's next change: a difference by
 * itself would write a whole fleet anew in one round.
 */
const comesLater = (key: string, held: Texts) =>
  key === KEY.naming ||
  ((key === KEY.deployment || key === KEY.revision) && held[key] === undefined);
