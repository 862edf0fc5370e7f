import { TIMEOUTS } from '../platform/aws/clients.ts';
import { findParameter, parameterText, readParameter } from '../platform/aws/parameter.ts';
import { PutParameterCommand, SSMClient } from '../platform/aws/ssm.ts';
import { summaryReader } from '../source/summary.ts';
import type { Board } from './board.ts';
import { releaseNote, removalsNote } from './notes.ts';

interface Names {
  readonly summaryParameter?: string;
  readonly releaseParameter?: string;
  readonly removalsParameter?: string;
}

/**
 * The board in three SSM parameters. Summary and release may be missing, and then are nothing; what was removed may
 * not, since nothing removed and nothing known are not the same.
 */
export const ssmBoard = (names: Names, ssm: Pick<SSMClient, 'send'> = new SSMClient(TIMEOUTS)): Board => {
  const write = async (Name: string | undefined, value: object, signal: AbortSignal) => {
    if (!Name) return;
    const command = new PutParameterCommand({
      Name,
      Value: parameterText(value),
      Overwrite: true,
      Type: 'String',
    });
    await ssm.send(command, { abortSignal: signal });
  };
  const removals = () => {
    if (names.removalsParameter) return names.removalsParameter;
    throw new Error('ROLLCALL_REMOVALS_PARAMETER: expected a value, got ""');
  };
  const release = { name: names.releaseParameter, schema: releaseNote };
  return {
    summary: summaryReader(names.summaryParameter, ssm),
    post: (summary, signal) => write(names.summaryParameter, summary, signal),
    release: (signal) => findParameter(ssm, release, signal),
    grant: (granted, signal) => write(names.releaseParameter, granted, signal),
    removals: async (signal) => readParameter(ssm, { name: removals(), schema: removalsNote }, signal),
    keepRemovals: async (kept, signal) => write(removals(), kept, signal),
  };
};
