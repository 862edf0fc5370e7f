import { describe, expect, it } from 'vitest';
import type { Registration } from '../../../../shared/model/registration.ts';
import { withUnsureNames } from '../../../../shared/sync/round/lost-names.ts';
import { removalIn } from '../../../../shared/sync/round/removal.ts';
import { definition, derived } from '../../derive/builders.ts';
import { fakeRegistry, recordOf, taskOf } from '../fakes.ts';

const UNSURE = { canary: [] };
const task = taskOf('a');

type Lost = Readonly<Record<string, readonly string[]>>;

const losing = (lost: Lost) => {
  const made = { ...derived({}), task, definition: definition() };
  return { ...made, lost: new Map(Object.entries(lost)) };
};

const kept = (
  held: readonly Registration[],
  desired: readonly Registration[] = [recordOf('a', { health: 'unhealthy' })],
  lost: Lost = UNSURE,
) =>
  withUnsureNames(desired, held, { running: new Map([[task.arn, losing(lost)]]) }).map(
    ({ service, health, detail }) => ({ service, health, ...detail }),
  );

const removalOf = (lost: Lost) => {
  const state = { state: 'running', reason: 'task is running' } as const;
  const observed = { status: 'derived', state, derivation: losing(lost) } as const;
  const tasks = new Map([[task.arn, observed]]);
  return removalIn({ tasks, strays: new Map() }, fakeRegistry())(bearing('canary'));
};

const bearing = (service: string, vip?: string) =>
  recordOf('a', { service, ...(vip !== undefined && { detail: { vip } }) });

describe('a name of which nobody can say whose it is', () => {
  it('stays with the record that bears it, in place of the other, which is kept true', () => {
    expect(kept([bearing('canary')])).toEqual([{ service: 'canary', health: 'unhealthy' }]);
    expect(kept([bearing('CANARY')])).toEqual([{ service: 'CANARY', health: 'unhealthy' }]);
  });

  it('is given to no record, nor kept by one of another name or task', () => {
    const own = [{ service: 'web', health: 'unhealthy' }];
    expect(kept([])).toEqual(own);
    expect(kept([bearing('web-81')])).toEqual(own);
    expect(kept([recordOf('b', { service: 'canary' })])).toEqual(own);
    expect(kept([bearing('canary')], undefined, {})).toEqual(own);
    expect(kept([bearing('canary')], undefined, { canary: ['prod/canary'] })).toEqual(own);
  });

  it('is one in both kinds of DNS records', () => {
    const desired = ['web', '_web._tcp'].map((service) => bearing(service));
    const held = ['canary', '_canary._tcp'].map((service) => bearing(service));
    expect(kept(held, desired).map(({ service }) => service)).toEqual(['canary', '_canary._tcp']);
  });

  it('keeps no VIP that is known to be another’s', () => {
    const lost = { ...UNSURE, payments: ['prod/payments'] };
    const desired = [recordOf('a', { detail: { vip: 'web' } })];
    expect(kept([bearing('canary', 'canary,payments')], desired, lost)).toMatchObject([
      { service: 'canary', vip: 'canary' },
    ]);
    expect(kept([bearing('web', 'canary,payments')], desired, lost)).toMatchObject([
      { service: 'web', vip: 'canary' },
    ]);
    expect(kept([bearing('payments', 'canary')], desired, lost)).toMatchObject([
      { service: 'web', vip: 'web' },
    ]);
  });

  it('goes from no record, desired or not', () => {
    expect(removalOf(UNSURE)).toBeUndefined();
    expect(removalOf({ canary: ['prod/canary'] })).toMatchObject({ limit: 'renamed' });
  });
});
