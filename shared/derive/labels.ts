import type { Rules } from '../config/config.ts';
import type { ContainerDefinition, Definition, Task } from '../model/task.ts';
import { byText } from '../model/text.ts';
import { own } from './records.ts';

export type LabelSource = 'label' | 'environment' | 'tag';

/** One thing that a user says of a port, in Registrator's vocabulary. */
export interface Word {
  /** Without `SERVICE_` and port, in the user's case. */
  readonly spelling: string;
  readonly value: string;
  readonly source: LabelSource;
  /** Said of this very port (`SERVICE_<port>_<KEY>`). */
  readonly forPort: boolean;
  /** Said for this one run, by an override of the environment. */
  readonly isOverride?: true;
}

/**
 * By lower-case key, the winner of each: port's label, port's environment, label, environment,
 * definition's tag.
 */
export type Words = ReadonlyMap<string, Word>;

export interface Statement extends Word {
  readonly key: string;
  readonly port?: string;
}

const PREFIX = 'SERVICE_';
/** What scrapers of ECS read from a container's labels, kept for `/prometheus/sd`. */
const SCRAPED = /^PROMETHEUS_EXPORTER_(?:PORT|PATH|JOB_NAME)$/;
/** What Go's `strconv.Atoi` reads as a number: `080` is one, and is no container port. */
const PORT_KEY = /^([+-]?\d+)_(.*)$/s;
/** Keys that mean something, but for free metadata. */
export const KNOWN_KEY = /^(name|tags|ignore|id|check_.*|eureka_.*)$/s;
const METADATA = /^eureka_metadata_/i;
const RANK = { label: 0, environment: 1, tag: 2 } as const;

/**
 * Everything said of a container, most telling first. Of two spellings that differ only in case the
 * one with more capitals at its head wins, so that the order of labels never matters.
 */
export const parseStatements = (
  container: ContainerDefinition,
  task: Pick<Task, 'overrides'>,
  { tags, profile }: { readonly tags: Definition['tags']; readonly profile: Rules['profile'] },
): readonly Statement[] => {
  const overrides = own(task.overrides, container.name) ?? {};
  const fromEnvironment = Object.entries({ ...container.environment, ...overrides }).flatMap(
    ([name, value]) => {
      const isOverride = Object.hasOwn(overrides, name) && ({ isOverride: true } as const);
      return parseKey(name, value, 'environment').map((one) => ({ ...one, ...isOverride }));
    },
  );
  return [
    ...Object.entries(container.labels).flatMap(([name, value]) => parseKey(name, value, 'label')),
    // A team that never heard of Registrator may keep a secret in SERVICE_API_KEY.
    ...fromEnvironment.filter(({ key }) => profile === 'registrator' || KNOWN_KEY.test(key)),
    ...fromTags(tags),
  ].sort(byWeight);
};

/** Whether a run says by an override of its environment how it is to be called. */
export const namesItself = ({ overrides }: Pick<Task, 'overrides'>): boolean =>
  Object.values(overrides).some((environment) =>
    Object.entries(environment).some(
      ([name, value]) =>
        value !== '' && parseKey(name, value, 'environment').some(({ key }) => key === 'name'),
    ),
  );

/**
 * The words that hold for one container port. An empty value said of the port still beats a general
 * one.
 */
export const wordsFor = (containerPort: number, statements: readonly Statement[]): Words => {
  const words = new Map<string, Word>();
  for (const statement of statements) {
    const elsewhere = statement.forPort && statement.port !== String(containerPort);
    if (!elsewhere && !words.has(statement.key)) words.set(statement.key, statement);
  }
  return words;
};

/**
 * The text of a word; empty counts as unsaid, which is how Registrator reads all but NAME's
 * presence.
 */
export const textOf = (words: Words, key: string): string | undefined =>
  words.get(key)?.value || undefined;

const byWeight = (a: Statement, b: Statement) =>
  Number(b.forPort) - Number(a.forPort) ||
  RANK[a.source] - RANK[b.source] ||
  byText(a.spelling, b.spelling);

const parseKey = (name: string, value: string, source: LabelSource): readonly Statement[] => {
  if (source === 'label' && SCRAPED.test(name))
    return [{ key: name.toLowerCase(), spelling: name, value, source, forPort: false }];
  if (!name.startsWith(PREFIX)) return [];
  const rest = name.slice(PREFIX.length);
  const [, port, key = rest] = PORT_KEY.exec(rest) ?? [];
  const spelling = source === 'environment' ? withDots(key) : key;
  const common = { key: spelling.toLowerCase(), spelling, value, source };
  return [port === undefined ? { ...common, forPort: false } : { ...common, port, forPort: true }];
};

/** Shells allow no dots in variable names, Spring's metadata needs them: `..._MANAGEMENT__PORT`. */
const withDots = (key: string) => {
  const prefix = METADATA.exec(key)?.[0];
  return prefix === undefined ? key : prefix + key.slice(prefix.length).replaceAll('__', '.');
};

/**
 * The definition's tags speak for the whole task, below everything that a container says itself.
 */
const fromTags = (tags: Definition['tags']): readonly Statement[] =>
  ['name', 'tags', 'ignore'].flatMap((key) => {
    const value = tags[`rollcall:${key}`]?.trim();
    return value ? [{ key, spelling: key, value, source: 'tag', forPort: false } as const] : [];
  });
