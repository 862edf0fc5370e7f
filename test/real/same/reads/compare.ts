import { onTestFinished } from 'vitest';
import type { Directory } from '../../../../shared/registries/registry.ts';
import { createResolver } from '../../../../shared/resolver/resolver.ts';
import { serve } from '../../../../shared/resolver/server.ts';

/**
 * The resolver over the registry whose protocol it is asked in, so that both can be asked the same.
 */
const OPEN = { access: 'open', ttl: 1, corsOrigins: [], wait: 1, held: 100 } as const;

export const serveFrom = async (directory: Directory): Promise<string> => {
  const resolver = createResolver({
    directory,
    // The servers compared with stand on loopback, and name themselves in what they hold.
    config: { ...OPEN, from: directory.name, addresses: { loopback: 'allow' } },
    concurrency: 100,
  });
  const server = await serve(resolver, { port: 0, host: '127.0.0.1' });
  onTestFinished(() => server.stop(0));
  return `http://127.0.0.1:${server.port}`;
};

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

export const ask = async (
  base: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const answer = await fetch(base + path, { headers });
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    text: await answer.text(),
  };
};

/** A member that may differ, and why. */
export type Accepted = readonly [member: RegExp, why: string];

type Flat = ReadonlyMap<string, string>;

const flatten = (value: unknown, path = ''): readonly (readonly [string, string])[] => {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (entries.length === 0) return [[path, JSON.stringify(value) ?? 'absent']];
  return entries.flatMap(([key, one]) => flatten(one, `${path}.${key}`));
};

/** Lists of texts, and of what is at one node, are sets in both protocols. */
const sorted = (_: string, value: unknown): unknown =>
  Array.isArray(value) && value.every((one) => typeof idOf(one) === 'string')
    ? value.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
    : value;

/** A text is its own. */
const idOf = (one: unknown) =>
  typeof one === 'string' ? one : (Object(one).CheckID ?? Object(one).ID);

const membersOf = ({ status, type, text }: Answer): Flat =>
  new Map([
    ['status', String(status)],
    ...(status === 200
      ? [['type', String(type)] as const, ...flatten(JSON.parse(text, sorted))]
      : []),
  ]);

/** Where two answers differ, `member: theirs | ours`, but for what is accepted. */
export const differences = (
  theirs: Answer,
  ours: Answer,
  accepted: readonly Accepted[],
): readonly string[] => {
  const [a, b] = [membersOf(theirs), membersOf(ours)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((member) => a.get(member) !== b.get(member))
    .filter((member) => !accepted.some(([pattern]) => pattern.test(member)))
    .map((member) => `${member}: ${a.get(member) ?? 'absent'} | ${b.get(member) ?? 'absent'}`);
};
