import { KEY, type RegistryName, type Target } from '../../model/registration.ts';
import { byText } from '../../model/text.ts';
import { clusterNameOf } from '../lookup/target.ts';
import type { WithholdTarget } from '../lookup/withhold.ts';
import type { RegistryContents } from './page-data.ts';
import { type HeldState, type Presence, presenceIn } from './presence.ts';

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
  /** Why clients are not given it, if they are not. */
  readonly withheld: string | undefined;
  readonly cluster: string | undefined;
  /** Of the EC2 instance; undefined on Fargate, and where nothing says it. */
  readonly host: string | undefined;
  /** Of the task definition. */
  readonly revision: number | undefined;
  /** No registry that can be read now holds it: it comes from an old list. */
  readonly isOld: boolean;
  /** And one that can be read would hold it if it were still there: it has most likely left. */
  readonly isOutdated: boolean;
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
  readonly withhold: WithholdTarget;
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
  const freshFirst = registries.toSorted(
    (a, b) => Number(b.state === 'read') - Number(a.state === 'read'),
  );
  const byKey = Map.groupBy(freshFirst.flatMap(recordsIn), (record) =>
    keyOf(record, options.owner),
  );
  const rows = [...byKey].map(([key, records]) => toRow({ key, records, registries }, options));
  return toServices(rows, registries);
};

const recordsIn = (contents: RegistryContents): readonly HeldState[] =>
  contents.state === 'unreadable'
    ? []
    : contents.services.flatMap(({ targets }) =>
        targets.map((target) => ({ registry: contents.registry, target })),
      );

const isOurs = ({ metadata }: Target, owner: string) => metadata[KEY.owner] === owner;

/** Others' ids mean something within their own registry only. */
const keyOf = ({ registry, target }: HeldState, owner: string) =>
  isOurs(target, owner)
    ? target.id.toLowerCase()
    : [registry, target.service, target.id, target.address, target.port].join('\0');

/** The records of one instance, and the registries where it could be. */
interface JoinedInstance {
  readonly key: string;
  readonly records: readonly HeldState[];
  readonly registries: readonly RegistryContents[];
}

const toRow = (
  { key, records, registries }: JoinedInstance,
  { owner, now, withhold }: JoinOptions,
): InstanceRow => {
  const target = firstOf(records).target;
  const started = startOf(target);
  const ours = isOurs(target, owner);
  const young = started !== undefined && now - started < SETTLING;
  const isOld = registries.every(
    ({ registry, state }) => state !== 'read' || !isHeldIn(records, registry),
  );
  const facts = { records, target, ours, isOld, young };
  const presences = registries.map((one) => presenceIn(one, facts));
  return {
    key,
    service: nameOf(records),
    target,
    presences,
    ours,
    drifts: presences.some(({ drifts }) => drifts),
    withheld: withhold(target),
    cluster: clusterNameOf(target),
    host: target.metadata[KEY.hostId],
    revision: revisionOf(target),
    isOld,
    isOutdated: presences.some(({ state }) => state === 'gone'),
    started,
    task: target.metadata[KEY.task],
  };
};

const isHeldIn = (records: readonly HeldState[], name: RegistryName) =>
  records.some(({ registry }) => registry === name);

const revisionOf = ({ metadata }: Target) => {
  const text = metadata[KEY.revision] ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
};

const firstOf = ([first]: readonly HeldState[]): HeldState => {
  if (!first) throw new Error('an instance that no registry holds');
  return first;
};

const startOf = ({ metadata }: Target) => {
  const time = Date.parse(metadata[KEY.started] ?? '');
  return Number.isNaN(time) ? undefined : time;
};

/** The name as people write it: Eureka has capitals only, Cloud Map may also have `_web._tcp`. */
const nameOf = (records: readonly HeldState[]): string => {
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
