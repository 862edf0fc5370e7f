import { describe, expect, it } from 'vitest';
import { type Change, refOf } from '../../../shared/model/plan.ts';
import { applyEach, failed, notYet, toOutcome } from '../../../shared/registries/outcome.ts';

const remove = (id: string): Change => ({
  kind: 'remove',
  ref: { service: 'web', id, cluster: 'c' },
  reason: 'stopped',
});

describe('changes that are made one by one', () => {
  it('keep the order of one record, and go side by side else', async () => {
    const log: string[] = [];
    const changes = [remove('a'), remove('b'), remove('a')];
    const open = Promise.withResolvers<void>();
    const applied = applyEach(
      changes,
      async (change) => {
        const at = `${refOf(change).id}${changes.indexOf(change)}`;
        log.push(`begin ${at}`);
        await open.promise;
        log.push(`end ${at}`);
        return { change, status: 'done' };
      },
      { keyOf: ({ id }) => id, concurrency: 8, signal: new AbortController().signal },
    );
    expect(log).toEqual(['begin a0', 'begin b1']);
    open.resolve();
    expect((await applied).map(({ change }) => change)).toEqual(changes);
    expect(log.indexOf('begin a2')).toBeGreaterThan(log.indexOf('end a0'));
  });

  it('are not begun once the time is over, which is no failure', async () => {
    const limit = new AbortController();
    const outcomes = await applyEach(
      [remove('a'), remove('a')],
      async (change) => {
        limit.abort();
        return { change, status: 'done' };
      },
      { keyOf: ({ id }) => id, concurrency: 1, signal: limit.signal },
    );
    expect(outcomes).toMatchObject([{ status: 'done' }, { status: 'retry', failed: false }]);
  });
});

describe('a reason', () => {
  it('says registry, record and what was done to it', () => {
    const outcome = toOutcome(remove('a'), failed('503'), { registry: 'consul' });
    expect(outcome).toMatchObject({ status: 'retry', reason: 'consul: removing web/a: 503' });
    const renewed = toOutcome(remove('a'), notYet('later'), {
      registry: 'eureka',
      doing: 'renewing',
    });
    expect(renewed).toMatchObject({ reason: 'eureka: renewing web/a: later', failed: false });
  });

  it('is not invented where there is none', () => {
    expect(toOutcome(remove('a'), { status: 'done' }, { registry: 'consul' })).toEqual({
      change: remove('a'),
      status: 'done',
    });
  });
});
