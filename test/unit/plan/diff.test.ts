import { describe, expect, it } from 'vitest';
import type { Registration } from '../../../shared/model/registration.ts';
import { difference } from '../../../shared/plan/diff.ts';
import { record } from './builders.ts';

describe('a record', () => {
  it.each<[string, Partial<Registration>]>([
    ['service changed', { service: 'shop' }],
    ['address changed', { address: '10.0.0.2' }],
    ['port changed', { port: 8081 }],
    ['protocol changed', { protocol: 'udp' }],
    ['tags changed', { tags: ['blue'] }],
    ['metadata.VERSION changed', { metadata: { VERSION: '2' } }],
    ['metadata.constructor changed', { metadata: { constructor: 'x' } }],
    ['detail.weight changed', { detail: { weight: '2' } }],
    ['address, port, detail.a changed', { address: '10.0.0.2', port: 1, detail: { a: '1' } }],
  ])('is written anew when %s, in either direction', (reason, more) => {
    const held = record();
    const desired = record(more);
    expect(difference(desired, held)).toEqual({
      kind: 'upsert',
      record: desired,
      before: held,
      reason,
    });
    expect(difference(held, desired)).toMatchObject({ kind: 'upsert', reason });
  });

  it('is the same in whatever case a registry keeps its name', () => {
    expect(difference(record({ service: 'Web' }), record({ service: 'web' }))).toBeUndefined();
  });

  it('is the same whatever the order of its tags and keys', () => {
    const a = record({
      tags: ['x', 'y'],
      metadata: { A: '1', B: '2' },
      detail: { c: '3', d: '4' },
    });
    const b = record({
      tags: ['y', 'x', 'x'],
      metadata: { B: '2', A: '1' },
      detail: { d: '4', c: '3' },
    });
    expect(difference(a, b)).toBeUndefined();
  });

  it.each(['ROLLCALL_NAMING', 'ROLLCALL_DEPLOYMENT', 'ROLLCALL_REVISION'])(
    'is not written anew for %s, which a new version writes on every record',
    (key) => {
      const held = record();
      const desired = record({ metadata: { [key]: '7' } });
      expect(difference(desired, held)).toBeUndefined();
      expect(difference({ ...desired, port: 1 }, held)).toMatchObject({
        kind: 'upsert',
        record: { metadata: { [key]: '7' } },
      });
    },
  );

  it.each(['ROLLCALL_DEPLOYMENT', 'ROLLCALL_REVISION'])('is where %s is another', (key) => {
    const [held, desired] = ['6', '7'].map((value) => record({ metadata: { [key]: value } }));
    expect(desired && difference(desired, held)).toMatchObject({
      reason: `metadata.${key} changed`,
    });
  });

  it('whose metadata is named like a part of every object is still the same as itself', () => {
    const metadata = JSON.parse('{"__proto__":"x","toString":"y"}');
    expect(difference(record({ metadata }), record({ metadata: { ...metadata } }))).toBeUndefined();
  });
});

describe('health', () => {
  const H = ['healthy', 'unhealthy', 'starting', undefined] as const;
  it.each(
    H.flatMap((wanted) => H.map((held) => [wanted, held] as const)).map(([wanted, held]) => {
      const told =
        wanted !== undefined && wanted !== 'starting' && held !== undefined && wanted !== held;
      return [
        String(wanted),
        String(held),
        told ? 'is written' : 'is left',
        { wanted, held, told },
      ] as const;
    }),
  )('wanted %s, held %s: %s', (_wanted, _held, _what, { wanted, held, told }) => {
    const change = difference(record({ health: wanted }), record({ health: held }));
    expect(change).toEqual(
      told
        ? expect.objectContaining({
            kind: 'health',
            health: wanted,
            reason: `health ${held} → ${wanted}`,
          })
        : undefined,
    );
  });

  it('of a record that exists is not lowered by a check that has not answered, even when all else changes', () => {
    const change = difference(
      record({ health: 'starting', port: 9090 }),
      record({ health: 'healthy' }),
    );
    expect(change).toMatchObject({ kind: 'upsert', record: { port: 9090, health: 'healthy' } });
  });

  it('of a new record is written as it is', () => {
    expect(difference(record({ health: 'starting' }), undefined)).toMatchObject({
      kind: 'upsert',
      record: { health: 'starting' },
    });
  });
});
