import { byText } from '../../model/text.ts';
import { byName, type ServiceFacts } from './facts.ts';
import type { InstanceRow } from './join.ts';
import { isFiltered, type PageQuery, type Sort } from './query.ts';

/** A service that the query asks for. `facts` are of all its instances, whatever matches. */
export interface Selected {
  readonly facts: ServiceFacts;
  /** Those of its instances that match. */
  readonly matching: readonly InstanceRow[];
}

/** Pure. The services that the query asks for, in its order. */
export const select = (all: readonly ServiceFacts[], query: PageQuery): readonly Selected[] => {
  const wanted = query.service.toUpperCase();
  const services = all.filter(
    ({ service, needsYou }) =>
      (wanted === '' || service.toUpperCase() === wanted) && (!query.problems || needsYou),
  );
  return sorted(services, query.sort)
    .map((facts) => ({ facts, matching: matchingIn(facts, query) }))
    .filter(({ facts, matching }) => matching.length > 0 || isShownEmpty(facts, query));
};

/**
 * A service without instances is shown unless the query filters instances (`problems` does not).
 */
const isShownEmpty = ({ rows }: ServiceFacts, query: PageQuery) =>
  rows.length === 0 && !isFiltered({ ...query, problems: false });

const matchingIn = ({ rows }: ServiceFacts, query: PageQuery): readonly InstanceRow[] => {
  if (!isFiltered(query)) return rows;
  const words = query.q.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(
    (row) =>
      (query.cluster === '' || row.cluster === query.cluster) &&
      (query.zone === '' || row.target.zone === query.zone) &&
      (query.host === '' || row.host === query.host) &&
      (query.health === '' || row.target.healthy === (query.health === 'healthy')) &&
      (!query.drift || row.drifts) &&
      (words.length === 0 || hasWords(row, words)),
  );
};

const hasWords = (row: InstanceRow, words: readonly string[]) => {
  const { service, target, cluster, presences, withheld = '' } = row;
  const { id, address, port, protocol, zone, tags, metadata } = target;
  const shown = [
    service,
    target.service,
    id,
    `${address}:${port}/${protocol}`,
    zone,
    cluster,
    withheld,
    ...tags,
    ...Object.entries(metadata).map(([key, value]) => `${key}=${value}`),
    ...presences.map(({ registry, state }) => `${state}:${registry}`),
  ];
  const text = shown.join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
};

const missingOrElsewhere = ({ registries }: ServiceFacts) =>
  registries.reduce((sum, { missing, elsewhere }) => sum + missing + elsewhere, 0);

const shareOf = ({ healthy, rows }: ServiceFacts) => healthy / Math.max(rows.length, 1);

/** Ascending puts first what people sort for: the least healthy, the most missing, the newest. */
const ORDERS: Readonly<Record<Sort, (a: ServiceFacts, b: ServiceFacts) => number>> = {
  name: byName,
  healthy: (a, b) => shareOf(a) - shareOf(b),
  registries: (a, b) => missingOrElsewhere(b) - missingOrElsewhere(a),
  zones: (a, b) => a.zones.length - b.zones.length,
  cluster: (a, b) => byText(a.clusters.join(), b.clusters.join()),
  changed: (a, b) => (b.newest ?? 0) - (a.newest ?? 0),
};

const sorted = (services: readonly ServiceFacts[], sort: string): readonly ServiceFacts[] => {
  if (sort === '') return services;
  const order = ORDERS[sort.replace(/^-/, '') as Sort];
  const sign = sort.startsWith('-') ? -1 : 1;
  return services.toSorted((a, b) => sign * order(a, b) || byName(a, b));
};

/** One page of a list, and how many pages there are (at least one). Beyond the last is the last. */
export const pageOf = <T>(items: readonly T[], wanted: number, size: number) => {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const page = Math.min(wanted, pages);
  return { page, pages, items: items.slice((page - 1) * size, page * size) };
};
