import { describe, expect, it } from 'vitest';
import type { Skip } from '../../../../shared/model/plan.ts';
import { askEcs } from '../../../../shared/sync/observe/ask-ecs.ts';
import { CLUSTER, fakeSource, live, taskArn, taskOf, worldOf } from '../fakes.ts';

describe('asking ECS about tasks', () => {
  it('asks once a cluster, each task once', async () => {
    const asked: unknown[] = [];
    const source = fakeSource(
      { tasks: [] },
      {
        describeTasks: async (cluster, arns) => {
          asked.push([cluster, arns]);
          return { tasks: [], missing: [] };
        },
      },
    );
    const { context } = worldOf({ source });
    const wanted = ['a', 'b', 'a'].map((arn) => ({ arn, cluster: arn === 'b' ? 'two' : 'one' }));
    await askEcs(wanted, context, live());
    expect(asked).toEqual([
      ['one', ['a']],
      ['two', ['b']],
    ]);
  });

  it('calls missing what ECS refuses as no task of the cluster, and says so, with what came cut short', async () => {
    const nonsense = 'x'.repeat(5_000);
    const source = fakeSource(
      { tasks: [] },
      {
        describeTasks: async (_cluster, arns) => ({
          tasks: [taskOf('a')],
          missing: [],
          refused: arns.flatMap((arn) => (arn === nonsense ? [{ arn, fault: 'no ARN' }] : [])),
        }),
      },
    );
    const skipped: Skip[] = [];
    const { context } = worldOf({ source });
    const telemetry = { ...context.telemetry, skip: (skip: Skip) => skipped.push(skip) };
    const wanted = [taskArn('a'), nonsense].map((arn) => ({ arn, cluster: CLUSTER }));
    const found = await askEcs(wanted, { ...context, source, telemetry }, live());
    expect(found.answerTo(taskArn('a'))).toEqual(taskOf('a'));
    expect(found.answerTo(nonsense)).toBe('missing');
    expect(skipped).toEqual([
      { task: 'x'.repeat(300), code: 'unreadable', detail: `"${'x'.repeat(300)}": no ARN` },
    ]);
  });

  it('leaves the tasks of a cluster that cannot be read unread: no news, never "missing"', async () => {
    const known = fakeSource({ tasks: [taskOf('a')], missing: [taskArn('b')] });
    const source = fakeSource(
      { tasks: [] },
      {
        describeTasks: (cluster, ...rest) =>
          cluster === CLUSTER
            ? known.describeTasks(cluster, ...rest)
            : Promise.reject(new Error('throttled')),
      },
    );
    const { context, lines } = worldOf({ source });
    const wanted = [
      { arn: taskArn('a'), cluster: CLUSTER },
      { arn: taskArn('b'), cluster: CLUSTER },
      { arn: taskArn('c'), cluster: 'other' },
    ];
    const found = await askEcs(wanted, context, live());
    const answers = wanted.map(({ arn }) => found.answerTo(arn));
    expect(answers).toEqual([taskOf('a'), 'missing', 'unread']);
    expect(lines).toEqual(['fault tasks of other cannot be described now: Error: throttled']);
  });
});
