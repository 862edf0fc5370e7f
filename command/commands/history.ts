import { hasFailed, type OutcomeRecord } from '../../shared/model/outcome-record.ts';
import { counted } from '../../shared/model/text.ts';
import { OUTCOME_HEAD, outcomeRow, placeOf } from '../../shared/sync/admin/history/rows.ts';
import type { RecordThen } from '../../shared/sync/admin/history/state-at.ts';
import { parseWhen, WHEN } from '../../shared/sync/admin/history/when.ts';
import { ask } from '../ask.ts';
import { type Block, type Table, withoutSame } from '../blocks.ts';
import type { CommandInput, Run } from '../command.ts';
import { wrongUse } from '../exit.ts';
import type { Io } from '../io.ts';
import { subjectOf } from '../subject.ts';

/** As the function `inspect` answers it. */
export interface Told {
  readonly from: string;
  readonly to: string;
  readonly isWhole: boolean;
  readonly outcomes: readonly OutcomeRecord[];
  /** What reads what this answer lacks. */
  readonly next?: { readonly since: string; readonly until: string };
}

/** As it answers with `at`. */
export interface ToldThen {
  readonly at: string;
  readonly records: readonly RecordThen[];
  readonly unknown: readonly RecordThen[];
  readonly notes: readonly string[];
}

export const run: Run = async (input, tools) => {
  const [subject = ''] = input.args;
  const command = { command: 'history', ...subjectOf(subject), ...optionsOf(input) };
  for (const name of ['since', 'until', 'at'] as const) {
    const given = command[name];
    if (given !== undefined && parseWhen(given, tools.io.now()) === undefined)
      throw wrongUse(`--${name}: expected ${WHEN}, got ${given}`);
  }
  if (command.at !== undefined) {
    const then = await ask<ToldThen>('inspect', command, tools);
    const found = then.unknown.length + then.notes.length > 0;
    return { blocks: thenBlocks(subject, then, tools.io), json: then, found };
  }
  const told = await ask<Told>('inspect', command, tools);
  const found = !told.isWhole || told.outcomes.some(hasFailed);
  return { blocks: toldBlocks(input, told, tools.io), json: told, found };
};

const NAMES = ['since', 'until', 'at', 'registry'] as const;

const optionsOf = ({ value }: CommandInput): Partial<Record<(typeof NAMES)[number], string>> =>
  Object.fromEntries(NAMES.map((name) => [name, value(name)]));

const toldBlocks = (
  input: CommandInput,
  { from, to, outcomes, next }: Told,
  { columns }: Io,
): Block[] => [
  [`${input.args[0]}: ${counted(outcomes.length, 'outcome')} from ${from} to ${to}`],
  ...(columns === undefined
    ? [{ head: OUTCOME_HEAD, rows: outcomes.map(outcomeRow) }]
    : fitting({
        head: ['UTC', '', 'registry', 'service', 'address', 'health', 'id', 'why'],
        rows: shortRows(outcomes, from.slice(0, DAY) === to.slice(0, DAY)),
      })),
  next === undefined ? [] : ['What is older was not read. To go on, run:', goOn(input, next)],
];

/** Of an ISO 8601 time. */
const DAY = 'yyyy-mm-dd'.length;
const SECONDS = 'yyyy-mm-ddThh:mm:ss'.length;

/** For a terminal: times to the second, ids as far as people tell them apart. */
const shortRows = (outcomes: readonly OutcomeRecord[], isOneDay: boolean) =>
  outcomes.map((outcome) => {
    const [time = '', sign = '', registry = '', service = '', address = '', health = '', ...rest] =
      outcomeRow(outcome);
    const [by = '', id = '', why = ''] = rest;
    const clock = time.slice(isOneDay ? DAY + 1 : 'yyyy-'.length, SECONDS).replace('T', ' ');
    return [clock, sign, registry, service, address, health, shortId(id), `${by}: ${why}`];
  });

/** Of a task's id its beginning; the port behind it stays, and the hash behind that goes. */
const shortId = (id: string) => id.replace(/^([0-9a-f]{8})[0-9a-f-]{24,28}-(\d+)-\w+$/, '$1…-$2');

/** A table for a terminal, without the columns that say nothing of single rows. */
const fitting = (table: Table): Block[] => {
  const { table: rest, same } = withoutSame({ ...table, isLastBelow: true });
  return [...(same === '' ? [] : [[`each: ${same}`]]), rest];
};

const goOn = ({ args, value }: CommandInput, { since, until }: NonNullable<Told['next']>) => {
  const registry = value('registry');
  const only = registry === undefined ? '' : ` --registry ${registry}`;
  return `  rollcall history ${args[0]} --since ${since} --until ${until}${only}`;
};

const thenBlocks = (
  subject: string,
  { at, records, unknown, notes }: ToldThen,
  { columns }: Io,
): Block[] => {
  const table = {
    head: ['registry', 'service', 'address', 'health', 'zone', 'revision', 'id', 'why'],
    rows: [...records, ...unknown].map(({ registry, service, id, state, why }) => [
      registry,
      service,
      placeOf(state) ?? 'unknown',
      state?.health ?? '',
      state?.zone ?? '',
      state?.revision ?? '',
      columns === undefined ? id : shortId(id),
      why ?? '',
    ]),
  };
  return [
    [`${subject} at ${at}: ${counted(records.length, 'record')}, ${unknown.length} unknown`],
    ...(columns === undefined ? [table] : fitting(table)),
    notes,
  ];
};
