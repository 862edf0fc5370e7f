import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limit } from '../../../shared/model/plan.ts';
import {
  approvedUntil,
  clusterHash,
  isFromTheFuture,
  NO_REMOVALS,
  type Removals,
  removedAt,
  withApproval,
  withReservations,
} from '../../../shared/plan/removals.ts';

const NOW = Date.UTC(2026, 0, 2, 12, 0, 30);
const HOUR = 3_600_000;
const HERE = clusterHash('arn:aws:ecs:eu-west-1:111122223333:cluster/shop', 'consul');
const ELSEWHERE = clusterHash('arn:aws:ecs:eu-west-1:111122223333:cluster/shop', 'eureka');

const missing = (records: number, hash = HERE) => ({ hash, limit: 'missing' as const, records });

describe('what was removed', () => {
  it('counts for an hour, at its cluster and registry, and for its limit alone', () => {
    const removals = withReservations(NO_REMOVALS, [missing(5)], NOW);
    expect(removedAt(removals, HERE, NOW)).toEqual({ missing: 5, renamed: 0 });
    expect(removedAt(removals, HERE, NOW + HOUR)).toEqual({ missing: 5, renamed: 0 });
    expect(removedAt(removals, HERE, NOW + HOUR + 60_000)).toEqual({ missing: 0, renamed: 0 });
    expect(removedAt(removals, ELSEWHERE, NOW)).toEqual({ missing: 0, renamed: 0 });
  });

  it('is forgotten once it is older, with the next that is added', () => {
    const old = withReservations(NO_REMOVALS, [missing(5)], NOW);
    const next = withReservations(old, [missing(1, ELSEWHERE)], NOW + 2 * HOUR);
    expect(Object.keys(next.missing)).toHaveLength(1);
    expect(JSON.stringify(next)).not.toContain(HERE);
  });

  it('of times far ahead was not written in good faith', () => {
    const ahead = (minutes: number): Removals => ({
      ...NO_REMOVALS,
      missing: { [Math.ceil(NOW / 60_000) + minutes]: { [HERE]: 1 } },
    });
    expect(isFromTheFuture(ahead(60), NOW)).toBe(false);
    expect(isFromTheFuture(ahead(121), NOW)).toBe(true);
    expect(isFromTheFuture(NO_REMOVALS, NOW)).toBe(false);
  });

  it('of a release that would last for hours was not either', () => {
    const until = (minutes: number) =>
      withApproval(NO_REMOVALS, '0123456789abcdef', NOW + minutes * 60_000, NOW);
    expect(isFromTheFuture(until(15), NOW)).toBe(false);
    expect(isFromTheFuture(until(600), NOW)).toBe(true);
  });

  const steps = fc.array(
    fc.record({
      reservations: fc.array(
        fc.record({
          hash: fc
            .tuple(fc.nat(400), fc.constantFrom('cloudmap', 'consul', 'eureka'))
            .map(([at, registry]) => clusterHash(`cluster/${at}`, registry)),
          limit: fc.constantFrom<Limit>('missing', 'renamed'),
          records: fc.integer({ min: 1, max: 100_000 }),
        }),
        { maxLength: 100, size: 'max' },
      ),
      /** Milliseconds after the step before it. */
      after: fc.nat(600_000),
    }),
    { maxLength: 20 },
  );

  it('never counts less than what was, and always fits its parameter, whatever the number of clusters', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let now = NOW;
        let removals = NO_REMOVALS;
        const exact: { hash: string; limit: Limit; records: number; at: number }[] = [];
        for (const { reservations, after } of all) {
          now += after;
          removals = withReservations(removals, reservations, now);
          for (const reservation of reservations) exact.push({ ...reservation, at: now });
        }
        expect(JSON.stringify(removals).length).toBeLessThanOrEqual(4_096);
        expect(isFromTheFuture(removals, now)).toBe(false);
        for (const hash of new Set(exact.map((one) => one.hash))) {
          const counted = removedAt(removals, hash, now);
          for (const limit of ['missing', 'renamed'] as const) {
            const within = exact.filter(
              (one) => one.hash === hash && one.limit === limit && now - one.at <= HOUR,
            );
            expect(counted[limit]).toBeGreaterThanOrEqual(
              within.reduce((sum, { records }) => sum + records, 0),
            );
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is exact for as many clusters as one round is likely to meet', () => {
    const hashes = Array.from({ length: 100 }, (_, at) => clusterHash(`cluster/${at}`, 'consul'));
    const removals = withReservations(
      NO_REMOVALS,
      hashes.map((hash) => missing(7, hash)),
      NOW,
    );
    for (const hash of hashes) expect(removedAt(removals, hash, NOW).missing).toBe(7);
  });
});

describe('what is left of a released plan', () => {
  const plan = (at: number) => `${at}`.padStart(16, '0');
  it('may go until then, by its own id', () => {
    const removals = withApproval(NO_REMOVALS, plan(1), NOW + 600_000, NOW);
    expect(approvedUntil(removals, plan(1), NOW)).toBe(NOW + 570_000);
    expect(approvedUntil(removals, plan(2), NOW)).toBeUndefined();
    expect(approvedUntil(removals, plan(1), NOW + 570_000)).toBeUndefined();
    expect(withReservations(removals, [missing(1)], NOW + HOUR).released).toEqual({});
  });

  it('is kept for ten plans, the oldest going first', () => {
    let removals = NO_REMOVALS;
    for (let at = 0; at < 30; at++)
      removals = withApproval(removals, `${'a'.repeat(14)}${10 + at}`, NOW + HOUR, NOW);
    expect(Object.keys(removals.released)).toHaveLength(10);
    expect(approvedUntil(removals, `${'a'.repeat(14)}39`, NOW)).toBeDefined();
  });
});
