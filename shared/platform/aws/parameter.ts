import * as v from 'valibot';
import { GetParameterCommand, type SSMClient } from './ssm.ts';

type Ssm = Pick<SSMClient, 'send'>;

/** As the stack makes a parameter: nothing was written yet. */
const NEW = '{}';

/**
 * What a parameter holds, checked: whoever may write it can write anything. Rejects where it is not
 * as expected.
 */
export const readParameter = async <T>(
  ssm: Ssm,
  { name, schema }: { readonly name: string; readonly schema: v.GenericSchema<unknown, T> },
  signal: AbortSignal,
): Promise<T> => parseParameter(schema, await textOf(ssm, name, signal), name);

/**
 * The same, but nothing where there is no such parameter, where it is not named, and where nobody
 * wrote it yet.
 */
export const findParameter = async <T>(
  ssm: Ssm,
  {
    name,
    schema,
  }: { readonly name: string | undefined; readonly schema: v.GenericSchema<unknown, T> },
  signal: AbortSignal,
): Promise<T | undefined> => {
  if (!name) return undefined;
  const text = await textOf(ssm, name, signal).catch((error: Error) => {
    if (error.name === 'ParameterNotFound') return NEW;
    throw error;
  });
  return text === NEW ? undefined : parseParameter(schema, text, name);
};

const textOf = async (ssm: Ssm, Name: string, signal: AbortSignal): Promise<string> => {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name }), { abortSignal: signal });
  return Parameter?.Value ?? '';
};

/**
 * The text that is read back as this value. SSM takes two braces in a row in a value for the name
 * of another parameter, and refuses it; labels and reasons bring them. Outside of its texts JSON
 * has none, and in a text `\u007b` is a brace.
 */
export const parameterText = (value: object): string =>
  JSON.stringify(value).replace(/\{(?=\{)/g, '\\u007b');

/** Throws with what was expected and what came; the beginning of it, since it may be anything. */
export const parseParameter = <T>(
  schema: v.GenericSchema<unknown, T>,
  text: string,
  name: string,
): T => {
  const result = v.safeParse(schema, parseJson(text, name));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const at = ['parameter', name, ...(issue.path ?? []).map(({ key }) => key)].join(' ');
  throw new Error(`${at}: ${issue.message}`.slice(0, LONGEST_FAULT));
};

const LONGEST_FAULT = 300;

const parseJson = (text: string, name: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`parameter ${name}: expected JSON, got ${JSON.stringify(text.slice(0, 60))}`, {
      cause,
    });
  }
};
