import { type Clients, clientsOf } from './clients.ts';
import { SCRIPT } from './script.ts';
import type { Memory } from './steps/step.ts';

/** One place where two servers answered the same call differently, as one row of a table. */
export interface Difference {
  readonly call: string;
  readonly member: string;
  readonly simulator: string;
  readonly moto: string;
}

/** Plays the whole script on both, and tells where they differ. Each server is new. */
export const compare = async (simulator: string, moto: string): Promise<readonly Difference[]> => {
  const [ours, theirs] = [await play(clientsOf(simulator)), await play(clientsOf(moto))];
  return SCRIPT.flatMap(([call], at) => differences(call, ours[at] ?? {}, theirs[at] ?? {}));
};

type Flat = Readonly<Record<string, string>>;

const play = async (clients: Clients): Promise<readonly Flat[]> => {
  const memory: Memory = { queueUrl: '', namespaceId: '', serviceId: '', receiptHandle: '' };
  const answers: Flat[] = [];
  for (const [, call] of SCRIPT) answers.push(await answerOf(() => call(clients, memory)));
  return answers;
};

const answerOf = async (call: () => Promise<object>): Promise<Flat> => {
  try {
    const { $metadata: _, ...answer } = { $metadata: {}, ...(await call()) };
    return flatten('', answer);
  } catch (error) {
    return { error: String(Object(error).name) };
  }
};

const differences = (call: string, ours: Flat, theirs: Flat): readonly Difference[] =>
  [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
    .filter((member) => ours[member] !== theirs[member])
    .map((member) => ({
      call,
      member,
      simulator: ours[member] ?? 'absent',
      moto: theirs[member] ?? 'absent',
    }));

const flatten = (path: string, value: unknown): Flat => {
  if (value === undefined) return {};
  if (value === null || typeof value !== 'object' || value instanceof Date)
    return { [path]: value instanceof Date ? 'a time' : withoutIds(String(value)) };
  if (Array.isArray(value) && value.length === 0) return { [path]: 'an empty list' };
  const entries = Object.entries(value).map(([name, member]) =>
    flatten(toPath(path, name, value), member),
  );
  return Object.assign({}, ...entries);
};

const toPath = (path: string, name: string, within: object) =>
  Array.isArray(within) ? `${path}[${name}]` : [path, name].filter(Boolean).join('.');

/** What differs between any two servers: accounts, ports, and ids, of which the form is kept. */
const withoutIds = (text: string): string =>
  text
    .replace(/127\.0\.0\.1:\d+/g, 'HOST')
    .replace(/(?<=[:/])\d{12}(?=[:/])/g, 'ACCOUNT')
    .replace(/\b(ns|srv)-[a-z0-9]+/g, '$1-ID')
    .replace(/^[\w-]{20,}={0,2}$/, 'an id')
    .replace(/-[A-Za-z0-9]{6}$/, '-SUFFIX');
