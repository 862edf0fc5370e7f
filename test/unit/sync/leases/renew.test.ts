import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ChangeResult } from '../../../../shared/model/plan.ts';
import { KEY, type Registration } from '../../../../shared/model/registration.ts';
import { failed } from '../../../../shared/registries/outcome.ts';
import type { Registry } from '../../../../shared/registries/registry.ts';
import { renewLeases } from '../../../../shared/sync/leases/renew.ts';
import { heldLimits } from '../../../support/held-limits.ts';
import { CLUSTER, fakeRegistry, live, NOW, recordOf, taskArn, worldOf } from '../fakes.ts';

type Ending = (record: Registration) => ChangeResult;

/** A registry with leases; notes whose were renewed. */
const leased = (
  held: readonly Registration[],
  ending: Ending = () => ({ status: 'done' }),
  more: Partial<Registry> = {},
) => {
  const renewed: string[] = [];
  const registry = fakeRegistry(held, {
    name: 'eureka',
    renew: async (records) => {
      renewed.push(...records.map(({ id }) => id));
      return records.map((record) => ({
        change: { kind: 'upsert', record, reason: 'lease' },
        ...ending(record),
      }));
    },
    ...more,
  });
  return { registry, renewed };
};

/** Never answers, and is given up. */
const hang: Registry['list'] = (signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

afterEach(() => {
  vi.restoreAllMocks();
});

describe('renewing', () => {
  it('renews our records and nobody else’s, under observe too', async () => {
    const foreign = recordOf('x', { metadata: { [KEY.owner]: 'somebody-else' } });
    const { registry, renewed } = leased([
      recordOf('a'),
      foreign,
      { ...recordOf('y'), metadata: {} },
    ]);
    const { context, counts, looks } = worldOf({
      registries: [registry],
      config: { policy: 'observe' },
    });
    await renewLeases(context, live());
    expect(renewed).toEqual(['a-record']);
    expect(counts.get('Renewed eureka')).toBe(1);
    expect(looks).toEqual([]);
  });

  it.each([
    ['of another region', CLUSTER.replace('eu-west-1', 'us-east-1'), []],
    ['that is not served', CLUSTER, ['other']],
  ])('leaves the leases of a cluster %s', async (_which, cluster, clusters) => {
    const { registry, renewed } = leased([recordOf('a', { cluster })], () => ({ status: 'gone' }));
    const { context, looks } = worldOf({ registries: [registry], config: { clusters } });
    await renewLeases(context, live());
    expect([renewed, looks]).toEqual([[], []]);
  });

  it('begins with those that the run before did not get to', async () => {
    let slow = true;
    const { registry, renewed } = leased(
      ['a', 'b', 'c'].map((id) => recordOf(id)),
      ({ id }) => (slow && id !== 'a-record' ? failed('503') : { status: 'done' }),
    );
    const { context } = worldOf({ registries: [registry] });
    await renewLeases(context, live());
    slow = false;
    await renewLeases(context, live());
    expect(renewed.slice(3)).toEqual(['b-record', 'c-record', 'a-record']);
  });

  it('leaves registries without leases alone', async () => {
    const registry = fakeRegistry([recordOf('a')]);
    const { context } = worldOf({ registries: [registry] });
    await renewLeases(context, live());
    expect(registry.calls).toEqual([]);
  });

  it('writes nothing where a record is lost: its task is looked at, where ECS decides', async () => {
    const held = [recordOf('a'), recordOf('b'), recordOf('b', { service: 'api' }), recordOf('c')];
    const { registry } = leased(held, ({ metadata }) => ({
      status: metadata[KEY.task] === taskArn('c') ? 'done' : 'gone',
    }));
    const { context, looks, counts } = worldOf({ registries: [registry] });
    await renewLeases(context, live());
    expect(looks).toEqual([
      {
        cluster: CLUSTER,
        tasks: [taskArn('a'), taskArn('b')],
        registry: 'eureka',
        look: 0,
        operations: [],
        delaySeconds: 0,
      },
    ]);
    expect(counts.get('Renewed eureka')).toBe(1);
    expect(registry.calls).toEqual(['list']);
  });

  it('asks for lost ones by cluster, a hundred tasks a message', async () => {
    const zoo = CLUSTER.replace('/shop', '/zoo');
    const held = [
      ...Array.from({ length: 101 }, (_, at) => recordOf(`t${at}`)),
      recordOf('u', {
        cluster: zoo,
        metadata: { [KEY.task]: taskArn('u').replace('/shop/', '/zoo/') },
      }),
    ];
    const { registry } = leased(held, () => ({ status: 'gone' }));
    const { context, looks } = worldOf({ registries: [registry] });
    await renewLeases(context, live());
    expect(looks.map(({ cluster, tasks }) => [cluster, tasks.length])).toEqual([
      [CLUSTER, 100],
      [CLUSTER, 1],
      [zoo, 1],
    ]);
  });

  it('counts what failed, and goes on: the next half minute tries again', async () => {
    const { registry } = leased([recordOf('a'), recordOf('b')], ({ id }) =>
      id === 'a-record' ? { status: 'retry', reason: 'eureka: 503' } : { status: 'done' },
    );
    const { context, counts, lines } = worldOf({ registries: [registry] });
    await renewLeases(context, live());
    expect(counts.get('Failed eureka')).toBe(1);
    expect(counts.get('Renewed eureka')).toBe(1);
    expect(lines).toEqual(['fault 1 leases were not renewed: eureka: 503']);
  });

  it('fails where not one lease is renewed, so that the alarm tells before they end', async () => {
    const held = [recordOf('a'), recordOf('b'), recordOf('lost')];
    const { registry } = leased(held, ({ id }) =>
      id === 'lost-record' ? { status: 'gone' } : { status: 'retry', reason: 'eureka: 503' },
    );
    const { context, counts, looks } = worldOf({ registries: [registry] });
    await expect(renewLeases(context, live())).rejects.toThrow('leases were not renewed');
    expect(counts.get('Failed eureka')).toBe(2);
    expect(looks.map(({ tasks }) => tasks)).toEqual([[taskArn('lost')]]);
  });

  it('fails where leases cannot be listed, so that the alarm tells, after the other registries had their turn', async () => {
    const broken = leased([], undefined, {
      list: () => Promise.reject(new Error('no peer answers')),
    });
    const { registry, renewed } = leased([recordOf('a')]);
    const { context } = worldOf({ registries: [broken.registry, registry] });
    await expect(renewLeases(context, live())).rejects.toThrow('leases were not renewed');
    expect(renewed).toEqual(['a-record']);
  });

  it('fails where lost ones cannot be queued', async () => {
    const { registry } = leased([recordOf('a')], () => ({ status: 'gone' }));
    const send = () => Promise.reject(new Error('no queue'));
    const { context } = worldOf({
      registries: [registry],
      queue: {
        send,
      },
    });
    await expect(renewLeases(context, live())).rejects.toThrow('leases were not renewed');
  });

  it('renews what was listed before where a registry that warms up lists nothing', async () => {
    let warmingUp = false;
    const records = [recordOf('a')];
    const { registry, renewed } = leased([], undefined, {
      list: async () => (warmingUp ? { records: [], unknown: 'it is warming up' } : { records }),
    });
    const { context } = worldOf({ registries: [registry] });
    await renewLeases(context, live());
    warmingUp = true;
    await renewLeases(context, live());
    expect(renewed).toEqual(['a-record', 'a-record']);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('500'))],
    ['never comes', hang],
  ])(
    'goes on with the last list where the next %s, and says so',
    async (_how, next) => {
      const limits = heldLimits();
      let list: Registry['list'] = async () => ({ records: [recordOf('a'), recordOf('b')] });
      const { registry, renewed } = leased([], undefined, { list: (...given) => list(...given) });
      const { context, lines, counts } = worldOf({ registries: [registry] });
      await renewLeases(context, live());
      list = (signal) => {
        const listing = next(signal);
        // The time for the list is over; the run's own is not.
        for (const { milliseconds, end } of limits) if (milliseconds === 8_000) end();
        return listing;
      };
      await renewLeases(context, live());
      expect(renewed).toEqual(['a-record', 'b-record', 'a-record', 'b-record']);
      expect(lines).toEqual([
        expect.stringContaining(
          'fault eureka cannot be listed: the 2 records of its last list are renewed',
        ),
      ]);
      expect(counts.get('Failed eureka')).toBe(1);
    },
    5_000,
  );

  it('goes by its last list for ten minutes, and fails from then on: what has stopped since would live for ever', async () => {
    let now = NOW;
    let list: Registry['list'] = async () => ({ records: [recordOf('a')] });
    const { registry, renewed } = leased([], undefined, { list: (...given) => list(...given) });
    const { context } = worldOf({ registries: [registry], now: () => now });
    await renewLeases(context, live());
    list = () => Promise.reject(new Error('500'));
    for (const minutes of [1, 9]) {
      now = NOW + minutes * 60_000;
      await renewLeases(context, live());
    }
    expect(renewed).toHaveLength(3);
    now = NOW + 11 * 60_000;
    await expect(renewLeases(context, live())).rejects.toThrow('leases were not renewed');
    expect(renewed).toHaveLength(3);
  });

  it('asks once for what its last list has lost, and then leaves it to the round', async () => {
    let fails = false;
    const { registry, renewed } = leased(
      [],
      ({ id }) => ({ status: id === 'a-record' ? 'gone' : 'done' }),
      {
        list: async () => {
          if (fails) throw new Error('500');
          return { records: [recordOf('a'), recordOf('b')] };
        },
      },
    );
    const { context, looks } = worldOf({ registries: [registry] });
    for (fails of [false, true, true]) await renewLeases(context, live());
    expect(renewed).toEqual(['a-record', 'b-record', 'b-record', 'b-record']);
    expect(looks.flatMap(({ tasks }) => tasks)).toEqual([taskArn('a')]);
  });

  it('fails where a server warms up and nothing is known, since nothing was renewed', async () => {
    const { registry } = leased([], undefined, {
      list: async () => ({ records: [], unknown: 'it is warming up' }),
    });
    const { context } = worldOf({ registries: [registry] });
    await expect(renewLeases(context, live())).rejects.toThrow('leases were not renewed');
  });

  it.each([
    ['of another cluster', { [KEY.task]: taskArn('x').replace('/shop/', '/zoo/') }],
    ['that is nonsense', { [KEY.task]: 'x'.repeat(300_000) }],
  ])(
    'sends no look for a lost record with a task %s, and says so once',
    async (_what, metadata) => {
      const held = [recordOf('a'), recordOf('x', { metadata })];
      const { registry } = leased(held, () => ({ status: 'gone' }));
      const { context, looks, lines } = worldOf({ registries: [registry] });
      for (const _ of ['once', 'twice']) await renewLeases(context, live());
      expect(looks.map(({ tasks }) => tasks)).toEqual([[taskArn('a')], [taskArn('a')]]);
      expect(lines.filter((line) => line.includes('names no task of its cluster'))).toHaveLength(1);
    },
  );

  it('sends no look under observe, where none would write anything', async () => {
    const { registry } = leased([recordOf('a')], () => ({ status: 'gone' }));
    const { context, looks } = worldOf({ registries: [registry], config: { policy: 'observe' } });
    await renewLeases(context, live());
    expect(looks).toEqual([]);
  });
});
