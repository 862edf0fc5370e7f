import { describe, expect, it } from 'vitest';
import type { Task } from '../../../shared/model/task.ts';
import type { Source } from '../../../shared/source/source.ts';
import { deriveTasks } from '../../../shared/sync/derive-tasks.ts';
import { binding, definition, host, rules, running } from '../derive/builders.ts';
import { CLUSTER, fakeSource, live, taskArn, taskOf } from './fakes.ts';

const BRIDGE = `${definition().arn}-bridge`;
const OTHER = `${CLUSTER}-other`;
const MACHINE = host().containerInstanceArn;

/** A bridge task on a machine, and one of Fargate, which has none. */
const onHost = (id: string, more: Partial<Task> = {}) =>
  taskOf(id, {
    definitionArn: BRIDGE,
    containerInstanceArn: MACHINE,
    containers: [running({ bindings: [binding(8080, 32_768)] })],
    ...more,
  });
const fargate = taskOf('fargate');

const derive = async (tasks: readonly Task[], more: Partial<Source>) => {
  const definitions = [definition(), definition({ arn: BRIDGE, networkMode: 'bridge' })];
  const source = fakeSource({ tasks, definitions }, more);
  return deriveTasks(tasks, { source, rules: rules(), hostStates: true }, live());
};

describe('deriving tasks', () => {
  it('derives what has no host even while hosts cannot be read', async () => {
    const { derived, failed } = await derive([onHost('a'), fargate], {
      hosts: () => Promise.reject(new Error('ec2: RequestLimitExceeded')),
    });
    expect([...derived.keys()]).toEqual([fargate.arn]);
    expect([...failed.keys()]).toEqual([taskArn('a')]);
  });

  it('fails the tasks of a cluster whose hosts cannot be read, and no other cluster’s', async () => {
    const { derived, failed } = await derive([onHost('a'), onHost('b', { clusterArn: OTHER })], {
      hosts: async (cluster) => {
        if (cluster === OTHER) throw new Error('ClusterNotFoundException');
        return new Map([[MACHINE, host()]]);
      },
    });
    expect([...derived.keys()]).toEqual([taskArn('a')]);
    expect([...failed.keys()]).toEqual([taskArn('b')]);
  });
});
