import { describe, expect, it } from 'vitest';
import type { Skip } from '../../../shared/model/plan.ts';
import { describeByCluster, isLongGone } from '../../../shared/sync/describe.ts';
import { CLUSTER, fakeSource, live, NOW, taskArn, taskOf, worldOf } from './fakes.ts';

const HOUR = 3_600_000;

it.each([
  ['an hour and a moment', NOW - HOUR - 1, true],
  ['exactly an hour', NOW - HOUR, false],
  ['a minute', NOW - 60_000, false],
  ['not told how long', undefined, false],
  ['in a year to come', NOW + 365 * 24 * HOUR, false],
])('a task that ECS does not know, started %s ago, is long gone: %#', (_what, startedAt, gone) => {
  expect(isLongGone(startedAt, NOW)).toBe(gone);
});

describe('describing tasks by cluster', () => {
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
    const { deps } = worldOf({ source });
    const wanted = ['a', 'b', 'a'].map((arn) => ({ arn, cluster: arn === 'b' ? 'two' : 'one' }));
    await describeByCluster(wanted, deps, live());
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
    const { deps } = worldOf({ source });
    const telemetry = { ...deps.telemetry, skip: (skip: Skip) => skipped.push(skip) };
    const wanted = [taskArn('a'), nonsense].map((arn) => ({ arn, cluster: CLUSTER }));
    const found = await describeByCluster(wanted, { source, telemetry }, live());
    expect([...found.tasks.keys()]).toEqual([taskArn('a')]);
    expect([...found.missing]).toEqual([nonsense]);
    expect(skipped).toEqual([
      { task: 'x'.repeat(300), code: 'unreadable', detail: `"${'x'.repeat(300)}": no ARN` },
    ]);
  });

  it('leaves the tasks of a cluster that cannot be read out of both answers: no news, never "gone"', async () => {
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
    const { deps, lines } = worldOf({ source });
    const wanted = [
      { arn: taskArn('a'), cluster: CLUSTER },
      { arn: taskArn('b'), cluster: CLUSTER },
      { arn: taskArn('c'), cluster: 'other' },
    ];
    const found = await describeByCluster(wanted, deps, live());
    expect([...found.tasks.keys()]).toEqual([taskArn('a')]);
    expect([...found.missing]).toEqual([taskArn('b')]);
    expect(lines).toEqual(['fault tasks of other cannot be described now: Error: throttled']);
  });
});
