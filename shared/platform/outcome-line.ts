import { MAX_RECORD, type OutcomeRecord, type RecordState } from '../model/outcome-record.ts';
import { type Change, type Outcome, operationsOf, refOf } from '../model/plan.ts';
import { KEY, type Registration, type RegistryName } from '../model/registration.ts';
import { printableJson } from '../model/text.ts';

/** What a record tells besides the outcome itself. */
export interface OutcomeOrigin {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly level: string;
  readonly requestId: string | undefined;
  readonly path: string;
  readonly cluster?: string;
  readonly task?: string;
  readonly eventId?: string;
  readonly version?: number;
  readonly eventTime?: number;
}

/** One outcome as the JSON of its `OutcomeRecord`, which stays within MAX_RECORD bytes. */
export const toOutcomeLine = (
  registry: RegistryName,
  outcome: Outcome,
  { now, level, requestId, ...origin }: OutcomeOrigin,
): string => {
  const { change, status } = outcome;
  const { service, id, cluster } = refOf(change);
  const name = service.toLowerCase();
  const formerName = change.before?.service.toLowerCase();
  return toBoundedJson({
    rollcall: 1,
    kind: 'outcome',
    time: new Date(now).toISOString(),
    level,
    message: `${change.kind} ${status}`,
    requestId,
    registry,
    what: change.kind,
    status,
    service,
    name,
    formerName: formerName === name ? undefined : formerName,
    id,
    cluster,
    ...origin,
    why: change.reason,
    ...('reason' in outcome && { reason: outcome.reason }),
    operation: operationsOf(outcome)[0],
    before: beforeOf(change),
    after: afterOf(change),
    ...(origin.eventTime !== undefined && { eventAge: now - origin.eventTime }),
  } satisfies Loose<OutcomeRecord>);
};

/** JSON leaves out what is undefined. */
type Loose<T> = { readonly [K in keyof T]: T[K] | undefined } | { readonly status: 'unchanged' };

const beforeOf = (change: Change): RecordState | null | undefined => {
  if (change.before) return toHeld(change.before);
  return change.kind === 'upsert' && change.isNew ? null : undefined;
};

const afterOf = (change: Change): RecordState | undefined => {
  if (change.kind === 'remove') return undefined;
  return toHeld(
    change.kind === 'health' ? { ...change.record, health: change.health } : change.record,
  );
};

const toHeld = ({ service, address, port, protocol, health, tags, metadata }: Registration) =>
  ({
    service,
    address,
    port,
    protocol: protocol === 'tcp' ? undefined : protocol,
    health,
    tags: tags.length > 0 ? tags : undefined,
    zone: metadata[KEY.zone],
    revision: metadata[KEY.revision],
    deployment: metadata[KEY.deployment],
    started: metadata[KEY.started],
  }) as RecordState;

/** What of a text may go. Of any other a part would be a wrong answer: it stays whole. */
const KINDS = {
  why: 'sentence',
  reason: 'sentence',
  service: 'name',
  name: 'name',
  formerName: 'name',
  address: 'name',
  zone: 'detail',
  revision: 'detail',
  deployment: 'detail',
  cluster: 'cluster',
  task: 'task',
} as const;

/** Bytes of each text, by its kind, and how many items of a list. */
interface Bounds extends Record<(typeof KINDS)[keyof typeof KINDS] | 'item' | 'whole', number> {
  readonly items: number;
}

const ANY = Number.POSITIVE_INFINITY;
/** An ARN of a cluster with the longest name has some 310 bytes, its tasks' have 345. */
const FIRST: Bounds = {
  items: ANY,
  item: ANY,
  sentence: ANY,
  detail: ANY,
  name: ANY,
  cluster: 400,
  task: 400,
  whole: 64,
};

/**
 * What becomes shorter, step by step, until the record fits: tags and sentences, then names. A
 * cluster is in its task's ARN too. The last step fits whatever comes.
 */
const CUTS: readonly Partial<Bounds>[] = [
  {},
  { sentence: 400, items: 20, item: 100 },
  { sentence: 120, items: 6, item: 60 },
  { items: 0, name: 400 },
  { sentence: 60, detail: 60, name: 128 },
  { sentence: 12, detail: 0, name: 64 },
  { cluster: 0 },
  { name: 12, task: 64 },
];

const toBoundedJson = (record: object): string => {
  let json = '';
  let bounds = FIRST;
  for (const step of CUTS) {
    bounds = { ...bounds, ...step };
    json = printableJson(JSON.stringify(record, within(bounds)));
    if (Buffer.byteLength(json) <= MAX_RECORD) break;
  }
  return json;
};

const within = (bounds: Bounds) => (key: string, value: unknown) => {
  if (Array.isArray(value))
    return value.length > bounds.items ? [...value.slice(0, bounds.items), '…'] : value;
  if (typeof value !== 'string') return value;
  const kind = KINDS[key as keyof typeof KINDS] ?? (isIndex(key) ? 'item' : 'whole');
  const short = cut(value, bounds[kind]);
  return short === value || !WHOLE.includes(kind) ? short : '…';
};

const WHOLE: readonly string[] = ['cluster', 'task', 'whole'];
/** The key of a list's item. */
const isIndex = (key: string) => /^\d+$/.test(key);

/** By bytes of JSON, of which a character that cannot be seen takes up to twelve. */
const cut = (text: string, most: number): string => {
  if (text.length * 12 <= most) return text;
  let left = most;
  let kept = '';
  for (const one of text) {
    // Without the quotes.
    left -= Buffer.byteLength(printableJson(JSON.stringify(one))) - 2;
    if (left < 0) return `${kept}…`;
    kept += one;
  }
  return text;
};
