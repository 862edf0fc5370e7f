import type { NameRules, Rules } from '../config/config.ts';
import type { NameFrom } from './claim.ts';
import type { DeriveInput } from './derived.ts';
import { fitName, isOfName, nameKey } from './fit-name.ts';
import { isByService, nameOwner, ownerText, plainName } from './name-owner.ts';

/** One task's right to names. */
export interface NameRights {
  /** The name that the template gives the task. */
  readonly plain: string;
  /** Why the task may not be called this, as a sentence's end; `undefined`: it may. */
  faultOf(name: string, from: NameFrom): string | undefined;
  /** Of the names that were asked for so far those that are others', by key: `Derived.lost`. */
  readonly lost: ReadonlyMap<string, readonly string[]>;
}

/**
 * What one task may be called. A name that is pinned is its owners' alone, whatever else is said.
 * No other is that of a registry, nor one that labels may not say, nor one to which somebody is
 * known to have a better right.
 */
export const nameRights = (
  { task, definition, claims }: Pick<DeriveInput, 'task' | 'definition' | 'claims'>,
  rules: Rules,
): NameRights => {
  const { pinned, reserved } = rules.names;
  const owner = nameOwner(task, definition);
  const plain = plainName(owner, rules.names);
  const keyOf = keyUnder(rules);
  const lost = new Map<string, readonly string[]>();
  const faultOf = (name: string, from: NameFrom) => {
    const key = keyOf(name);
    const owners = pinned.get(key);
    if (owners?.includes(ownerText(owner))) return undefined;
    if (owners) {
      lost.set(key, owners);
      return `names pins it to ${owners.join(' and ')}`;
    }
    if (reserved.has(key) || SRV.test(name)) return 'registries use it themselves';
    const unsaid = from === 'label' && labelFault(name, plain, rules.names);
    if (unsaid) return unsaid;
    const fault = claims?.faultOf({ key, from, owner, plainKey: keyOf(fitName(plain)) });
    if (fault) lost.set(key, fault.owners);
    return fault?.why;
  };
  return { plain, faultOf, lost };
};

/** The names of DNS records that Cloud Map's services of both kinds have beside the plain one. */
const SRV = /^_.+\._(?:tcp|udp)$/i;

/** Under `ecs` names are fitted already. */
export const keyUnder = (rules: Pick<Rules, 'profile'>): ((name: string) => string) =>
  isByService(rules) ? (name) => name.toLowerCase() : nameKey;

/** What labels may say: any name, the plain one and what begins with it and a hyphen, or none. */
const labelFault = (name: string, plain: string, { labels }: NameRules): string | undefined => {
  if (labels === 'all') return undefined;
  if (labels === 'none') return 'labels=none, so labels say no names';
  const [key, own] = [nameKey(name), nameKey(plain)];
  if (isOfName(key, own)) return undefined;
  return `labels=within-service, so expected ${plain} or ${plain}-…`;
};
