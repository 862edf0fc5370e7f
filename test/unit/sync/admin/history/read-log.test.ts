import { describe, expect, it } from 'vitest';
import type { LogPage, LogQuery } from '../../../../../shared/platform/aws/log-reader.ts';
import { readBackwards } from '../../../../../shared/sync/admin/history/read-log.ts';
import { live } from '../../fakes.ts';
import { NOW, outcome } from './records.ts';

const HOUR = 3_600_000;
const ago = (hours: number) => NOW - hours * HOUR;
const line = (hours: number, id: string) =>
  JSON.stringify(outcome({ id, time: new Date(ago(hours)).toISOString() }));

/** What is found, by a log that answers each query so; time passes only while it is waited for. */
const read = async (
  hours: number,
  answer: (query: LogQuery) => LogPage,
  { callMs = 0, signal = live() } = {},
) => {
  const calls: { readonly at: number; readonly query: LogQuery }[] = [];
  let clock = NOW;
  const pace = {
    now: () => clock,
    sleep: async (milliseconds: number) => {
      clock += milliseconds;
    },
    read: async (query: LogQuery) => {
      calls.push({ at: clock - NOW, query });
      clock += callMs;
      return answer(query);
    },
  };
  const parts: { from: number; ids: readonly string[] }[] = [];
  const span = { pattern: '{}', from: ago(hours), to: NOW };
  for await (const { from, records } of readBackwards(span, pace, signal))
    parts.push({ from: (NOW - from) / HOUR, ids: records.map(({ id }) => id) });
  return { calls, parts };
};

describe('the log', () => {
  it('is read backwards, in parts that grow and leave no gap', async () => {
    const { calls, parts } = await read(24, () => ({ lines: [] }));
    expect(parts.map(({ from }) => from)).toEqual([1, 5, 21, 24]);
    const edges = calls.map(({ query: { from, to } }) => [from, to]);
    for (const [index, [, to]] of edges.entries())
      expect(to).toBe((index === 0 ? NOW : (edges[index - 1]?.[0] ?? 0)) - 1);
  });

  it('is asked at most twice a second', async () => {
    const { calls } = await read(24, () => ({ lines: [] }));
    expect(calls.map(({ at }) => at)).toEqual([0, 500, 1_000, 1_500]);
  });

  it('is read to the last page, also where one is empty', async () => {
    const pages: Record<string, LogPage> = {
      '': { lines: [line(0.9, 'a')], token: 'b' },
      b: { lines: [], token: 'c' },
      c: { lines: [line(0.1, 'c')] },
    };
    const { parts } = await read(1, ({ token = '' }) => pages[token] ?? { lines: [] });
    expect(parts).toEqual([{ from: 1, ids: ['a', 'c'] }]);
  });

  it('is left after ten seconds: what was not read whole is not given', async () => {
    const { calls, parts } = await read(24, ({ from }) =>
      from < ago(5) ? { lines: [line(6, 'x')], token: 'more' } : { lines: [line(0.5, 'a')] },
    );
    expect(parts.map(({ from }) => from)).toEqual([1, 5]);
    expect(calls).toHaveLength(20);
    const slow = await read(24, () => ({ lines: [] }), { callMs: 6_000 });
    expect(slow.calls).toHaveLength(2);
  });

  it('is not asked once the caller has no time left', async () => {
    const signal = AbortSignal.abort();
    const { calls } = await read(24, () => ({ lines: [] }), { signal });
    expect(calls).toEqual([]);
  });

  it('may hold other lines, and lines that only look like records', async () => {
    const lines = [
      'not JSON',
      '{"message":"other"}',
      '{"rollcall":2,"kind":"outcome"}',
      '{"rollcall":1,"kind":"outcome","time":"soon"}',
      line(0.5, 'a'),
    ];
    expect((await read(1, () => ({ lines }))).parts[0]?.ids).toEqual(['a']);
  });
});
