import { type ChangeResult, signOf } from './plan.ts';
import type { Health, RegistryName } from './registration.ts';

/** What a registry holds of one record, in short. Long texts may be cut; a cut ends in `…`. */
export interface RecordState {
  readonly service: string;
  readonly address: string;
  readonly port: number;
  /** Only where it is not tcp. */
  readonly protocol?: string;
  readonly health?: Health;
  readonly tags?: readonly string[];
  readonly zone?: string;
  /** Of the task definition. */
  readonly revision?: string;
  readonly deployment?: string;
  /** When the task started, as ISO 8601: before that there was no such record. */
  readonly started?: string;
}

/**
 * What became of one change at one registry: a line of the log, and the detail of an event. Its
 * JSON is at most MAX_RECORD bytes long: long texts are cut, with `…` at the end. Ids, ARNs and
 * times are whole, or `…` alone. Fields are only ever added while `rollcall` is 1.
 */
export interface OutcomeRecord {
  readonly rollcall: 1;
  readonly kind: 'outcome';
  /** ISO 8601, UTC. */
  readonly time: string;
  /** As on other lines; `FATAL` where Lambda was told to keep back what matters less. */
  readonly level: string;
  /** Only beside `FATAL`: the time, under the name by which Lambda knows it. */
  readonly timestamp?: string;
  /** What and status, as `upsert done`. */
  readonly message: string;
  /** Of the invocation: one round, one batch of events or one command. */
  readonly requestId?: string;
  readonly registry: RegistryName;
  /** What led to it: `event`, `look`, `reconcile`, `renew` or `operate`. */
  readonly path: string;
  readonly what: 'upsert' | 'health' | 'remove';
  readonly status: Exclude<ChangeResult['status'], 'unchanged'>;
  /** The record's name, as the registry carries it, and its id. */
  readonly service: string;
  readonly id: string;
  /**
   * `service` in lower case, and that of `before` where it is another: the log tells cases apart.
   */
  readonly name: string;
  readonly formerName?: string;
  /** ARNs. */
  readonly cluster?: string;
  readonly task?: string;
  /** Why the change was to be made. */
  readonly why: string;
  /** Why it failed. */
  readonly reason?: string;
  /** What Cloud Map is still doing. */
  readonly operation?: string;
  /** What was there; null: nothing was; absent: nobody read it. */
  readonly before?: RecordState | null;
  /** What was to be there; absent of a removal. */
  readonly after?: RecordState;
  /** Of the ECS event: its id, the task's version, milliseconds since 1970. */
  readonly eventId?: string;
  readonly version?: number;
  readonly eventTime?: number;
  /** Milliseconds from ECS's event to this outcome. */
  readonly eventAge?: number;
}

/** Bytes of UTF-8. */
export const MAX_RECORD = 1_500;

export const hasFailed = ({ status }: Pick<OutcomeRecord, 'status'>): boolean =>
  status === 'retry' || status === 'refused';

/** As the local run draws it: the sign of the change, or `!` where it failed. */
export const outcomeSign = (record: Pick<OutcomeRecord, 'what' | 'status' | 'before'>) =>
  hasFailed(record) ? '!' : signOf(record.what, record.before);

/** Why it was done, or why it failed, with the status where that is neither done nor failed. */
export const whyOf = (record: Pick<OutcomeRecord, 'status' | 'why' | 'reason'>): string => {
  const { status, why, reason } = record;
  if (hasFailed(record)) return `${status}: ${reason ?? ''}`;
  return status === 'done' ? why : `${why} (${status})`;
};
