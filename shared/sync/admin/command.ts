import * as v from 'valibot';
import type { ReconcileContext } from '../context.ts';
import type { Answer } from './answer.ts';
import { explain } from './explain.ts';
import { type ParityContext, parity } from './parity.ts';
import { plan } from './plan.ts';
import { purge } from './purge.ts';
import { release } from './release.ts';

const cluster = v.optional(
  v.pipe(v.string(), v.nonEmpty('Expected a name, a glob or an ARN but received ""')),
);
const commands = v.variant('command', [
  v.strictObject({ command: v.literal('plan'), cluster }),
  v.strictObject({
    command: v.literal('explain'),
    cluster,
    task: v.optional(v.string()),
    service: v.optional(v.string()),
  }),
  v.strictObject({ command: v.literal('parity'), cluster, service: v.optional(v.string()) }),
  v.strictObject({ command: v.literal('release'), plan: v.string() }),
  v.strictObject({
    command: v.literal('purge'),
    cluster,
    registry: v.optional(v.string()),
    dryRun: v.optional(v.boolean(), false),
  }),
]);
export type Command = v.InferOutput<typeof commands>;

/**
 * Names the field, what was expected and what came. Unknown keys are refused: a mistyped `dryRun`
 * must not purge.
 */
export class InvalidCommand extends Error {
  override readonly name = 'InvalidCommand';
}

export const parseCommand = (input: unknown): Command => {
  const result = v.safeParse(commands, input);
  if (result.success) return result.output;
  const faults = result.issues.map(
    (issue) =>
      `${v.getDotPath(issue) ?? 'command'}: ${issue.expected === 'never' ? 'unknown key' : issue.message}`,
  );
  throw new InvalidCommand(faults.join('; '));
};

type CommandContext = ReconcileContext & ParityContext;

/**
 * What an operator asks by hand. Only `purge` writes to registries, and `release` to its parameter.
 */
export const runCommand = (
  input: unknown,
  context: CommandContext,
  signal: AbortSignal,
): Promise<Answer> => {
  const command = parseCommand(input);
  switch (command.command) {
    case 'plan':
      return plan(command, context, signal);
    case 'explain':
      return explain(command, context, signal);
    case 'parity':
      return parity(command, context, signal);
    case 'release':
      return release(command, context, signal);
    case 'purge':
      return purge(command, context, signal);
  }
};
