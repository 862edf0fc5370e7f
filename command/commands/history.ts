import type { OutcomeRecord, RecordState } from '../../shared/model/outcome-record.ts';
import { ask } from '../ask.ts';
import type { Block } from '../blocks.ts';
import type { CommandInput, Run } from '../command.ts';
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
  readonly records: readonly Then[];
  readonly unknown: readonly Then[];
  readonly notes: readonly string[];
}

interface Then {
  readonly registry: string;
  readonly service: string;
  readonly id: string;
  readonly state?: RecordState;
  readonly why?: string;
}

export const run: Run = async (input, tools) => {
  const [subject = ''] = input.args;
  const command = { command: 'history', ...subjectOf(subject), ...optionsOf(input) };
  if (command.at !== undefined) {
    const then = await ask<ToldThen>('inspect', command, tools);
    const found = then.unknown.length + then.notes.length > 0;
    return { blocks: thenBlocks(subject, then), json: then, found };
  }
  const told = await ask<Told>('inspect', command, tools);
  const found = !told.isWhole || told.outcomes.some(isFailed);
  return { blocks: toldBlocks(input, told), json: told, found };
};

const NAMES = ['since', 'until', 'at', 'registry'] as const;

const optionsOf = ({ value }: CommandInput): Partial<Record<(typeof NAMES)[number], string>> =>
  Object.fromEntries(NAMES.map((name) => [name, value(name)]));

const isFailed = ({ status }: OutcomeRecord) => status === 'retry' || status === 'refused';

const toldBlocks = (input: CommandInput, { from, to, outcomes, next }: Told): Block[] => [
  [`${input.args[0]}: ${outcomes.length} outcomes from ${from} to ${to}`],
  {
    head: ['time', '', 'registry', 'service', 'address', 'health', 'by', 'id', 'why'],
    rows: outcomes.map(rowOf),
  },
  next === undefined ? [] : ['What is older was not read. To go on, run:', goOn(input, next)],
];

const goOn = ({ args, value }: CommandInput, { since, until }: NonNullable<Told['next']>) => {
  const registry = value('registry');
  const only = registry === undefined ? '' : ` --registry ${registry}`;
  return `  rollcall history ${args[0]} --since ${since} --until ${until}${only}`;
};

const SIGNS = { upsert: '+', health: '~', remove: '-' } as const;

const rowOf = (record: OutcomeRecord): readonly string[] => {
  const { time, what, status, registry, service, id, before, after, path, eventAge } = record;
  const changed = what === 'upsert' && before ? '~' : SIGNS[what];
  const state = after ?? before;
  return [
    time,
    isFailed(record) ? '!' : changed,
    registry,
    service,
    placeOf(state),
    after?.health ?? '',
    eventAge === undefined ? path : `${path} +${(eventAge / 1_000).toFixed(1)} s`,
    id,
    whyOf(record, status),
  ];
};

const whyOf = (record: OutcomeRecord, status: OutcomeRecord['status']) => {
  if (isFailed(record)) return `${status}: ${record.reason ?? ''}`;
  return status === 'done' ? record.why : `${record.why} (${status})`;
};

const placeOf = (state: RecordState | null | undefined) =>
  state ? `${state.address}:${state.port}` : '';

const thenBlocks = (subject: string, { at, records, unknown, notes }: ToldThen): Block[] => [
  [`${subject} at ${at}: ${records.length} records, ${unknown.length} unknown`],
  {
    head: ['registry', 'service', 'address', 'health', 'zone', 'revision', 'id', 'why'],
    rows: [...records, ...unknown].map(({ registry, service, id, state, why }) => [
      registry,
      service,
      placeOf(state) || 'unknown',
      state?.health ?? '',
      state?.zone ?? '',
      state?.revision ?? '',
      id,
      why ?? '',
    ]),
  },
  notes,
];
