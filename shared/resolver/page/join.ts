import { KEY, type RegistryName, type Target } from '../../model/registration.ts';
import { clusterOf } from '../protocols/shared.ts';
import type { Sight } from './page-data.ts';

/**
 * Where an instance stands in one registry. `soon`: the task has only just started. `waits`: the registry takes
 * nobody in before the first healthy answer. `unknown`: the registry cannot be read. `foreign`: it is not ours, so nobody expects it.
 */
export type PlaceState = 'held' | 'missing' | 'soon' | 'waits' | 'unknown' | 'foreign';

export interface Place {
  readonly registry: RegistryName;
  readonly state: PlaceState;
  /** What this registry says otherwise than the first that holds it. */
  readonly differs?: string;
  /** The registry lacks a record of ours, or has it elsewhere. Never said of one that cannot be read. */
  readonly drifts: boolean;
}

/** One instance, whichever registries hold it. */
export interface Row {
  readonly key: string;
  readonly service: string;
  /** As the first registry holds it, of those that can be read now. */
  readonly target: Target;
  readonly places: readonly Place[];
  /** It bears our owner. Nobody expects a stranger's in every registry. */
  readonly ours: boolean;
  readonly drifts: boolean;
  readonly cluster: string | undefined;
  /** Milliseconds since the epoch. */
  readonly started: number | undefined;
  readonly task: string | undefined;
}

export interface Group {
  readonly service: string;
  readonly rows: readonly Row[];
}

export interface Joining {
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Milliseconds after its start in which nobody calls a task missing: Eureka's lists are half a minute old, and Cloud Map takes its time. */
const SETTLING = 90_000;

/** Pure. Every service of every registry, those that hold something of ours first, each instance once: ours by id, which is the same everywhere. */
export const join = (sights: readonly Sight[], joining: Joining): readonly Group[] => {
  // What was just read comes before what is old.
  const fresh = sights.toSorted((a, b) => Number(b.state === 'read') - Number(a.state === 'read'));
  const records = fresh.flatMap(recordsOf);
  const byKey = Map.groupBy(records, (record) => keyOf(record, joining.owner));
  const rows = [...byKey].map(([key, held]) => toRow({ key, held, sights }, joining));
  return toGroups(rows, sights);
};

interface HeldRecord {
  readonly registry: RegistryName;
  readonly target: Target;
}

const recordsOf = (sight: Sight): readonly HeldRecord[] =>
  sight.state === 'unreadable'
    ? []
    : sight.services.flatMap(({ targets }) =>
        targets.map((target) => ({ registry: sight.registry, target })),
      );

const isOurs = ({ metadata }: Target, owner: string) => metadata[KEY.owner] === owner;

/** A stranger's id means something within its own registry only. */
const keyOf = ({ registry, target }: HeldRecord, owner: string) =>
  isOurs(target, owner)
    ? target.id.toLowerCase()
    : [registry, target.service, target.id, target.address, target.port].join('\0');

interface Known {
  readonly key: string;
  readonly held: readonly HeldRecord[];
  readonly sights: readonly Sight[];
}

const toRow = (known: Known, { owner, now }: Joining): Row => {
  const target = firstOf(known.held).target;
  const started = startOf(target);
  const ours = isOurs(target, owner);
  const young = started !== undefined && now - started < SETTLING;
  const places = known.sights.map((sight) => toPlace(sight, { ...known, target, ours, young }));
  return {
    key: known.key,
    service: nameOf(known.held),
    target,
    places,
    ours,
    drifts: places.some(({ drifts }) => drifts),
    cluster: clusterOf(target),
    started,
    task: target.metadata[KEY.task],
  };
};

const firstOf = ([first]: readonly HeldRecord[]): HeldRecord => {
  if (!first) throw new Error('an instance that no registry holds');
  return first;
};

const startOf = ({ metadata }: Target) => {
  const time = Date.parse(metadata[KEY.started] ?? '');
  return Number.isNaN(time) ? undefined : time;
};

interface Looking extends Known {
  readonly target: Target;
  readonly ours: boolean;
  readonly young: boolean;
}

const toPlace = (sight: Sight, looking: Looking): Place => {
  const { registry } = sight;
  const here = looking.held.find((record) => record.registry === registry)?.target;
  if (!here) {
    const state = absenceIn(sight, looking);
    return { registry, state, drifts: state === 'missing' };
  }
  const { target, ours, young } = looking;
  const elsewhere = here.address !== target.address || here.port !== target.port;
  const differs = elsewhere ? `at ${here.address}:${here.port}` : healthUnlike(here, target);
  const drifts = elsewhere && ours && !young && sight.state === 'read';
  return { registry, state: 'held', ...(differs && { differs }), drifts };
};

const absenceIn = (sight: Sight, { held, ours, young }: Looking): PlaceState => {
  if (!ours) return 'foreign';
  if (sight.state !== 'read') return 'unknown';
  if (sight.waitsForHealth && held.every(({ target }) => !target.healthy)) return 'waits';
  return young ? 'soon' : 'missing';
};

const healthUnlike = ({ healthy }: Target, first: Target) =>
  healthy === first.healthy ? undefined : healthy ? 'healthy' : 'unhealthy';

/** The name as people write it: Eureka knows capitals only, and `_web._tcp` stands beside `web`. */
const nameOf = (held: readonly HeldRecord[]): string => {
  const names = held.map(({ target }) => target.service);
  const plain = names.filter((name) => !name.startsWith('_'));
  return plain.find((name) => name !== name.toUpperCase()) ?? plain[0] ?? names[0] ?? '';
};

const toGroups = (rows: readonly Row[], sights: readonly Sight[]): readonly Group[] => {
  const groups = new Map<string, { service: string; rows: Row[] }>();
  const groupOf = (service: string) => {
    const key = service.toUpperCase();
    const group = groups.get(key) ?? { service, rows: [] };
    groups.set(key, group);
    // Capitals only where nobody spells it otherwise.
    if (group.service === key) group.service = service;
    return group;
  };
  for (const row of rows) groupOf(row.service).rows.push(row);
  for (const sight of sights)
    if (sight.state !== 'unreadable')
      for (const { name, targets } of sight.services) if (targets.length === 0) groupOf(name);
  return [...groups.values()]
    .map(({ service, rows: own }) => ({ service, rows: own.sort((a, b) => byText(a.key, b.key)) }))
    .sort(
      (a, b) =>
        Number(holdsOurs(b)) - Number(holdsOurs(a)) ||
        byText(a.service.toLowerCase(), b.service.toLowerCase()) ||
        byText(a.service, b.service),
    );
};

const holdsOurs = ({ rows }: Group) => rows.some(({ ours }) => ours);

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
