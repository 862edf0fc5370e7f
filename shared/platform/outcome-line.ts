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

/**
 * Bytes of each text, of those that are sentences, and how many items of a list: tried in this
 * order until the whole fits. The last fits whatever comes.
 */
const CUTS = [
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 99],
  [400, 400, 20],
  [350, 120, 6],
  [90, 60, 3],
  [12, 12, 1],
] as const;
const SENTENCES = ['why', 'reason'];

const toBoundedJson = (record: object): string => {
  let json = '';
  for (const [text, sentence, items] of CUTS) {
    json = printableJson(
      JSON.stringify(record, (key, value: unknown) => {
        if (Array.isArray(value))
          return value.length > items ? [...value.slice(0, items), '…'] : value;
        if (typeof value !== 'string') return value;
        return cut(value, SENTENCES.includes(key) ? sentence : text);
      }),
    );
    if (Buffer.byteLength(json) <= MAX_RECORD) break;
  }
  return json;
};

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
