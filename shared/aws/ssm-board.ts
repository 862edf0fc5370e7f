import type { Board, Release, Summary } from '../sync/board.ts';
import { TIMEOUTS } from './clients.ts';
import { GetParameterCommand, PutParameterCommand, SSMClient } from './ssm.ts';

interface Names {
  readonly summaryParameter?: string;
  readonly releaseParameter?: string;
}

/** The board in two SSM parameters. A name that is not given means: nothing kept, nothing found. */
export const ssmBoard = (names: Names, ssm: Pick<SSMClient, 'send'> = new SSMClient(TIMEOUTS)): Board => {
  const read = async <T>(Name: string | undefined, signal: AbortSignal): Promise<T | undefined> => {
    if (!Name) return undefined;
    const text = await ssm.send(new GetParameterCommand({ Name }), { abortSignal: signal }).then(
      ({ Parameter }) => Parameter?.Value ?? '{}',
      (error: Error) => {
        if (error.name === 'ParameterNotFound') return '{}';
        throw error;
      },
    );
    return parseNote<T>(text, Name);
  };
  const write = async (Name: string | undefined, value: object, signal: AbortSignal) => {
    if (!Name) return;
    const command = new PutParameterCommand({
      Name,
      Value: JSON.stringify(value),
      Overwrite: true,
      Type: 'String',
    });
    await ssm.send(command, { abortSignal: signal });
  };
  return {
    summary: (signal) => read<Summary>(names.summaryParameter, signal),
    post: (summary, signal) => write(names.summaryParameter, summary, signal),
    release: (signal) => read<Release>(names.releaseParameter, signal),
    grant: (release, signal) => write(names.releaseParameter, release, signal),
  };
};

/** The stack makes the parameters as `{}`, which is nothing yet. What else they hold only we wrote. */
const parseNote = <T>(text: string, name: string): T | undefined => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error(`parameter ${name}: expected JSON, got ${JSON.stringify(text.slice(0, 60))}`, { cause });
  }
  const isNote = typeof json === 'object' && json !== null && Object.keys(json).length > 0;
  return isNote ? (json as T) : undefined;
};
