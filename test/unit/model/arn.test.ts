import { describe, expect, it } from 'vitest';
import {
  type ClusterArn,
  isClusterArn,
  isDefinitionArn,
  isTaskArn,
  type TaskArn,
} from '../../../shared/model/arn.ts';
import type { Observations } from '../../../shared/sync/observe/observe.ts';

const PLACE = 'arn:aws:ecs:eu-west-1:111122223333';
const TASK: TaskArn = `${PLACE}:task/shop/ab12`;
const CLUSTER: ClusterArn = `${PLACE}:cluster/shop`;

describe('an ARN', () => {
  it.each([
    ['a task', TASK, [true, false, false]],
    ['a task, in the form that names no cluster', `${PLACE}:task/ab12`, [true, false, false]],
    ['a cluster', CLUSTER, [false, true, false]],
    ['a task definition', `${PLACE}:task-definition/web:1`, [false, false, true]],
    ['a definition of another kind', `${PLACE}:daemon-task-definition/web:1`, Array(3).fill(false)],
    ['nothing', `${PLACE}:task/`, Array(3).fill(false)],
    ['something behind a text', `x ${TASK}`, Array(3).fill(false)],
    ['something behind another', `${CLUSTER}:task/shop/ab12`, [false, true, false]],
    ['nonsense', 'nonsense', Array(3).fill(false)],
    ['an empty text', '', Array(3).fill(false)],
  ])('of %s is told apart by its form', (_what, text, expected) => {
    expect([isTaskArn(text), isClusterArn(text), isDefinitionArn(text)]).toEqual(expected);
  });

  it('in the place of another does not compile', () => {
    const tasks: Observations['tasks'] = new Map();
    const id = 'ab12';
    const misuses = [
      // @ts-expect-error A cluster is no task.
      () => tasks.get(CLUSTER),
      // @ts-expect-error Nor is the last part of a task's ARN.
      () => tasks.get(id),
      // @ts-expect-error Nor is a text that nobody has checked.
      (text: string) => tasks.get(text),
      // @ts-expect-error A task is no cluster.
      (): ClusterArn => TASK,
    ];
    expect(misuses).toHaveLength(4);
    expect(tasks.get(TASK)).toBeUndefined();
  });
});
