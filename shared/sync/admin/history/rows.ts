import {
  type OutcomeRecord,
  outcomeSign,
  type RecordState,
  whyOf,
} from '../../../model/outcome-record.ts';

/** Outcomes in cells: what `outcomeRow` gives, by name. */
export const OUTCOME_HEAD = [
  'time',
  '',
  'registry',
  'service',
  'address',
  'health',
  'by',
  'id',
  'why',
] as const;

export const outcomeRow = (record: OutcomeRecord): readonly string[] => {
  const { time, registry, service, id, before, after, path, eventAge } = record;
  return [
    time,
    outcomeSign(record),
    registry,
    service,
    placeOf(after ?? before) ?? '',
    after?.health ?? '',
    eventAge === undefined ? path : `${path} +${(eventAge / 1_000).toFixed(1)} s`,
    id,
    whyOf(record),
  ];
};

/** `undefined` where nothing is held, or it is not known what. */
export const placeOf = (state: RecordState | null | undefined): string | undefined =>
  state ? `${state.address}:${state.port}` : undefined;
