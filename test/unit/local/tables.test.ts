import { expect, it } from 'vitest';
import { summaryText } from '../../../local/tables.ts';
import type { Summary } from '../../../shared/model/summary.ts';

const counts = {
  records: 12,
  drift: 0,
  written: 0,
  removed: 0,
  failed: 0,
  withheld: 0,
  waiting: 0,
};
const summary: Summary = {
  at: '2026-01-01T12:00:00.000Z',
  milliseconds: 140,
  policy: 'sync',
  clusters: 1,
  tasks: 9,
  registries: { cloudmap: counts, consul: { ...counts, removed: 2, unknown: 'it is down' } },
  withheld: [],
  unfinished: [],
  skips: [],
  failures: [],
};

it('a reconcile is told as a table, in the registries’ order', () => {
  expect(summaryText({ ...summary, registries: { cloudmap: counts } })).toBe(
    [
      'reconciled in 140 ms under the policy sync: 9 tasks in 1 cluster',
      'registry  records  written  removed  failed  withheld  waiting',
      'cloudmap  12       0        0        0       0         0',
    ].join('\n'),
  );
});

it('what needs a look has a line of its own below the table, and the same reason only one', () => {
  const skip = { task: 'a', code: 'ignored', detail: 'port 9000' };
  const text = summaryText({
    ...summary,
    failures: ['cluster b'],
    unfinished: ['cluster c'],
    withheld: [{ cluster: 'a', plan: 'p1', removals: 7, why: 'missing' }],
    skips: [skip, { ...skip, task: 'b' }],
  });
  expect(text.split('\n').slice(4)).toEqual([
    'consul: nothing is removed there, since it is down',
    'failed: cluster b',
    'left to the next round: cluster c',
    'withheld: 7 removals wait for a release (plan p1)',
    'left out (ignored): port 9000',
  ]);
});
