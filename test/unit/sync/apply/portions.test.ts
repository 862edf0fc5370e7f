import { describe, expect, it } from 'vitest';
import { derive } from '../../../../shared/derive/derive.ts';
import { inPortions } from '../../../../shared/sync/apply/portions.ts';
import {
  instancesOf,
  type Registering,
  type TaskDecision,
} from '../../../../shared/sync/observe/decide.ts';
import { container, definition, port, rules } from '../../derive/builders.ts';
import { CLUSTER, taskArn, taskOf } from '../fakes.ts';

/** A task of ten ports, looked at for the so-manieth time. */
const decisionAt = (look: number, more: Partial<Registering> = {}): Registering => {
  const task = taskOf('a');
  const ports = Array.from({ length: 10 }, (_, at) => port(9000 + at));
  const given = { task, definition: definition({ containers: [container({ ports })] }) };
  const derivation = { ...derive(given, rules()), ...given };
  const targets = new Map([['consul', { look, operations: [] }]] as const);
  const trigger = { arn: taskArn('a'), cluster: CLUSTER, messageIds: [], targets };
  const plain = { trigger, derivation, actual: 'fetched', gone: [], reason: '' } as const;
  return { action: 'register', ...plain, ...more };
};

const portsIn = (portion: readonly TaskDecision[] | undefined) =>
  (portion ?? []).flatMap(instancesOf).map((one) => one.port);

describe('a task with more records than are read at once', () => {
  it('is read and written in portions, each record in one of them', () => {
    const portions = inPortions([decisionAt(0)], 'consul', 2);
    expect(portions.map((one) => portsIn(one).length)).toEqual([2, 2, 2, 2, 2]);
    expect(portions.flatMap(portsIn).sort()).toEqual(portsIn([decisionAt(0)]).sort());
  });

  it('begins with other records in each of its five looks', () => {
    const firsts = [0, 1, 2, 3, 4].map((look) => {
      const [first] = inPortions([decisionAt(look)], 'consul', 2);
      return portsIn(first).join();
    });
    expect(new Set(firsts).size).toBe(5);
  });
});
