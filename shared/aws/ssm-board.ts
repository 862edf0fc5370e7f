import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Board, Release, Summary } from '../sync/board.ts';
import { TIMEOUTS } from './clients.ts';

interface Names {
  readonly summaryParameter?: string;
  readonly releaseParameter?: string;
}

/** The board in two SSM parameters. A name that is not given means: nothing kept, nothing found. */
export const ssmBoard = (names: Names, ssm: Pick<SSMClient, 'send'> = new SSMClient(TIMEOUTS)): Board => {
  const read = async <T>(Name: string | undefined, signal: AbortSignal): Promise<T | undefined> => {
    if (!Name) return undefined;
    try {
      const answer = await ssm.send(new GetParameterCommand({ Name }), { abortSignal: signal });
      const json: unknown = JSON.parse(answer.Parameter?.Value ?? '{}');
      // The stack makes the parameters as `{}`.
      return typeof json === 'object' && json !== null && Object.keys(json).length > 0
        ? (json as T)
        : undefined;
    } catch (error) {
      if ((error as Error).name === 'ParameterNotFound') return undefined;
      throw error;
    }
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
