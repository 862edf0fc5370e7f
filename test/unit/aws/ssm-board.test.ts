import 'aws-sdk-client-mock-vitest/extend';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { ssmBoard } from '../../../shared/aws/ssm-board.ts';

const live = () => new AbortController().signal;

const setUp = (Value?: string) => {
  const client = new SSMClient({ region: 'eu-west-1' });
  const ssm = mockClient(client);
  ssm.on(GetParameterCommand).resolves({ Parameter: { ...(Value !== undefined && { Value }) } });
  return { ssm, board: ssmBoard({ summaryParameter: '/s', releaseParameter: '/r' }, client) };
};

describe('the board', () => {
  it('gives back what it was given', async () => {
    const { ssm, board } = setUp('{"plan":"ab","until":5}');
    await board.grant({ plan: 'ab', until: 5 }, live());
    expect(ssm).toHaveReceivedCommandWith(PutParameterCommand, {
      Name: '/r',
      Value: '{"plan":"ab","until":5}',
      Overwrite: true,
    });
    expect(await board.release(live())).toEqual({ plan: 'ab', until: 5 });
    expect(ssm).toHaveReceivedCommandWith(GetParameterCommand, { Name: '/r' });
  });

  it.each<[string | undefined, string]>([
    ['{}', 'as the stack makes it'],
    [undefined, 'without a value'],
    ['null', 'of null'],
    ['7', 'of a number'],
  ])('holds nothing where the parameter is %s, %s', async (value, _how) => {
    expect(await setUp(value).board.summary(live())).toBeUndefined();
  });

  it('holds nothing where the parameter is not there', async () => {
    const { ssm, board } = setUp();
    ssm.on(GetParameterCommand).rejects(Object.assign(new Error(), { name: 'ParameterNotFound' }));
    expect(await board.summary(live())).toBeUndefined();
  });

  it('is unreadable, and says which parameter, where somebody wrote other text into it', async () => {
    await expect(setUp('oops').board.summary(live())).rejects.toThrow(
      'parameter /s: expected JSON, got "oops"',
    );
  });

  it('is unreadable where SSM refuses', async () => {
    const { ssm, board } = setUp();
    ssm.on(GetParameterCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    await expect(board.release(live())).rejects.toThrow('no');
  });

  it('without parameters keeps nothing and finds nothing', async () => {
    const client = new SSMClient({ region: 'eu-west-1' });
    const ssm = mockClient(client);
    const board = ssmBoard({}, client);
    await board.grant({ plan: 'x', until: 1 }, live());
    expect(await board.release(live())).toBeUndefined();
    expect(ssm.calls()).toEqual([]);
  });
});
