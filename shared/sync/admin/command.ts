import * as v from 'valibot';
import { REGISTRY_NAMES } from '../../model/registration.ts';
import { printable } from '../../model/text.ts';
import type { SyncContext } from '../context.ts';

const cluster = v.optional(
  v.pipe(v.string(), v.nonEmpty('Expected a name, a glob or an ARN but received ""')),
);
const isName = (text: string) => /^.{1,100}$/u.test(text) && printable(text) === text;

/** Who asks, in their own words: Lambda tells nobody who invoked a function. */
const by = v.optional(
  v.pipe(
    v.string(),
    v.check(
      isName,
      (issue) => `Expected 1 to 100 visible characters but received ${issue.received}`,
    ),
  ),
);

const COMMANDS = {
  inspect: v.variant('command', [
    v.strictObject({ command: v.literal('plan'), by, cluster }),
    v.strictObject({
      command: v.literal('explain'),
      by,
      cluster,
      task: v.optional(v.string()),
      service: v.optional(v.string()),
    }),
    v.strictObject({
      command: v.literal('parity'),
      by,
      cluster,
      service: v.optional(v.string()),
    }),
    v.strictObject({
      command: v.literal('history'),
      by,
      task: v.optional(v.pipe(v.string(), v.nonEmpty('Expected an id or an ARN but received ""'))),
      service: v.optional(v.pipe(v.string(), v.nonEmpty('Expected a name but received ""'))),
      registry: v.optional(v.picklist(REGISTRY_NAMES)),
      since: v.optional(v.string()),
      until: v.optional(v.string()),
      at: v.optional(v.string()),
    }),
  ]),
  operate: v.variant('command', [
    v.strictObject({ command: v.literal('release'), by, plan: v.string() }),
    v.strictObject({
      command: v.literal('purge'),
      by,
      cluster,
      registry: v.optional(v.string()),
      dryRun: v.optional(v.boolean(), false),
    }),
  ]),
} as const;
type Function = keyof typeof COMMANDS;
export type Command<F extends Function> = v.InferOutput<(typeof COMMANDS)[F]>;

/**
 * Nothing was done: the command itself is wrong. Callers know it by its name, Lambda's `errorType`.
 * Names the field, what was expected and what came. Unknown keys are refused: a mistyped `dryRun`
 * must not purge.
 */
export class InvalidCommand extends Error {
  override readonly name = 'InvalidCommand';
}

/** Of `cluster`, where none in scope is meant: of one that was named, or of any. */
export const noClusterMeant = (known: readonly string[], named: string | undefined): Error => {
  const message = `cluster: expected one in scope (${known.join(', ') || 'none'}), got ${named ?? 'none'}`;
  return named === undefined ? new Error(message) : new InvalidCommand(message);
};

/** A command of the function `own`; one of the other's is refused with that function's name. */
export const parseCommand = <F extends Function>(own: F, input: unknown): Command<F> => {
  const result = v.safeParse(COMMANDS[own], input);
  if (result.success) return result.output;
  const said: unknown = Object(input).command;
  const other = own === 'inspect' ? 'operate' : 'inspect';
  if (commandsOf(other).some((one) => one === said))
    throw new InvalidCommand(
      `command: expected one of ${commandsOf(own).join(', ')}, got ${said}, which the function ${other} takes`,
    );
  const faults = result.issues.map(
    (issue) =>
      `${v.getDotPath(issue) ?? 'command'}: ${issue.expected === 'never' ? 'unknown key' : issue.message}`,
  );
  throw new InvalidCommand(faults.join('; '));
};

const commandsOf = (name: Function): readonly string[] =>
  COMMANDS[name].options.map(({ entries }) => entries.command.literal);

/** Who asked for what, in one line. Nobody has checked the name. */
export const logCommand = <F extends Function>(
  path: F,
  { by, ...command }: Command<F>,
  { telemetry }: Pick<SyncContext, 'telemetry'>,
): void =>
  telemetry.note(
    `asked to ${command.command}`,
    { path },
    {
      command,
      ...(by !== undefined && { unverifiedBy: by }),
    },
  );
