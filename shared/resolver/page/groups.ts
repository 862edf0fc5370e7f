import { byText } from '../../model/text.ts';
import { newestOf, type ServiceFacts } from './facts.ts';
import type { InstanceRow } from './join.ts';
import type { Grouping, PageQuery } from './query.ts';
import type { Selected } from './select.ts';

/** All instances that share a cluster, a host or a zone. */
export interface Group {
  /** Undefined: nothing says where they are. */
  readonly name: string | undefined;
  readonly rows: readonly InstanceRow[];
  readonly healthy: number;
  readonly drifting: number;
  readonly services: number;
  readonly newest: number | undefined;
}

type By = Exclude<Grouping, ''>;

const NAME_OF: Readonly<Record<By, (row: InstanceRow) => string | undefined>> = {
  cluster: (row) => row.cluster,
  host: (row) => row.host,
  zone: ({ target }) => target.zone ?? undefined,
};

/**
 * Pure. The groups in which an instance matches, each counted whole: those first that have most
 * that is unhealthy.
 */
export const groupsOf = (
  all: readonly ServiceFacts[],
  selected: readonly Selected[],
  by: By,
): readonly Group[] => {
  const nameOf = NAME_OF[by];
  const wanted = new Set(selected.flatMap(({ matching }) => matching.map(nameOf)));
  const groups = Map.groupBy(
    all.flatMap(({ rows }) => rows),
    nameOf,
  );
  return [...groups]
    .filter(([name]) => wanted.has(name))
    .map(([name, rows]) => ({
      name,
      rows,
      healthy: rows.filter(({ target }) => target.healthy).length,
      drifting: rows.filter(({ drifts }) => drifts).length,
      services: new Set(rows.map(({ service }) => service.toUpperCase())).size,
      newest: newestOf(rows),
    }))
    .sort(byTrouble);
};

const troubleOf = ({ rows, healthy, drifting }: Group) => rows.length - healthy + drifting / 1e6;

const byTrouble = (a: Group, b: Group) =>
  troubleOf(b) - troubleOf(a) || byText(a.name ?? '\uffff', b.name ?? '\uffff');

/** How many different ones there are, of those that say it. */
export const countOf = (all: readonly ServiceFacts[], by: By): number =>
  new Set(all.flatMap(({ rows }) => rows.flatMap((row) => NAME_OF[by](row) ?? []))).size;

/** The filter that leaves a group's instances. */
export const filterOf = (by: By, name: string): Partial<PageQuery> => ({ [by]: name, group: '' });
