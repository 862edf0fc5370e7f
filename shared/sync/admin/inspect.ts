import type { ReconcileContext } from '../context.ts';
import type { Answer } from './answer.ts';
import { logCommand, parseCommand } from './command.ts';
import { explain } from './explain.ts';
import type { HistoryContext } from './history/history.ts';
import { type ParityContext, parity } from './parity.ts';
import { plan } from './plan.ts';

/** What an operator asks by hand. Nothing is written, neither to a registry nor to a parameter. */
export const inspect = async (
  input: unknown,
  context: ReconcileContext & ParityContext & HistoryContext,
  signal: AbortSignal,
): Promise<Answer> => {
  const command = parseCommand('inspect', input);
  logCommand('inspect', command, context);
  switch (command.command) {
    case 'plan':
      return plan(command, context, signal);
    case 'explain':
      return explain(command, context, signal);
    case 'parity':
      return parity(command, context, signal);
    case 'history': {
      const { history } = await import('./history/history.ts');
      return history(command, context, signal);
    }
  }
};
