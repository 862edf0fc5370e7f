import { SKIPS, type Skip, skipText } from '../../model/plan.ts';
import type { Registration, Target } from '../../model/registration.ts';
import { table } from '../../plan/table.ts';
import { type Answer, toAnswer } from './answer.ts';
import { type Row, recordOf } from './compare.ts';

export interface Parity {
  readonly profile: string;
  readonly rows: readonly Row[];
  readonly skips: readonly Skip[];
  /** Tasks that could not be derived, with the reason. */
  readonly unread: readonly string[];
}

/**
 * Parity as people and programs read it. The answer is whole when `missing`, `different` and
 * `unread` are empty.
 */
export const toParityAnswer = ({ profile, rows, skips, unread }: Parity): Answer => {
  const counts = count(rows);
  const head = Object.entries(counts).map(([kind, number]) => `${number} ${kind}`);
  // What is nothing to us is nothing to Registrator either.
  const telling = counts.missing > 0 ? skips.filter(({ code }) => !SKIPS[code]?.isNothing) : [];
  const lines = [
    `${head.join(', ')} (profile ${profile})`,
    ...(rows.length > 0 ? table([HEAD, ...rows.map(toCells)]) : []),
    ...telling.map(skipText),
    ...unread,
  ];
  return toAnswer([lines], { profile, counts, rows: rows.map(toJson), skips, unread });
};

const count = (rows: readonly Row[]) => {
  const of = (kind: Row['kind']) => rows.filter((row) => row.kind === kind).length;
  const [missing, different, added] = [of('missing'), of('different'), of('added')];
  return { missing, different, added, same: of('same'), other: of('other') };
};

const HEAD = ['', 'service', 'in Consul', 'by Rollcall', ''];

const toCells = (row: Row): readonly string[] => [
  row.kind,
  recordOf(row).service,
  'held' in row ? placeOf(row.held) : '-',
  'desired' in row ? placeOf(row.desired) : '-',
  noteOn(row),
];

const placeOf = ({ address, port, protocol }: Target | Registration) =>
  `${address}:${port}/${protocol}`;

/** What differs, or under which id the record stands that Rollcall would not write. */
const noteOn = (row: Row): string => {
  if ('differs' in row)
    return row.differs
      .map(({ field }) => (field === 'name' ? `name (${row.desired.service})` : field))
      .join(', ');
  return 'held' in row ? row.held.id : '';
};

const toJson = (row: Row) => ({
  kind: row.kind,
  ...('held' in row && { held: toPlace(row.held) }),
  ...('desired' in row && { desired: { ...toPlace(row.desired), cluster: row.desired.cluster } }),
  ...('differs' in row && { differs: row.differs }),
});

const toPlace = ({ service, id, address, port, protocol }: Target | Registration) => ({
  service,
  id,
  address,
  port,
  protocol,
});
