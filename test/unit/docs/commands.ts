import { parseCommand } from '../../../shared/sync/admin/command.ts';

/** A command as the one function reads it that takes it; throws what that function would say. */
export const taken = (command: { readonly command?: unknown }) =>
  parseCommand(
    ['release', 'purge'].includes(String(command.command)) ? 'operate' : 'inspect',
    command,
  );
