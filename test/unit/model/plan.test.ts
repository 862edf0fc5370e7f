import { describe, expect, it } from 'vitest';
import {
  type Change,
  type ChangeResult,
  isFailure,
  isInForce,
  isOnItsWay,
  isSettled,
} from '../../../shared/model/plan.ts';
import { record } from '../plan/builders.ts';

const MEANINGS = { isSettled, isInForce, isOnItsWay, isFailure };
const change: Change = { kind: 'upsert', record: record(), reason: 'not registered yet' };

describe('what a status means', () => {
  it.each<[ChangeResult, readonly (keyof typeof MEANINGS)[]]>([
    [{ status: 'done' }, ['isSettled', 'isInForce', 'isOnItsWay']],
    [{ status: 'unchanged' }, ['isSettled', 'isInForce', 'isOnItsWay']],
    [{ status: 'gone' }, ['isSettled', 'isOnItsWay']],
    [{ status: 'pending', operation: 'one' }, ['isOnItsWay']],
    [{ status: 'pending' }, ['isOnItsWay']],
    [{ status: 'retry', reason: '503' }, ['isFailure']],
    [{ status: 'retry', reason: 'no time was left for it', failed: false }, []],
    [{ status: 'refused', reason: '403' }, ['isSettled', 'isFailure']],
  ])('%j: %j', (result, expected) => {
    const outcome = { change, ...result };
    const found = Object.entries(MEANINGS).flatMap(([name, is]) => (is(outcome) ? [name] : []));
    expect(found).toEqual(expected);
  });
});
