import { KEY, type RegistryName, type Target } from '../../model/registration.ts';
import { clusterNameOf } from '../lookup/target.ts';
import type { RegistryContents } from './page-data.ts';

/**
 * Where an instance stands in one registry.
 * - `soon`: it is not there, but the task has only just started.
 * - `waits`: it is not there, and the registry takes no instance before it is first healthy.
 * - `unknown`: the registry cannot be read.
 * - `foreign`: it is not there, and it is not ours, so nobody expects it.
 *
 * Users search the page by these words.
 */
export type PresenceState = 'held' | AbsenceState;
export type AbsenceState = 'missing' | 'soon' | 'waits' | 'unknown' | 'foreign';

export type Presence = Held | Absent;

interface InRegistry {
  readonly registry: RegistryName;
  /** The registry, which can be read, lacks an instance of ours or has another address for it. */
  readonly drifts: boolean;
}
interface Held extends InRegistry {
  readonly state: 'held';
  /** How it differs here from what the first registry holds. */
  readonly differs: string | undefined;
}
interface Absent extends InRegistry {
  readonly state: AbsenceState;
}

/** One instance, whichever registries hold it. */
export interface InstanceRow {
  readonly key: string;
  readonly service: string;
  /** As in the first registry that holds it; one that can be read now comes before an old list. */
  readonly target: Target;
  readonly presences: readonly Presence[];
  /** It bears our owner. Others' instances are not expected in every registry. */
  readonly ours: boolean;
  readonly drifts: boolean;
  readonly cluster: string | undefined;
  /** Milliseconds since the epoch. */
  readonly started: number | undefined;
  readonly task: string | undefined;
}

export interface ServiceRows {
  readonly service: string;
  readonly rows: readonly InstanceRow[];
}

export interface JoinOptions {
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Milliseconds after a task's start in which it is not called missing: Eureka's lists are half a
 * minute old, and Cloud Map registers asynchronously.
 */
const SETTLING = 90_000;

/**
 * Pure. Every service of every registry, each instance once. Our instances have the same id in
 * every registry. Services with an instance of ours come first.
 */
export const joinRegistries = (
  registries: readonly RegistryContents[],
  options: JoinOptions,
): readonly ServiceRows[] => {
  const freshFirst = registries.toSorted((a, b) => Number(b.state === 'read') - Number(a.state === 'read'));
  const byKey = Map.groupBy(freshFirst.flatMap(recordsIn), (record) => keyOf(record, options.owner));
  const rows = [...byKey].map(([key, records]) => toRow({ key, records, registries }, options));
  return toServices(rows, registries);
};

interface HeldRecord {
  readonly registry: RegistryName;
  readonly target: Target;
}

const recordsIn = (contents: RegistryContents): readonly HeldRecord[] =>
  contents.state === 'unreadable'
    ? []
    : contents.services.flatMap(({ targets }) =>
        targets.map((target) => ({ registry: contents.registry, target })),
      );

const isOurs = ({ metadata }: Target, owner: string) => metadata[KEY.owner] === owner;

/** Others' ids mean something within their own registry only. */
const keyOf = ({ registry, target }: HeldRecord, owner: string) =>
  isOurs(target, owner)
    ? target.id.toLowerCase()
    : [registry, target.service, target.id, target.address, target.port].join('\0');

/** The records of one instance, and the registries where it could be. */
interface JoinedInstance {
  readonly key: string;
  readonly records: readonly HeldRecord[];
  readonly registries: readonly RegistryContents[];
}

const toRow = ({ key, records, registries }: JoinedInstance, { owner, now }: JoinOptions): InstanceRow => {
  const target = firstOf(records).target;
  const started = startOf(target);
  const ours = isOurs(target, owner);
  const young = started !== undefined && now - started < SETTLING;
  const presences = registries.map((one) => presenceIn(one, { records, target, ours, young }));
  return {
    key,
    service: nameOf(records),
    target,
    presences,
    ours,
    drifts: presences.some(({ drifts }) => drifts),
    cluster: clusterNameOf(target),
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

/** What decides where an instance stands in a registry. */
interface PresenceFacts {
  readonly records: readonly HeldRecord[];
  readonly target: Target;
  readonly ours: boolean;
  readonly young: boolean;
}

const presenceIn = (contents: RegistryContents, facts: PresenceFacts): Presence => {
  const { registry } = contents;
  const { records, target, ours, young } = facts;
  const here = records.find((record) => record.registry === registry)?.target;
  if (!here) {
    const state = absenceIn(contents, facts);
    return { registry, state, drifts: state === 'missing' };
  }
  const elsewhere = here.address !== target.address || here.port !== target.port;
  const differs = elsewhere ? `at ${here.address}:${here.port}` : differentHealth(here, target);
  const drifts = elsewhere && ours && !young && contents.state === 'read';
  return { registry, state: 'held', differs, drifts };
};

const absenceIn = (contents: RegistryContents, { records, ours, young }: PresenceFacts): AbsenceState => {
  if (!ours) return 'foreign';
  if (contents.state !== 'read') return 'unknown';
  if (contents.waitsForHealth && records.every(({ target }) => !target.healthy)) return 'waits';
  return young ? 'soon' : 'missing';
};

const differentHealth = ({ healthy }: Target, first: Target) =>
  healthy === first.healthy ? undefined : healthy ? 'healthy' : 'unhealthy';

/** The name as people write it: Eureka has capitals only, Cloud Map may also have `_web._tcp`. */
const nameOf = (records: readonly HeldRecord[]): string => {
  const names = records.map(({ target }) => target.service);
  const plain = names.filter((name) => !name.startsWith('_'));
  return plain.find((name) => name !== name.toUpperCase()) ?? plain[0] ?? names[0] ?? '';
};

const toServices = (
  rows: readonly InstanceRow[],
  registries: readonly RegistryContents[],
): readonly ServiceRows[] => {
  const services = new Map<string, { service: string; rows: InstanceRow[] }>();
  const serviceOf = (name: string) => {
    const key = name.toUpperCase();
    const found = services.get(key) ?? { service: name, rows: [] };
    services.set(key, found);
    // Capitals are kept only if no registry spells the name otherwise.
    if (found.service === key) found.service = name;
    return found;
  };
  for (const row of rows) serviceOf(row.service).rows.push(row);
  for (const contents of registries)
    if (contents.state !== 'unreadable')
      for (const { name, targets } of contents.services) if (targets.length === 0) serviceOf(name);
  return [...services.values()]
    .map(({ service, rows: own }) => ({ service, rows: own.sort((a, b) => byText(a.key, b.key)) }))
    .sort(
      (a, b) =>
        Number(hasOurs(b)) - Number(hasOurs(a)) ||
        byText(a.service.toLowerCase(), b.service.toLowerCase()) ||
        byText(a.service, b.service),
    );
};

const hasOurs = ({ rows }: ServiceRows) => rows.some(({ ours }) => ours);

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
