import { KEY, type Registration, type Target } from '../../model/registration.ts';
import { byText } from '../../model/text.ts';

/** One service in one place, as Consul holds it, as Rollcall would write it, or both. */
export type Row =
  | {
      /**
       * `same`: name, address, port, tags and whatever metadata Consul holds. `different`: one of
       * them is not.
       */
      readonly kind: 'same' | 'different';
      readonly held: Target;
      readonly desired: Registration;
      readonly differs: readonly Difference[];
    }
  /**
   * `missing`: Registrator wrote it, Rollcall would not. `other`: neither did, by the id it bears.
   */
  | { readonly kind: 'missing' | 'other'; readonly held: Target }
  /** Rollcall would write it, Consul holds none. */
  | { readonly kind: 'added'; readonly desired: Registration };

export interface Difference {
  /** `name`, `address`, `port`, `tags` or `metadata.<key>`. */
  readonly field: string;
  readonly held: unknown;
  readonly desired: unknown;
}

type Place = Pick<Target, 'service' | 'address' | 'port' | 'protocol'>;
type Likeness = readonly (keyof Place)[];

const WHOLE: Likeness = ['service', 'address', 'port', 'protocol'];
/**
 * What else makes two records one, the surest first: a renamed record keeps its place, a moved one
 * its name.
 */
const LIKENESSES: readonly Likeness[] = [
  ['address', 'port', 'protocol'],
  ['service', 'address', 'protocol'],
  ['service', 'port', 'protocol'],
];
const RANK = { missing: 0, different: 1, added: 2, same: 3, other: 4 } as const;

/**
 * Pure. Every record of both sides is in a row; those that Rollcall wrote, this one or another, in
 * none. Sorted by kind, what calls for work first, then by name and place.
 */
export const compare = (
  catalog: readonly Target[],
  planned: readonly Registration[],
): readonly Row[] => {
  const foreign = catalog.filter(({ metadata }) => metadata[KEY.owner] === undefined).sort(byPlace);
  const twins = pairTwins(foreign, planned);
  const rows = twins.map(toRow);
  let { held, desired } = without(twins, { held: foreign, desired: [...planned].sort(byPlace) });
  for (const likeness of LIKENESSES) {
    const pairs = pairUp(held, desired, likeness);
    rows.push(...pairs.map(toRow));
    ({ held, desired } = without(pairs, { held, desired }));
  }
  rows.push(
    ...held.map((one) => ({ kind: isRegistrators(one) ? 'missing' : 'other', held: one }) as const),
  );
  rows.push(...desired.map((one) => ({ kind: 'added', desired: one }) as const));
  return rows.sort((a, b) => RANK[a.kind] - RANK[b.kind] || byPlace(recordOf(a), recordOf(b)));
};

/** The record that a row speaks of: Consul's where there is one. */
export const recordOf = (row: Row): Target | Registration =>
  'held' in row ? row.held : row.desired;

interface Pair {
  readonly held: Target;
  readonly desired: Registration;
}

interface Sides {
  readonly held: readonly Target[];
  readonly desired: readonly Registration[];
}

const without = (pairs: readonly Pair[], { held, desired }: Sides): Sides => {
  const taken = new Set<unknown>(pairs.flatMap((pair) => [pair.held, pair.desired]));
  return {
    held: held.filter((one) => !taken.has(one)),
    desired: desired.filter((one) => !taken.has(one)),
  };
};

const keyOf = (place: Place, likeness: Likeness) =>
  JSON.stringify(likeness.map((part) => place[part]));

/**
 * Several records of one name and place are one to whoever asks: a host that got a new name leaves
 * such behind.
 */
const pairTwins = (held: readonly Target[], desired: readonly Registration[]): readonly Pair[] => {
  const wanted = new Map(desired.map((one) => [keyOf(one, WHOLE), one]));
  return held.flatMap((one) => {
    const twin = wanted.get(keyOf(one, WHOLE));
    return twin ? [{ held: one, desired: twin }] : [];
  });
};

const pairUp = (
  held: readonly Target[],
  desired: readonly Registration[],
  likeness: Likeness,
): readonly Pair[] => {
  const free = Map.groupBy(held, (one) => keyOf(one, likeness));
  return desired.flatMap((one) => {
    const like = free.get(keyOf(one, likeness))?.shift();
    return like ? [{ held: like, desired: one }] : [];
  });
};

const toRow = (pair: Pair): Row => {
  const differs = differences(pair);
  return { kind: differs.length > 0 ? 'different' : 'same', ...pair, differs };
};

/** Metadata that only Rollcall adds is no difference: nobody can depend on what was not there. */
const differences = ({ held, desired }: Pair): readonly Difference[] => {
  const fields = [
    ['name', held.service, desired.service],
    ['address', held.address, desired.address],
    ['port', held.port, desired.port],
    ['tags', toSet(held.tags), toSet(desired.tags)],
    ...Object.keys(held.metadata)
      .sort()
      .map((key) => [`metadata.${key}`, held.metadata[key], desired.metadata[key]] as const),
  ] as const;
  return fields
    .filter(([, a, b]) => JSON.stringify(a) !== JSON.stringify(b))
    .map(([field, a, b]) => ({ field, held: a, desired: b }));
};

const toSet = (tags: readonly string[]) => [...new Set(tags)].sort();

/**
 * Registrator's own pattern, by which it cleans up: `<host>:<container>:<container port>`, `:udp`
 * behind udp.
 */
const REGISTRATORS_ID = /^.+?:[a-zA-Z0-9][a-zA-Z0-9_.-]+:[0-9]+(?::udp)?$/;
const isRegistrators = ({ id }: Target) => REGISTRATORS_ID.test(id);

const byPlace = (a: Place, b: Place) =>
  byText(a.service, b.service) || byText(a.address, b.address) || a.port - b.port;
