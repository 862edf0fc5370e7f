import type { ReconcileContext, SyncContext } from '../context.ts';
import type { Answer } from './answer.ts';
import { logCommand, parseCommand } from './command.ts';
import { purge } from './purge.ts';
import { release } from './release.ts';

/** What an operator has done by hand: `purge` writes to registries, `release` to its parameter. */
export const operate = async (
  input: unknown,
  context: SyncContext & Pick<ReconcileContext, 'store'>,
  signal: AbortSignal,
): Promise<Answer> => {
  const command = parseCommand('operate', input);
  logCommand('operate', command, context);
  switch (command.command) {
    case 'release':
      return release(command, context, signal);
    case 'purge':
      return purge(command, context, signal);
  }
};
