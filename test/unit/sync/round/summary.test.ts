import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Summary } from '../../../../shared/model/summary.ts';
import { parameterText } from '../../../../shared/platform/aws/parameter.ts';
import { fitSummary } from '../../../../shared/sync/limits/operator-store.ts';

const COUNTS = {
  records: 1e6,
  drift: 1e6,
  written: 1e6,
  removed: 1e6,
  failed: 1e6,
  withheld: 1e6,
  waiting: 1e6,
};

const summary = (more: Partial<Summary> = {}): Summary => ({
  at: '2026-01-02T12:00:00.000Z',
  milliseconds: 55_000,
  policy: 'upsert-only',
  clusters: 10_000,
  tasks: 1_000_000,
  registries: { cloudmap: COUNTS, consul: COUNTS, eureka: COUNTS },
  withheld: [],
  unfinished: [],
  skips: [],
  failures: [],
  ...more,
});

/** As it is stored. */
const bytes = (value: object) => Buffer.byteLength(parameterText(value));
const skip = (detail: string) => ({ task: 'arn:t', code: 'no-ports' as const, detail });

describe('a summary', () => {
  it('that fits is left as it is', () => {
    const small = summary({ skips: [skip('a')], failures: ['b'], unfinished: ['c'] });
    expect(fitSummary(small)).toEqual(small);
  });

  it('keeps the twenty newest reasons', () => {
    const failures = Array.from({ length: 25 }, (_, at) => `f${at}`);
    expect(fitSummary(summary({ failures })).failures).toEqual(failures.slice(5));
  });

  it('drops the oldest reasons first until it fits, and keeps its counts', () => {
    const skips = Array.from({ length: 20 }, (_, at) => skip(`${at} ${'x'.repeat(200)}`));
    const fitted = fitSummary(summary({ skips }));
    expect(bytes(fitted)).toBeLessThanOrEqual(4_096);
    expect(fitted.skips.length).toBeGreaterThan(5);
    expect(fitted.skips).toEqual(skips.slice(-fitted.skips.length));
    expect(fitted.registries).toEqual(summary().registries);
  });

  it('cuts one long reason rather than dropping the others', () => {
    const fitted = fitSummary(summary({ failures: ['short', 'x'.repeat(10_000)] }));
    expect(fitted.failures[0]).toBe('short');
    expect(fitted.failures[1]).toMatch(/^x{299}…$/);
  });

  it('keeps of unfinished clusters those that come first in the next round', () => {
    const unfinished = Array.from({ length: 200 }, (_, at) => `${at} ${'x'.repeat(60)}`);
    const fitted = fitSummary(summary({ unfinished })).unfinished;
    expect(fitted.length).toBeGreaterThan(20);
    expect(fitted).toEqual(unfinished.slice(0, fitted.length));
  });

  it('is never above what its parameter holds, in bytes, whatever was written into it', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'ß', '€', '😀', '"', '\n', '\u0000', '\ud800', '{'),
      maxLength: 2_000,
    });
    const some = fc.array(text, { maxLength: 40 });
    fc.assert(
      fc.property(
        fc.record({ skips: some, failures: some, unfinished: some, withheld: some, unknown: text }),
        (texts) => {
          const registry = { ...COUNTS, unknown: texts.unknown };
          const fitted = fitSummary(
            summary({
              registries: { cloudmap: registry, consul: registry, eureka: registry },
              skips: texts.skips.map(skip),
              failures: texts.failures,
              unfinished: texts.unfinished,
              withheld: texts.withheld.map((cluster) => ({
                cluster,
                plan: '0123456789abcdef',
                removals: 12,
                why: 'renamed' as const,
              })),
            }),
          );
          expect(bytes(fitted)).toBeLessThanOrEqual(4_096);
          expect(fitted.registries.eureka).toMatchObject(COUNTS);
        },
      ),
    );
  });
});
