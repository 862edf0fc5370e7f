import { MAX_RECORD, type OutcomeRecord, type RecordState } from '../../../model/outcome-record.ts';
import { KEY, type RegistryName, type Target } from '../../../model/registration.ts';
import { counted } from '../../../model/text.ts';
import { table } from '../../../plan/table.ts';
import type { LogReader } from '../../../platform/aws/log-reader.ts';
import { errorText } from '../../../platform/error-text.ts';
import type { Directory } from '../../../registries/registry.ts';
import type { SyncContext } from '../../context.ts';
import { type Answer, toAnswer } from '../answer.ts';
import { InvalidCommand } from '../command.ts';
import { FIRST_MS, type Part, readBackwards } from './read-log.ts';
import { outcomeRow, placeOf } from './rows.ts';
import { type Evidence, type HeldNow, type RecordThen, stateAt } from './state-at.ts';
import { parseWhen, WHEN } from './when.ts';

export interface HistoryCommand {
  readonly service?: string | undefined;
  /** Id or ARN. */
  readonly task?: string | undefined;
  readonly registry?: RegistryName | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly at?: string | undefined;
}

export interface HistoryContext extends Pick<SyncContext, 'config' | 'now' | 'sleep'> {
  /** Absent where no log group is known. */
  readonly log?: LogReader;
  /** The registries as clients read them; loaded when first asked for. */
  readonly directories?: () => Promise<readonly Directory[]>;
}

/** What became of a service's or a task's records, or with `at` what there was at a time. */
export const history = async (
  command: HistoryCommand,
  context: HistoryContext,
  signal: AbortSignal,
): Promise<Answer> => {
  const { log } = context;
  if (!log) throw new Error('history: expected ROLLCALL_LOG_GROUP, which the stack sets, got none');
  if ((command.task === undefined) === (command.service === undefined))
    throw new InvalidCommand('history: expected either service or task (id or ARN)');
  const ask = { command, context: { ...context, log }, signal };
  return command.at === undefined ? listOutcomes(ask) : lookBack(ask, command.at);
};

interface Ask {
  readonly command: HistoryCommand;
  readonly context: HistoryContext & { readonly log: LogReader };
  readonly signal: AbortSignal;
}

const timeOf = (name: string, text: string, now: number): number => {
  const parsed = parseWhen(text, now);
  if (parsed !== undefined && parsed <= now) return parsed;
  const got = parsed === undefined ? text : `${text}, which is yet to come`;
  throw new InvalidCommand(`${name}: expected ${WHEN}, got ${got}`);
};

/** An answer of Lambda's may have 6 MB; this many records, and their text, have less than 4. */
const MAX_TOLD = Math.floor(2_000_000 / MAX_RECORD);

const listOutcomes = async ({ command, context, signal }: Ask): Promise<Answer> => {
  const now = context.now();
  const from = timeOf('since', command.since ?? '1h', now);
  const to = command.until === undefined ? now + 1 : timeOf('until', command.until, now);
  if (from >= to)
    throw new InvalidCommand(`since: expected a time before until, got ${toIso(from)}`);
  const found: OutcomeRecord[] = [];
  let reached = to;
  for await (const part of partsOf({ command, context, signal }, { from, to })) {
    found.unshift(...inOrder(part.records));
    reached = part.from;
    if (found.length > MAX_TOLD) break;
  }
  const outcomes = found.slice(-MAX_TOLD);
  if (outcomes.length < found.length) reached = Date.parse(outcomes[0]?.time ?? '');
  const isWhole = reached <= from;
  const next = isWhole ? undefined : goOn(command, { from, to, reached });
  const about = `${subjectOf(command)}: ${counted(outcomes.length, 'outcome')} from ${toIso(reached)} to ${toIso(to)}`;
  const stopped = next === undefined ? [] : [[sayStopped(reached, to), JSON.stringify(next)]];
  const rows = outcomes.length > 0 ? table(outcomes.map(outcomeRow)) : [];
  return toAnswer([[about, ...rows], ...stopped], {
    ...pick(command),
    from: toIso(reached),
    to: toIso(to),
    isWhole,
    outcomes,
    ...(next && { next }),
  });
};

const sayStopped = (reached: number, to: number) =>
  reached === to
    ? 'Nothing was read: even the newest part of the log is more than ten seconds of calls show. Ask for less:'
    : `What is older than ${toIso(reached)} was not read. To go on:`;

/** The command that reads what this one did not. */
const goOn = (
  command: HistoryCommand,
  { from, to, reached }: { readonly from: number; readonly to: number; readonly reached: number },
) => ({
  command: 'history',
  ...pick(command),
  since: toIso(reached === to ? to - Math.min(to - from, FIRST_MS) / 6 : from),
  until: toIso(Math.min(reached, to)),
});

/** How far before the time itself is looked for what nobody read since: a day. */
const LOOK_BACK_MS = 86_400_000;

const lookBack = async ({ command, context, signal }: Ask, text: string): Promise<Answer> => {
  const { service } = command;
  if (service === undefined) throw new InvalidCommand('at: expected it beside service, got task');
  const now = context.now();
  const at = timeOf('at', text, now);
  const today = await readToday(service, command.registry, context, signal);
  let evidence: Evidence = { ...today, records: [], from: now + 1 };
  let then = stateAt(at, evidence);
  const span = { from: at - LOOK_BACK_MS, to: now + 1 };
  for await (const { from, records } of partsOf({ command, context, signal }, span)) {
    evidence = { ...evidence, from, records: [...evidence.records, ...records] };
    then = stateAt(at, evidence);
    if (from <= at && then.every(({ state }) => state !== undefined)) break;
  }
  const named = then.filter((one) => isNamed(one.service, service));
  const held = named.filter(({ state }) => state);
  const unknown = named.filter(({ state }) => state === undefined);
  const notes = [
    ...today.faults,
    ...(evidence.from > at ? [`the log was read back to ${toIso(evidence.from)} only`] : []),
  ];
  const rows = [...held, ...unknown].map(rowOfThen);
  const about = `${service} at ${toIso(at)}: ${counted(held.length, 'record')}${unknown.length > 0 ? `, ${unknown.length} unknown` : ''}`;
  return toAnswer(
    [[about, ...(rows.length > 0 ? table(rows) : [])], ...notes.map((one) => [one])],
    {
      ...pick(command),
      at: toIso(at),
      records: held,
      unknown,
      notes,
    },
  );
};

const readToday = async (
  service: string,
  registry: RegistryName | undefined,
  { directories, config }: HistoryContext,
  signal: AbortSignal,
) => {
  const all = (await directories?.()) ?? [];
  const held: HeldNow[] = [];
  const unread = new Set<RegistryName>();
  const faults: string[] = [];
  await Promise.all(
    all
      .filter(({ name }) => registry === undefined || name === registry)
      .map(async (directory) => {
        const { name } = directory;
        try {
          const targets = (await directory.instances(service, signal)) ?? [];
          held.push(...targets.map((target) => toHeldNow(name, target, config.owner)));
        } catch (error) {
          unread.add(name);
          faults.push(`${name} cannot be read today: ${errorText(error)}`);
        }
      }),
  );
  return { held, unread, faults };
};

const toHeldNow = (registry: RegistryName, target: Target, owner: string): HeldNow => {
  const { id, service, address, port, protocol, healthy, tags, metadata } = target;
  const started = metadata[KEY.started];
  return {
    registry,
    id,
    isOurs: metadata[KEY.owner] === owner,
    state: {
      service,
      address,
      port,
      ...(protocol !== 'tcp' && { protocol }),
      health: healthy ? 'healthy' : 'unhealthy',
      ...(tags.length > 0 && { tags }),
      ...(target.zone !== null && { zone: target.zone }),
      ...(metadata[KEY.revision] !== undefined && { revision: metadata[KEY.revision] }),
      ...(metadata[KEY.deployment] !== undefined && { deployment: metadata[KEY.deployment] }),
      ...(started !== undefined && { started }),
    },
  };
};

/** What is asked of the log; what comes back is looked through once more. */
async function* partsOf(
  { command, context, signal }: Ask,
  span: { readonly from: number; readonly to: number },
): AsyncGenerator<Part> {
  const pace = { read: context.log, now: context.now, sleep: context.sleep };
  const isMeant = matcherOf(command);
  for await (const part of readBackwards({ ...span, pattern: patternOf(command) }, pace, signal))
    yield { ...part, records: part.records.filter(isMeant) };
}

/** Names that stand in a pattern as they are; of any other the whole log of outcomes is read. */
const PLAIN = /^[\w.:/-]{1,400}$/;

/** Of CloudWatch Logs' filters of JSON, which tell upper from lower case. */
export const patternOf = ({ service, task, registry }: HistoryCommand): string => {
  const clauses = ['$.kind = "outcome"'];
  if (registry !== undefined) clauses.push(`$.registry = "${registry}"`);
  const name = service?.toLowerCase();
  if (name !== undefined && PLAIN.test(name))
    clauses.push(`($.name = "${name}" || $.formerName = "${name}")`);
  if (task !== undefined && PLAIN.test(task)) clauses.push(`$.task = "*${task}"`);
  return `{ ${clauses.join(' && ')} }`;
};

const matcherOf =
  ({ service, task, registry }: HistoryCommand) =>
  (record: OutcomeRecord): boolean =>
    (registry === undefined || record.registry === registry) &&
    (task === undefined || record.task === task || record.task?.endsWith(`/${task}`) === true) &&
    (service === undefined ||
      [record.service, record.before?.service].some((name) => isNamed(name, service)));

const isNamed = (name: string | undefined, service: string) =>
  name?.toLowerCase() === service.toLowerCase();

const inOrder = (records: readonly OutcomeRecord[]) =>
  records.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time));

const rowOfThen = ({ registry, service, id, state, why }: RecordThen): readonly string[] => [
  registry,
  service,
  placeOf(state) ?? 'unknown',
  state?.health ?? '',
  describe(state),
  id,
  why ?? '',
];

const describe = (state: RecordState | null | undefined) =>
  [state?.zone, state?.revision === undefined ? undefined : `revision ${state.revision}`]
    .filter((word) => word !== undefined)
    .join(', ');

const toIso = (time: number) => new Date(time).toISOString();

const subjectOf = ({ service, task }: HistoryCommand) => service ?? `task ${task}`;

const pick = ({ service, task, registry }: HistoryCommand) => ({
  ...(service !== undefined && { service }),
  ...(task !== undefined && { task }),
  ...(registry !== undefined && { registry }),
});
