import type { Rules } from '../config/config.ts';
import { byText } from '../model/text.ts';
import type { AskedName, ClaimFault, NameClaims } from './claim.ts';
import { isOfName } from './fit-name.ts';
import { hasPlainRight, isByService, ownerText } from './name-owner.ts';

/** What somebody's right to a name rests on. */
export interface NameClaim {
  /** `prod/payments`, as `ownerText` has it. */
  readonly owner: string;
  readonly isService: boolean;
  /** The template gives its ECS service this very name; else it says it, or has put it together. */
  readonly isPlain: boolean;
  /** Of a service, in milliseconds since the epoch, where it was asked for. */
  readonly createdAt?: number;
}

/** Who is known to claim a name, by its key; the task that asks may be among them. */
export type ClaimsOn = (key: string) => readonly NameClaim[];

/**
 * Decides between a task and others. The ECS service to which the template gives a name has it;
 * nobody else bears it by a label or a tag, but with `sharedNames=allow`, nor by a run's word. With
 * `refuse` one owner has it: then what services say or put together, then tasks without a service;
 * between equals the service that was created first, then the owner's text.
 */
export const claimsUnder = (
  claimsOn: ClaimsOn,
  rules: Rules,
  unread: ReadonlyMap<string, unknown> = new Map(),
): NameClaims => {
  const { shared } = rules.names;
  const isRefused = shared === 'refuse';
  const [first] = unread;
  const [hidden, unknown] = first ?? [];
  return {
    ...(hidden !== undefined && { unknown }),
    faultOf(asked) {
      const { key, from, plainKey } = asked;
      const standing = standingOn(key, asked, claimsOn, rules);
      const plains = standing.own.isPlain ? [] : standing.rivals.filter(({ isPlain }) => isPlain);
      const isGiven = from === 'template' && hasPlainRight(asked.owner, rules);
      // What a run takes for itself is no equal's, whatever equals do.
      const isBound = isGiven ? isRefused : shared !== 'allow' || from === 'override';
      if (plains.length > 0 && isBound)
        return faultFor('it is the name of ECS service', ownersOf(plains));
      const above = from === 'override' ? servicesAbove(asked, claimsOn) : [];
      if (above.length > 0) return faultFor('it is for ports of ECS service', above);
      if (hidden && isBound && !isGiven && !standing.own.isPlain) {
        const why = `ECS does not list the services of ${hidden} now, one of which may be called so`;
        return { why, owners: [] };
      }
      if (!isRefused) return undefined;
      // Names that begin with a service's own go with it.
      const isMade =
        asked.owner.service !== undefined && isByService(rules) && key.startsWith(`${plainKey}-`);
      const made = isMade ? outranked(standingOn(plainKey, asked, claimsOn, rules)) : undefined;
      return outranked(standing) ?? made;
    },
  };
};

const ownersOf = (claims: readonly NameClaim[]) => claims.map(({ owner }) => owner);

const faultFor = (what: string, owners: readonly string[]): ClaimFault => ({
  why: `${what} ${owners.join(' and ')}`,
  owners,
});

/** A task's own claim on a name, and those of others. */
interface Standing {
  readonly own: NameClaim;
  readonly rivals: readonly NameClaim[];
}

const standingOn = (key: string, asked: AskedName, claimsOn: ClaimsOn, rules: Rules): Standing => {
  const all = claimsOn(key);
  const owner = ownerText(asked.owner);
  const own: NameClaim = {
    ...all.find((claim) => claim.owner === owner),
    owner,
    isService: asked.owner.service !== undefined,
    isPlain: hasPlainRight(asked.owner, rules) && key === asked.plainKey,
  };
  return { own, rivals: all.filter((claim) => claim.owner !== owner) };
};

/**
 * Services whose further ports may bear the name: those of `payments` are `payments-…`. A run may
 * say what begins with its own family's name.
 */
const servicesAbove = ({ key, plainKey }: AskedName, claimsOn: ClaimsOn): readonly string[] => {
  if (isOfName(key, plainKey)) return [];
  const heads = [...key.matchAll(/-/g)].map(({ index }) => key.slice(0, index));
  const claims = heads.flatMap(claimsOn);
  return ownersOf(claims.filter(({ isPlain }) => isPlain));
};

const outranked = ({ own, rivals }: Standing): ClaimFault | undefined => {
  const first = rivals.reduce((a, b) => (byPrecedence(b, a) < 0 ? b : a), own);
  if (first === own) return undefined;
  const { owner, createdAt } = first;
  const since = createdAt === undefined ? '' : `, created ${new Date(createdAt).toISOString()},`;
  const why = `sharedNames=refuse, and ${owner}${since} goes before ${own.owner}`;
  return { why, owners: [owner] };
};

/** Those first whose the name is. */
const byPrecedence = (a: NameClaim, b: NameClaim): number =>
  Number(b.isPlain) - Number(a.isPlain) ||
  Number(b.isService) - Number(a.isService) ||
  (a.createdAt ?? LATEST) - (b.createdAt ?? LATEST) ||
  byText(a.owner, b.owner);

const LATEST = Number.MAX_SAFE_INTEGER;
