import { describe, expect, it } from 'vitest';
import type { ClusterArn } from '../../../../shared/model/arn.ts';
import type { Change } from '../../../../shared/model/plan.ts';
import { KEY, type Registration } from '../../../../shared/model/registration.ts';
import type { ClusterState } from '../../../../shared/sync/observe/cluster-state.ts';
import { lossAt } from '../../../../shared/sync/round/losses.ts';
import { derived } from '../../derive/builders.ts';
import { recordOf, taskArn, taskOf } from '../fakes.ts';

const PROD = 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod' satisfies ClusterArn;

/** A record of the service `payments` in the cluster `prod`. */
const theirs = (more: Partial<Registration> = {}) =>
  recordOf('z', {
    service: 'payments',
    ...more,
    metadata: { [KEY.cluster]: PROD, [KEY.serviceName]: 'payments' },
  });

const lossOf = (
  lost: Readonly<Record<string, readonly string[]>>,
  others: readonly Registration[],
  change: Change = removal(),
) => {
  const task = taskOf('a');
  const made = derived({});
  const derivation = { ...made, lost: new Map(Object.entries(lost)), task };
  const state = { state: 'running', reason: 'it runs' } as const;
  const tasks = new Map([[task.arn, { status: 'derived', state, derivation }]]);
  return lossAt({ ours: new Map([[PROD, others]]) }, { tasks } as unknown as ClusterState)(change);
};

const removal = (service = 'payments', more: Partial<Registration> = {}): Change => {
  const before = recordOf('a', { service, ...more });
  return { kind: 'remove', ref: before, before, reason: 'another name', limit: 'renamed' };
};

const PAYMENTS = { payments: ['prod/payments'] };
const loss = (isServed: boolean) => ({ owners: 'prod/payments', isServed });

describe('a name that a task asks for and others have a better right to', () => {
  it('is served by a healthy record of theirs under it, in whichever cluster', () => {
    expect(lossOf(PAYMENTS, [theirs()])).toEqual(loss(true));
    expect(lossOf(PAYMENTS, [theirs({ health: undefined })])).toEqual(loss(true));
    expect(lossOf(PAYMENTS, [theirs({ service: 'PAYMENTS' })])).toEqual(loss(true));
  });

  it.each<[string, readonly Registration[]]>([
    ['nothing', []],
    ['one that is not healthy', [theirs({ health: 'unhealthy' })]],
    ['one whose check has not answered', [theirs({ health: 'starting' })]],
    ['one under another name', [theirs({ service: 'payments-admin' })]],
    ['somebody else’s', [recordOf('y', { service: 'payments' })]],
  ])('is not served by %s', (_, others) => expect(lossOf(PAYMENTS, others)).toEqual(loss(false)));

  it('takes the names that are made of it along, and the second kind of DNS record', () => {
    expect(lossOf(PAYMENTS, [theirs()], removal('payments-81'))).toEqual(loss(true));
    expect(lossOf(PAYMENTS, [theirs()], removal('_payments._tcp'))).toEqual(loss(true));
    expect(lossOf(PAYMENTS, [theirs()], removal('paymentsx'))).toBeUndefined();
  });

  it('is any of a record’s names: one that is served goes before one that is not', () => {
    const both = { ghost: ['prod/ghost'], ...PAYMENTS };
    const change = removal('WEB', { detail: { vip: 'ghost,payments' } });
    expect(lossOf(both, [theirs()], change)).toEqual(loss(true));
    expect(lossOf({ ghost: ['prod/ghost'] }, [theirs()], change)).toEqual({
      owners: 'prod/ghost',
      isServed: false,
    });
  });

  it('is none that a write keeps', () => {
    const { before } = removal('web', { detail: { vip: 'payments' } });
    if (!before) throw new Error('it is at hand');
    const change: Change = { kind: 'upsert', record: before, before, reason: 'tags changed' };
    expect(lossOf(PAYMENTS, [theirs()], change)).toBeUndefined();
  });

  it('is known of tasks that run alone, and of names whose owner is known', () => {
    expect(lossOf({}, [theirs()])).toBeUndefined();
    expect(lossOf({ payments: [] }, [theirs()])).toBeUndefined();
    const other = removal('payments', { metadata: { [KEY.task]: taskArn('b') } });
    expect(lossOf(PAYMENTS, [theirs()], other)).toBeUndefined();
  });
});
