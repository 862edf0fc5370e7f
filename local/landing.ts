import { hasFailed, type OutcomeRecord, outcomeSign } from '../shared/model/outcome-record.ts';
import { placeOf } from '../shared/sync/admin/history/rows.ts';

export type Fields = Readonly<Record<string, unknown>>;

export type Sign = ReturnType<typeof outcomeSign>;

/** What one registry made of one change. */
export interface Landing {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly sign: Sign;
  readonly registry: string;
  readonly service: string;
  /** `address:port`, where it is known. */
  readonly place: string;
  readonly id: string;
  /** Why, and by which path where that is not the event's. */
  readonly why: string;
  /** When ECS or EC2 said what led to it, in milliseconds since the epoch. */
  readonly emitted?: number;
  /** Accepted, and not in force before this has ended. */
  readonly operation?: string;
  /** When that had ended. Absent: the write was in force at once, or is not yet. */
  readonly inForce?: number;
  /** Accepted, or put off until the task is healthy. */
  readonly pending: boolean;
}

const UNCHANGED = /^(upsert|health|remove) unchanged$/;

/** What was so already is of level debug, and no outcome record. */
export const isOutcome = ({ kind, message }: Fields) =>
  kind === 'outcome' || UNCHANGED.test(String(message));

/**
 * `undefined`: the line tells of no change. `emittedAt` knows events by their id, and tasks by what
 * was last said of them.
 */
export const toLanding = (
  line: Fields,
  emittedAt: (eventIdOrTask: string) => number | undefined,
): Landing | undefined => {
  if (line['kind'] !== 'outcome') return undefined;
  const record = line as unknown as OutcomeRecord;
  const { time, registry, service, id, path, task, eventId, status, operation } = record;
  const state = record.after ?? record.before;
  // A look has no event of its own: it is late by what has passed since the task's last one.
  const emitted = emittedAt(String(path === 'look' ? task : eventId));
  return {
    time: Date.parse(time),
    sign: outcomeSign(record),
    registry,
    service,
    place: placeOf(state) ?? '',
    id,
    why: whyFor(record),
    pending: status === 'pending',
    ...(emitted !== undefined && { emitted }),
    ...(operation !== undefined && { operation }),
  };
};

/** Failures in full, but for what the line's other columns say. */
const whyFor = (record: OutcomeRecord): string => {
  const { status, registry, service, id, path, why, reason } = record;
  if (!hasFailed(record)) return path === 'event' ? why : `${path}: ${why}`;
  const said = String(reason).replace(`${registry}: `, '').replace(` ${service}/${id}`, '');
  return `${said} (${status === 'retry' ? 'to be tried again' : status})`;
};
