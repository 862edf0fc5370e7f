import type { GenericSchema } from 'valibot';
import { parseNote, summaryNote } from '../sync/summary-note.ts';
import { TIMEOUTS } from './clients.ts';
import { GetParameterCommand, SSMClient } from './ssm.ts';

type Ssm = Pick<SSMClient, 'send'>;

/** As the stack makes a parameter: nothing was written yet. */
const NEW = '{}';

/** What a parameter holds, checked: whoever may write it can write anything. Rejects where it is not as expected. */
export const readParameter = async <T>(
  ssm: Ssm,
  { name, schema }: { readonly name: string; readonly schema: GenericSchema<unknown, T> },
  signal: AbortSignal,
): Promise<T> => parseNote(schema, await textOf(ssm, name, signal), name);

/** The same, but nothing where there is no such parameter, where it is not named, and where nobody wrote it yet. */
export const findParameter = async <T>(
  ssm: Ssm,
  { name, schema }: { readonly name: string | undefined; readonly schema: GenericSchema<unknown, T> },
  signal: AbortSignal,
): Promise<T | undefined> => {
  if (!name) return undefined;
  const text = await textOf(ssm, name, signal).catch((error: Error) => {
    if (error.name === 'ParameterNotFound') return NEW;
    throw error;
  });
  return text === NEW ? undefined : parseNote(schema, text, name);
};

/** Reads the last summary, for whoever needs nothing else of the board. */
export const summaryReader = (name: string | undefined, ssm: Ssm = new SSMClient(TIMEOUTS)) => {
  const wanted = { name, schema: summaryNote };
  return (signal: AbortSignal) => findParameter(ssm, wanted, signal);
};

const textOf = async (ssm: Ssm, Name: string, signal: AbortSignal): Promise<string> => {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name }), { abortSignal: signal });
  return Parameter?.Value ?? '';
};
