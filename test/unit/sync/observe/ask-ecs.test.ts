import { describe, expect, it } from 'vitest';
import { askEcs } from '../../../../shared/sync/observe/ask-ecs.ts';
import { CLUSTER, fakeSource, live, taskArn, taskOf } from '../fakes.ts';

const OTHER = `${CLUSTER}-other` as const;

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
    const wanted = ['a', 'b', 'a'].map((id) => ({
      arn: taskArn(id),
      cluster: id === 'b' ? OTHER : CLUSTER,
    }));
    await askEcs(wanted, source, live());
    expect(asked).toEqual([
      [CLUSTER, [taskArn('a')]],
      [OTHER, [taskArn('b')]],
    ]);
  });

  it('calls missing what ECS refuses as no task of the cluster, and says so, with what came cut short', async () => {
    const nonsense = taskArn('x'.repeat(5_000));
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
    const wanted = [taskArn('a'), nonsense].map((arn) => ({ arn, cluster: CLUSTER }));
    const { byTask, unreadable } = await askEcs(wanted, source, live());
    expect([byTask.get(taskArn('a')), byTask.get(nonsense)]).toEqual([taskOf('a'), 'missing']);
    const cut = nonsense.slice(0, 300);
    expect(unreadable.get(CLUSTER)).toEqual([
      { task: cut, code: 'unreadable', detail: `"${cut}": no ARN` },
    ]);
  });

  it('says nothing of the tasks of a cluster that cannot be read, never "missing"', async () => {
    const known = fakeSource({ tasks: [taskOf('a')], missing: [taskArn('b')] });
    const throttled = new Error('throttled');
    const source = fakeSource(
      { tasks: [] },
      {
        describeTasks: (cluster, ...rest) =>
          cluster === CLUSTER ? known.describeTasks(cluster, ...rest) : Promise.reject(throttled),
      },
    );
    const wanted = [
      { arn: taskArn('a'), cluster: CLUSTER },
      { arn: taskArn('b'), cluster: CLUSTER },
      { arn: taskArn('c'), cluster: OTHER },
    ];
    const { byTask, faults } = await askEcs(wanted, source, live());
    expect(wanted.map(({ arn }) => byTask.get(arn))).toEqual([taskOf('a'), 'missing', undefined]);
    expect([...faults]).toEqual([[OTHER, throttled]]);
  });
});
