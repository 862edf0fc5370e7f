import { KEY } from '../../model/registration.ts';

/** Consul's limits of a service's Meta: a pair beyond them fails the whole registration. Bytes, not characters. */
const MAX_PAIRS = 64;
const MAX_KEY = 128;
const MAX_VALUE = 512;

const OURS: ReadonlySet<string> = new Set(Object.values(KEY));

export interface FittedMetadata {
  readonly metadata: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

/**
 * Metadata within Consul's limits: keys of `[A-Za-z0-9_-]` without the prefix `consul-`, values cut. Of keys that
 * become equal the first in order stays; beyond 64 pairs the user's are dropped, never Rollcall's.
 */
export const fitMetadata = (given: Readonly<Record<string, string>>): FittedMetadata => {
  const notes: string[] = [];
  const kept = new Map<string, string>();
  for (const key of Object.keys(given).sort(oursFirst)) {
    const mapped = OURS.has(key) ? key : toMetaKey(key);
    const lost = reasonToDrop(mapped, key, kept);
    if (lost) {
      notes.push(`metadata ${JSON.stringify(key)} is left out: ${lost}`);
      continue;
    }
    const value = cut((given[key] ?? '').toWellFormed(), MAX_VALUE);
    kept.set(mapped, value);
    if (mapped !== key) notes.push(`metadata key ${JSON.stringify(key)} is written as ${mapped}`);
    if (value !== given[key]) notes.push(`metadata ${mapped} is cut to ${MAX_VALUE} bytes of valid text`);
  }
  return { metadata: Object.fromEntries(kept), notes };
};

const oursFirst = (a: string, b: string) => Number(OURS.has(b)) - Number(OURS.has(a)) || (a < b ? -1 : 1);

const toMetaKey = (key: string) =>
  key
    .replace(/[^A-Za-z0-9_-]/gu, '_')
    .replace(/^consul-/, 'consul_')
    .slice(0, MAX_KEY);

const reasonToDrop = (mapped: string, key: string, kept: ReadonlyMap<string, string>): string | undefined => {
  if (mapped === '') return 'the key is empty';
  if (mapped !== key && OURS.has(mapped.toUpperCase().replaceAll('-', '_'))) return 'the key is reserved';
  if (kept.has(mapped)) return `another key is written as ${mapped}`;
  return kept.size >= MAX_PAIRS ? `Consul holds ${MAX_PAIRS} pairs` : undefined;
};

/** The longest start of the text within so many bytes that splits no character. */
const cut = (text: string, bytes: number): string => {
  const whole = Buffer.from(text, 'utf8');
  if (whole.length <= bytes) return text;
  let end = bytes;
  while (((whole[end] ?? 0) & 0xc0) === 0x80) end--;
  return whole.toString('utf8', 0, end);
};
