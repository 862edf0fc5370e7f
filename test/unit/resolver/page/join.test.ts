import { describe, expect, it } from 'vitest';
import type { Target } from '../../../../shared/model/registration.ts';
import { joinRegistries, type ServiceRows } from '../../../../shared/resolver/page/join.ts';
import type { RegistryContents } from '../../../../shared/resolver/page/page-data.ts';
import { contents, held, NOW, OWNER, shopContents } from '../../../support/page-scene.ts';

const joined = (...registries: readonly RegistryContents[]) =>
  joinRegistries(registries, { owner: OWNER, now: NOW, withhold: () => undefined });
/** `web 10.0.0.1 cloudmap:held consul:missing drift` */
const linesOf = (services: readonly ServiceRows[]) =>
  services.flatMap(({ service, rows }) =>
    rows.map(({ target, presences, drifts }) =>
      [
        service,
        target.address,
        ...presences.map(
          (one) => `${one.registry}:${(one.state === 'held' && one.differs) || one.state}`,
        ),
        ...(drifts ? ['drift'] : []),
      ].join(' '),
    ),
  );

const started = (millisecondsAgo: number) => ({
  metadata: { ROLLCALL_STARTED: new Date(NOW - millisecondsAgo).toISOString() },
});

describe('what registries hold', () => {
  it('is one list, each instance once, with what each registry knows of it', () => {
    expect(linesOf(joined(...shopContents()))).toEqual([
      'mail 10.0.0.21 cloudmap:soon consul:held eureka:soon',
      'stock-price 10.0.0.11 cloudmap:held consul:held eureka:held',
      'stock-price 10.0.0.12 cloudmap:held consul:held eureka:held',
      'web 10.0.0.1 cloudmap:held consul:held eureka:held',
      'web 10.0.0.2 cloudmap:held consul:held eureka:held',
      'web 10.0.0.3 cloudmap:held consul:missing eureka:held drift',
      'ledger 10.0.0.31 cloudmap:foreign consul:held eureka:foreign',
    ]);
  });

  it('shows a service as people spell it, even where Eureka comes first', () => {
    const upper = held(1, { service: 'WEB' });
    const services = joined(
      contents('eureka', { WEB: [upper] }),
      contents('cloudmap', { web: [held(2)], _web: [] }),
    ).map(({ service, rows }) => [service, rows.length]);
    expect(services).toEqual([
      ['web', 2],
      ['_web', 0],
    ]);
  });

  it('counts an instance once that stands under two names in one registry', () => {
    const both = contents('cloudmap', {
      web: [held(1)],
      '_web._tcp': [held(1, { service: '_web._tcp' })],
    });
    expect(linesOf(joined(both, contents('consul', { web: [held(1)] })))).toEqual([
      'web 10.0.0.1 cloudmap:held consul:held',
    ]);
  });

  it('keeps strangers of one id apart', () => {
    const stranger = (address: string): Target => ({ ...held(1), id: 'a', metadata: {}, address });
    const rows = joined(
      contents('consul', { web: [stranger('10.9.0.1'), stranger('10.9.0.2')] }),
      contents('eureka', { WEB: [{ ...stranger('10.9.0.1'), service: 'WEB' }] }),
    ).flatMap((service) => service.rows);
    expect(rows).toHaveLength(3);
    expect(rows.every(({ ours, drifts }) => !ours && !drifts)).toBe(true);
  });

  it('shows services that have no instances', () => {
    expect(joined(contents('cloudmap', { idle: [] }))).toEqual([{ service: 'idle', rows: [] }]);
  });
});

describe('a record that a registry does not hold', () => {
  const inConsul = (target: Target, other: RegistryContents) =>
    linesOf(joined(contents('consul', { web: [target] }), other))[0];

  it.each<[string, Target, RegistryContents, string]>([
    ['is missing', held(1), contents('eureka', {}), 'eureka:missing drift'],
    [
      'is not there yet where the task is young',
      held(1, started(80_000)),
      contents('eureka', {}),
      'eureka:soon',
    ],
    [
      'is missing a moment later',
      held(1, started(100_000)),
      contents('eureka', {}),
      'eureka:missing drift',
    ],
    [
      'waits where the registry takes nobody before it is healthy',
      held(1, { healthy: false }),
      contents('cloudmap', {}),
      'cloudmap:waits',
    ],
    [
      'is missing elsewhere, healthy or not',
      held(1, { healthy: false }),
      contents('eureka', {}),
      'eureka:missing drift',
    ],
    [
      'is not called missing where the registry cannot be read',
      held(1),
      { state: 'unreadable', registry: 'eureka', fault: '' },
      'eureka:unknown',
    ],
    [
      'is not called missing by an old answer',
      held(1),
      contents('eureka', {}, { state: 'old', age: 60_000 }),
      'eureka:unknown',
    ],
    [
      'of another owner is nobody’s loss',
      held(1, { metadata: { ROLLCALL_OWNER: 'another' } }),
      contents('eureka', {}),
      'eureka:foreign',
    ],
  ])('%s', (_, target, other, expected) => {
    expect(inConsul(target, other)).toBe(`web 10.0.0.1 consul:held ${expected}`);
  });
});

describe('a record that only an old answer holds', () => {
  const old = (target: Target) => contents('consul', { web: [target] }, { state: 'old' });
  const line = (target: Target, ...others: readonly RegistryContents[]) =>
    linesOf(joined(old(target), ...others))[0];

  it('has left where a registry that can be read lacks it: nothing is missing', () => {
    expect(line(held(1), contents('eureka', {}))).toBe('web 10.0.0.1 consul:held eureka:gone');
    expect(line(held(1, started(5_000)), contents('cloudmap', {}))).toContain('cloudmap:gone');
  });

  it('may be there where the others could not know it', () => {
    const unread = { state: 'unreadable', registry: 'eureka', fault: '' } as const;
    expect(line(held(1), unread)).toContain('eureka:unknown');
    expect(line(held(1, { healthy: false }), contents('cloudmap', {}))).toContain('waits');
    expect(line({ ...held(1), metadata: {} }, contents('eureka', {}))).toContain('foreign');
  });
});

describe('a record that a registry holds otherwise', () => {
  const against = (changes: Partial<Target>, rest: Partial<RegistryContents> = {}) =>
    linesOf(
      joined(
        contents('consul', { web: [held(1)] }),
        contents('eureka', { web: [held(1, changes)] }, rest),
      ),
    )[0];

  it.each<[Partial<Target>, Partial<RegistryContents>, string]>([
    [{ port: 81 }, {}, 'eureka:at 10.0.0.1:81 drift'],
    [{ address: '10.1.1.1' }, {}, 'eureka:at 10.1.1.1:8080 drift'],
    [{ port: 81 }, { state: 'old' }, 'eureka:at 10.0.0.1:81'],
    [{ healthy: false }, {}, 'eureka:unhealthy'],
    [{ tags: ['x'] }, {}, 'eureka:held'],
  ])('with %j, read as %j, is shown as it is there', (changes, rest, expected) => {
    expect(against(changes, rest)).toBe(`web 10.0.0.1 consul:held ${expected}`);
  });
});
