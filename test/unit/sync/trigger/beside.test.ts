import { describe, expect, it } from 'vitest';
import type { Task } from '../../../../shared/model/task.ts';
import type { Source } from '../../../../shared/source/source.ts';
import { tasksBeside } from '../../../../shared/sync/trigger/beside.ts';
import type { TaskTrigger } from '../../../../shared/sync/trigger/task-trigger.ts';
import { useVirtualTime } from '../../../support/use-virtual-time.ts';
import { container, definition } from '../../derive/builders.ts';
import { fakeSource, live, NOW, taskArn, taskOf, worldOf } from '../fakes.ts';

useVirtualTime();

const CHECKED = definition({ containers: [container({ hasHealthCheck: true })] });
const newcomer = (id: string, more: Partial<Task> = {}) =>
  taskOf(id, { health: 'HEALTHY', startedAt: NOW - 60_000, group: 'service:web', ...more });
const stopOf = (service: string) =>
  taskOf('stopped', { group: `service:${service}`, definitionArn: CHECKED.arn });

interface Given {
  readonly tasks?: readonly Task[];
  readonly source?: Partial<Source>;
  readonly definitions?: readonly (typeof CHECKED)[];
}

const start = ({ tasks = [], source = {}, definitions = [CHECKED] }: Given) => {
  const calls: string[] = [];
  const plain = fakeSource({ tasks, definitions }, source);
  const counted: Source = {
    ...plain,
    tasksOfService: (cluster, service, signal) => {
      calls.push(`list ${service}`);
      return plain.tasksOfService(cluster, service, signal);
    },
    describeTasks: (cluster, arns, signal) => {
      calls.push(`describe ${arns.length}`);
      return plain.describeTasks(cluster, arns, signal);
    },
  };
  const { context, lines, counts } = worldOf({ source: counted });
  let now = NOW;
  const timed = { ...context, now: () => now };
  const ask = (...services: readonly string[]) =>
    tasksBeside(services.map(stopOf), timed, live()).then(idsOf);
  const wait = (milliseconds: number) => {
    now += milliseconds;
  };
  return { ask, wait, calls, lines, counts };
};
const idsOf = (found: readonly TaskTrigger[]) => found.map(({ arn }) => arn);

describe('the tasks beside one that stops', () => {
  it('are those that ECS calls healthy and that are new: rounds have seen the others', async () => {
    const tasks = [
      newcomer('a'),
      newcomer('old', { startedAt: NOW - 600_000 }),
      newcomer('ill', { health: 'UNHEALTHY' }),
      newcomer('early', { health: 'UNKNOWN' }),
      newcomer('other', { group: 'service:mail' }),
    ];
    expect(await start({ tasks }).ask('web')).toEqual([taskArn('a')]);
  });

  it('are brought up to date once: of a healthy one there is no more news', async () => {
    const { ask, wait, calls } = start({ tasks: [newcomer('a'), newcomer('b')] });
    expect(await ask('web')).toHaveLength(2);
    wait(5_000);
    expect(await ask('web')).toEqual([]);
    expect(calls).toEqual(['list web', 'describe 2', 'list web']);
  });

  it('are asked for once in five seconds a service, however many of its tasks stop', async () => {
    const { ask, wait, calls } = start({});
    for (let stops = 0; stops < 500; stops++) {
      await ask('web', 'web');
      wait(20);
    }
    expect(calls.length).toBeLessThanOrEqual(3);
  });

  it('are asked for of two services in five seconds, however many lose one', async () => {
    const { ask, wait, calls } = start({});
    for (let batch = 0; batch < 100; batch++)
      await ask(...Array.from({ length: 10 }, (_, at) => `s${batch}-${at}`));
    expect(calls).toEqual(['list s0-0', 'list s0-1']);
    wait(5_000);
    await ask('late');
    expect(calls).toHaveLength(3);
  });

  it('are not asked for where the definition has no health check, which takes no turn', async () => {
    const plain = start({ definitions: [definition()], tasks: [newcomer('a')] });
    expect(await plain.ask('web')).toEqual([]);
    expect(plain.calls).toEqual([]);
  });

  it.each<[string, Partial<Source>]>([
    ['its tasks', { tasksOfService: () => Promise.reject(new Error('Rate exceeded')) }],
    ['what they are', { describeTasks: () => Promise.reject(new Error('Rate exceeded')) }],
    ['the definition', { definition: () => Promise.reject(new Error('Rate exceeded')) }],
  ])(
    'are left to their looks where ECS does not say %s, which is no failure',
    async (_, source) => {
      const { ask, lines, counts } = start({ source, tasks: [newcomer('a')] });
      expect(await ask('web')).toEqual([]);
      expect(lines).toEqual([expect.stringContaining('left to their looks: Error: Rate exceeded')]);
      expect([...counts]).toEqual([]);
    },
  );

  it('are waited for a second at most where ECS hangs: the one that stops is to leave', async () => {
    const hang: Source['tasksOfService'] = (_cluster, _service, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const { ask } = start({ source: { tasksOfService: hang } });
    const began = Date.now();
    expect(await ask('web')).toEqual([]);
    expect(Date.now() - began).toBeLessThanOrEqual(1_000);
  });
});
