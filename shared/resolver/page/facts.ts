import { byText } from '../../model/text.ts';
import type { InstanceRow, ServiceRows } from './join.ts';
import { type WordOnName, wordsOnNames } from './names.ts';
import type { PageData, RegistryContents } from './page-data.ts';
import { type RegistryFacts, type Trouble, troublesOf, URGENCY } from './troubles.ts';

/**
 * What is to be said of one service as a whole, whatever part of it is shown. `rows` has all but
 * those that are outdated: nothing is said of them but that they were there.
 */
export interface ServiceFacts extends ServiceRows {
  readonly outdated: readonly InstanceRow[];
  readonly healthy: number;
  readonly registries: readonly RegistryFacts[];
  readonly zones: readonly string[];
  readonly clusters: readonly string[];
  /** When the newest instance was started, in milliseconds since the epoch. */
  readonly newest: number | undefined;
  /** There are instances, and all are of others. */
  readonly foreign: boolean;
  /** The worst first. */
  readonly troubles: readonly Trouble[];
  /** Somebody should look. */
  readonly needsYou: boolean;
}

/** Pure. In the order of the page: what needs somebody first, others' services last. */
export const toFacts = (
  services: readonly ServiceRows[],
  { registries, round }: Pick<PageData, 'registries' | 'round'>,
): readonly ServiceFacts[] => {
  const wordOn = wordsOnNames(round);
  return services.map((one) => factsOf(one, registries, wordOn(one.service))).sort(byUrgency);
};

const factsOf = (
  { service, rows: known }: ServiceRows,
  registries: readonly RegistryContents[],
  word: WordOnName,
): ServiceFacts => {
  const rows = known.filter(({ isOutdated }) => !isOutdated);
  const plain = {
    service,
    rows,
    outdated: known.filter(({ isOutdated }) => isOutdated),
    healthy: rows.filter(({ target }) => target.healthy).length,
    registries: registries.map((contents, at) => registryFacts(contents, at, rows)),
    zones: distinct(rows.map(({ target }) => target.zone ?? undefined)),
    clusters: distinct(rows.map(({ cluster }) => cluster)),
    newest: newestOf(rows),
    foreign: rows.length > 0 && !rows.some(({ ours }) => ours),
  };
  const troubles = troublesOf({ ...plain, ...word });
  return { ...plain, troubles, needsYou: troubles.some(({ level }) => level !== 'note') };
};

const registryFacts = (
  { registry, state }: RegistryContents,
  at: number,
  rows: readonly InstanceRow[],
): RegistryFacts => {
  const facts = {
    registry,
    unknown: state !== 'read',
    held: 0,
    missing: 0,
    elsewhere: 0,
    coming: 0,
  };
  for (const { presences } of rows) {
    const presence = presences[at];
    if (presence?.state === 'held') facts.held++;
    if (presence?.state === 'missing') facts.missing++;
    if (presence?.state === 'held' && presence.drifts) facts.elsewhere++;
    if (presence?.state === 'soon' || presence?.state === 'waits') facts.coming++;
  }
  return facts;
};

/** Sorted, each once. */
export const distinct = (values: readonly (string | undefined)[]): readonly string[] =>
  [...new Set(values.filter((value) => value !== undefined))].sort(byText);

export const newestOf = (rows: readonly InstanceRow[]): number | undefined => {
  let newest: number | undefined;
  for (const { started } of rows)
    if (started !== undefined && started > (newest ?? -Infinity)) newest = started;
  return newest;
};

const rankOf = ({ needsYou, foreign, troubles, healthy, rows }: ServiceFacts) => {
  if (!needsYou) return foreign ? -1 : 0;
  return URGENCY[troubles[0]?.level ?? 'note'] + (1 - healthy / Math.max(rows.length, 1)) / 2;
};

const byUrgency = (a: ServiceFacts, b: ServiceFacts) => rankOf(b) - rankOf(a) || byName(a, b);

export const byName = (a: ServiceRows, b: ServiceRows): number =>
  byText(a.service.toLowerCase(), b.service.toLowerCase()) || byText(a.service, b.service);
