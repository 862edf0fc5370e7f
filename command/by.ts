import { userInfo } from 'node:os';
import type { CommandInput } from './command.ts';

/**
 * Who asks, for the functions' log, which says that nobody has checked it. Undefined where the
 * machine knows no user.
 */
export const whoAsks = (input: CommandInput): string | undefined => {
  const given = input.value('by');
  if (given !== undefined) return given;
  try {
    return userInfo().username || undefined;
  } catch {
    return undefined;
  }
};
