import { KEY, type RegistryName } from '../../model/registration.ts';
import { count, listed, titleOf } from './format.ts';
import type { InstanceRow } from './join.ts';
import type { WordOnName } from './names.ts';

/** `bad`: clients are hurt. `warn`: they may be. `note`: nothing is wrong, but good to know. */
export type Level = 'bad' | 'warn' | 'note';

export interface Trouble {
  readonly level: Level;
  readonly text: string;
}

export const URGENCY: Readonly<Record<Level, number>> = { bad: 3, warn: 2, note: 1 };

/** How one registry stands to a service. Counts are of instances. */
export interface RegistryFacts {
  readonly registry: RegistryName;
  /** The registry cannot be read now. */
  readonly unknown: boolean;
  readonly held: number;
  readonly missing: number;
  /** Held at another address or port than elsewhere. */
  readonly elsewhere: number;
  /** Not there yet, and nothing is wrong. */
  readonly coming: number;
}

/** What of a service its troubles are found in. */
export interface TroubleGrounds extends WordOnName {
  readonly rows: readonly InstanceRow[];
  readonly outdated: readonly InstanceRow[];
  readonly healthy: number;
  readonly registries: readonly RegistryFacts[];
}

/** Pure. What is wrong with a service, and what else is to be known, the worst first. */
export const troublesOf = (grounds: TroubleGrounds): readonly Trouble[] => [
  ...healthTroubles(grounds),
  ...registryTroubles(grounds),
  ...ownerTroubles(grounds),
  ...withheldTroubles(grounds),
  ...notes(grounds),
];

const healthTroubles = ({ rows, healthy }: TroubleGrounds): readonly Trouble[] => {
  const ill = rows.filter(({ target }) => !target.healthy);
  if (ill.length === 0) return [];
  const what =
    healthy === 0
      ? `none of ${count(rows.length, 'instance')} healthy`
      : `${ill.length} of ${rows.length} unhealthy${traitOf(ill, rows)}`;
  return [{ level: 'bad', text: what }];
};

/** What those that are ill have in common, and those that are well have not. */
const traitOf = (ill: readonly InstanceRow[], rows: readonly InstanceRow[]): string => {
  const well = rows.filter(({ target }) => target.healthy);
  const shared = (of: (row: InstanceRow) => string | number | null | undefined) => {
    const [first, ...others] = new Set(ill.map(of));
    return others.length === 0 && first !== null && well.every((row) => of(row) !== first)
      ? first
      : undefined;
  };
  const zone = shared(({ target }) => target.zone);
  if (zone !== undefined) return `, all in ${zone}`;
  const host = shared((row) => row.host);
  if (host !== undefined) return `, all on ${host}`;
  const revision = shared((row) => row.revision);
  return revision === undefined ? '' : `, all of revision ${revision}`;
};

const registryTroubles = ({ registries, rows }: TroubleGrounds): readonly Trouble[] =>
  registries.flatMap(({ registry, missing, elsewhere }): readonly Trouble[] => [
    ...warning(missing, `${titleOf(registry)} lacks ${missing} of ${rows.length}`),
    ...warning(elsewhere, `${titleOf(registry)} has ${elsewhere} at another address`),
  ]);

const ownerTroubles = ({ rows, sharers }: TroubleGrounds): readonly Trouble[] => {
  const foreign = rows.filter(({ ours }) => !ours).length;
  return [
    ...warning(sharers.length, `name shared by ${listed(sharers, 3)}`),
    ...warning(
      foreign < rows.length ? foreign : 0,
      `${foreign} of ${rows.length} written by others`,
    ),
  ];
};

const withheldTroubles = ({ rows }: TroubleGrounds): readonly Trouble[] => {
  const withheld = rows.filter((row) => row.withheld !== undefined).length;
  return warning(withheld, `${withheld} of ${rows.length} not given to clients`);
};

const warning = (many: number, text: string): readonly Trouble[] =>
  many > 0 ? [{ level: 'warn', text }] : [];

const notes = ({ rows, outdated, registries, refused }: TroubleGrounds): readonly Trouble[] => {
  const old = rows.filter(({ isOld }) => isOld).length;
  const differing = rows.filter(({ presences }) =>
    presences.some((one) => one.state === 'held' && one.differs && !one.drifts),
  ).length;
  const texts = [
    rows.length === 0 &&
      (registries.some(({ unknown }) => unknown) ? 'no instances that are known' : 'no instances'),
    outdated.length > 0 && `${outdated.length} more in an old answer only`,
    old > 0 && `${old} of ${rows.length} known from an old answer only`,
    differing > 0 && `registries tell the health of ${differing} differently`,
    rollingText(rows),
    refused.length > 0 && `name refused to ${listed(refused, 3)}`,
    ...registries.map(
      ({ registry, coming }) => coming > 0 && `${coming} not yet in ${titleOf(registry)}`,
    ),
  ];
  return texts.filter((text) => text !== false).map((text) => ({ level: 'note', text }));
};

/**
 * Two revisions at once are a deployment under way, or one that does not end; but not where several
 * bear the name, who count theirs apart.
 */
const rollingText = (rows: readonly InstanceRow[]): string | false => {
  const bearers = new Set(
    rows.map(({ cluster, target: { metadata } }) => `${cluster} ${metadata[KEY.family]}`),
  );
  if (bearers.size > 1) return false;
  const revisions = rows.flatMap(({ revision }) => revision ?? []);
  const newest = revisions.reduce((a, b) => Math.max(a, b), 0);
  const fresh = revisions.filter((one) => one === newest).length;
  return (
    fresh < revisions.length && `rolling to revision ${newest}: ${fresh} of ${rows.length} new`
  );
};
