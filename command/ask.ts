import type { Answer } from '../shared/sync/admin/answer.ts';
import type { Tools } from './command.ts';

/**
 * What the function `inspect` or `operate` answers to a command of its own, in its JSON. Members
 * without a value are left out: the function refuses what it does not know.
 */
export const ask = async <T>(
  name: 'inspect' | 'operate',
  command: Readonly<Record<string, unknown>>,
  { connect, io }: Tools,
): Promise<T> => {
  const target = await connect();
  const given = Object.entries(command).filter(([, value]) => value !== undefined);
  const answer = await target.invoke(name, Object.fromEntries(given), io.signal);
  // The command and the functions are of one version, or of neighbouring ones.
  return (answer as Answer).json as T;
};
