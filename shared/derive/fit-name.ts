import { withoutEnd, withoutEnds } from '../model/text.ts';
import { shortHash } from './hash.ts';

const LONGEST = 63;
const HASH = 8;

/**
 * Letters, digits, `-` and `_`. What people write between words becomes `-`; where anything else
 * did, or the name was cut, it ends in a hash of the whole, so that two names stay two. Empty where
 * no letter or digit is left. `salt` tells apart what is spelled alike.
 */
export const fitName = (raw: string, salt = ''): string => {
  const spaced = raw.replace(/[./: ]/g, '-');
  const mapped = spaced.replace(/[^A-Za-z0-9_-]/gu, '-');
  const name = withoutEnds(mapped, '-');
  if (!/[A-Za-z0-9]/.test(name)) return '';
  if (mapped === spaced && name.length <= LONGEST && salt === '') return name;
  const hash = shortHash(salt ? `${raw}\0${salt}` : raw, HASH);
  return `${withoutEnd(name.slice(0, LONGEST - HASH - 1), '-')}-${hash}`;
};

/**
 * By what names compare: two that any registry holds for one have one key. Case is told apart
 * nowhere, and what Consul puts in place of a control character leaves no trace.
 */
export const nameKey = (raw: string): string => fitName(raw.replace(/\p{Cc}/gu, '-')).toLowerCase();

/** Whether a key is that of a name, or of one that is made of it, as further ports' are. */
export const isOfName = (key: string, name: string): boolean =>
  key === name || key.startsWith(`${name}-`);
