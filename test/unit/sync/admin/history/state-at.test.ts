import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutcomeRecord, RecordState } from '../../../../../shared/model/outcome-record.ts';
import {
  type HeldNow,
  type RecordThen,
  stateAt,
} from '../../../../../shared/sync/admin/history/state-at.ts';
import { outcome, state } from './records.ts';

const START = Date.UTC(2026, 0, 2);
const iso = (time: number) => new Date(time).toISOString();
const at = (minute: number) => START + minute * 60_000;
const time = (minute: number) => ({ time: iso(at(minute)) });

const held = (more: Partial<HeldNow> = {}): HeldNow => ({
  registry: 'consul',
  id: 'a',
  isOurs: true,
  state: state(),
  ...more,
});
const then = (minute: number, records: readonly OutcomeRecord[], now: readonly HeldNow[] = []) =>
  stateAt(at(minute), { held: now, unread: new Set(), records, from: START });

describe('what was there', () => {
  it('is what is there today, where nothing came of it since', () => {
    expect(then(5, [], [held()])).toMatchObject([{ id: 'a', state: state() }]);
  });

  it('is what the newest outcome before wrote, and nothing after it was removed', () => {
    const records = [
      outcome({ ...time(1), after: state({ port: 1 }) }),
      outcome({ ...time(3), what: 'remove' }),
    ];
    expect(then(2, records)).toMatchObject([{ state: { port: 1 } }]);
    expect(then(4, records)).toMatchObject([{ state: null }]);
  });

  it('is what the oldest outcome since found, where the log holds none before', () => {
    const records = [outcome({ ...time(3), before: state({ port: 1 }) })];
    expect(then(2, records, [held()])).toMatchObject([{ state: { port: 1 } }]);
    const first = [outcome({ ...time(3), before: null })];
    expect(then(2, first, [held()])).toMatchObject([{ state: null }]);
  });

  it('is nothing before its task started, though the first write failed and nothing is held', () => {
    const after = state({ started: iso(at(3)) });
    const records = [
      outcome({ ...time(3), status: 'retry' }),
      outcome({ ...time(4), after }),
      outcome({ ...time(5), what: 'remove' }),
    ];
    expect(then(2, records)).toMatchObject([{ state: null }]);
  });

  it('is nothing before its task started, though nobody read it', () => {
    const after = state({ started: iso(at(3)) });
    expect(then(2, [outcome({ ...time(3), after })])).toMatchObject([{ state: null }]);
    expect(then(2, [], [held({ state: after })])).toMatchObject([{ state: null }]);
  });

  it('is unknown where nobody read what was there, and the log holds nothing before', () => {
    expect(then(2, [outcome({ ...time(3), what: 'remove' })])).toMatchObject([
      { state: undefined, why: expect.stringContaining('nobody read') },
    ]);
  });

  it('is unknown where somebody else wrote: what was written and what was found differ', () => {
    const records = [
      outcome({ ...time(1), after: state({ port: 1 }) }),
      outcome({ ...time(3), before: state({ port: 2 }) }),
    ];
    const others = { state: undefined, why: expect.stringContaining('somebody else wrote') };
    expect(then(2, records, [held()])).toMatchObject([others]);
    expect(then(2, records.slice(0, 1), [held()])).toMatchObject([others]);
    expect(then(2, [], [held({ isOurs: false })])).toMatchObject([others]);
  });

  it('is unknown before the log begins, but for what had not started', () => {
    const now = [held(), held({ id: 'b', state: state({ started: iso(at(3)) }) })];
    const evidence = { held: now, unread: new Set<never>(), records: [], from: at(4) };
    expect(stateAt(at(2), evidence)).toMatchObject([
      { id: 'a', state: undefined, why: expect.stringContaining('the log') },
      { id: 'b', state: null },
    ]);
  });

  it('is unknown of a registry that cannot be read today, unless the log tells it', () => {
    const records = [outcome({ ...time(1) }), outcome({ ...time(1), id: 'b', status: 'retry' })];
    const evidence = { held: [], unread: new Set(['consul'] as const), records, from: START };
    expect(stateAt(at(2), evidence)).toMatchObject([
      { id: 'a', state: state() },
      { id: 'b', state: undefined, why: expect.stringContaining('cannot be read') },
    ]);
  });

  it('is not known of a failed write, which may have arrived; of a refused one it is as before', () => {
    const before = outcome({ ...time(1), after: state({ port: 1 }) });
    const failed = outcome({ ...time(2), status: 'retry', reason: '503' });
    const refused = outcome({ ...time(2), status: 'refused', reason: '403' });
    const next = outcome({ ...time(4), before: state() });
    expect(then(3, [before, failed, next], [held()])).toMatchObject([{ state: state() }]);
    expect(then(3, [before, failed])).toMatchObject([{ state: null }]);
    expect(then(3, [before, refused], [held({ state: state({ port: 1 }) })])).toMatchObject([
      { state: { port: 1 } },
    ]);
  });

  it('follows a renaming that is one write', () => {
    const records = [
      outcome({ ...time(1) }),
      outcome({ ...time(3), service: 'shop', before: state(), after: state({ service: 'shop' }) }),
    ];
    const now = [held({ state: state({ service: 'shop' }) })];
    const names = (minute: number) =>
      then(minute, records, now).flatMap((one) => (one.state ? [one.service] : []));
    expect([names(2), names(4)]).toEqual([['web'], ['shop']]);
  });

  it('finds a record of Eureka under its name in capitals', () => {
    const records = [outcome({ ...time(1), registry: 'eureka', service: 'WEB' })];
    const now = [held({ registry: 'eureka' })];
    expect(then(2, records, now)).toMatchObject([{ state: state({ service: 'web' }) }]);
  });
});

/** A registry, forward in time: what is written to it, by whom, and what each write knew. */
type Act = {
  readonly id: string;
  readonly kind: 'upsert' | 'health' | 'remove' | 'foreign';
  readonly port: number;
  readonly reads: boolean;
};

const acts = (kinds: readonly Act['kind'][]) =>
  fc.array(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom(...kinds),
      port: fc.integer({ min: 1, max: 4 }),
      reads: fc.boolean(),
    }),
    { maxLength: 25 },
  );

type Contents = ReadonlyMap<string, RecordState>;

/** The run: contents after each minute, and the outcomes that ours leave. */
const play = (run: readonly Act[]) => {
  const contents = new Map<string, RecordState>();
  const lives: Contents[] = [new Map()];
  const records: OutcomeRecord[] = [];
  const started = new Map<string, string>();
  for (const [index, { id, kind, port, reads }] of run.entries()) {
    const minute = index + 1;
    // A removal of nothing leaves no outcome, and no life of its own.
    lives.push(new Map(contents));
    const before = contents.get(id);
    const known = reads ? { before: before ?? null } : {};
    const isWrite = kind === 'upsert' || kind === 'foreign';
    if (isWrite && !started.has(id)) started.set(id, iso(at(minute)));
    const begun = { started: started.get(id) ?? '' };
    if (kind === 'foreign') {
      contents.set(id, state({ ...begun, port: port + 10 }));
    } else if (kind === 'remove') {
      if (!contents.delete(id)) continue;
      records.push(outcome({ ...time(minute), ...known, what: 'remove', id }));
    } else if (kind === 'upsert') {
      const after = state({ ...begun, port });
      contents.set(id, after);
      records.push(outcome({ ...time(minute), ...known, id, after }));
    } else if (before) {
      const after = { ...before, health: port > 2 ? 'healthy' : 'unhealthy' } as const;
      contents.set(id, after);
      records.push(outcome({ ...time(minute), before, what: 'health', id, after }));
    }
    lives[minute] = new Map(contents);
  }
  const now = [...contents].map(([id, one]) => held({ id, state: one }));
  return { lives, records, now };
};

const knownIn = (all: readonly RecordThen[]) =>
  new Map(all.flatMap(({ id, state: one }) => (one ? [[id, one] as const] : [])));

describe('a run of outcomes, undone', () => {
  it('gives at any time what there was, where all of the log is at hand and nobody else wrote', () => {
    fc.assert(
      fc.property(acts(['upsert', 'health', 'remove']), fc.nat(30), (run, minute) => {
        const { lives, records, now } = play(run);
        const found = then(minute, records, now);
        expect(found.filter((one) => one.state === undefined)).toEqual([]);
        expect(knownIn(found)).toEqual(lives[Math.min(minute, run.length)]);
      }),
    );
  });

  it('says nothing that was not so, where the log holds only what came later', () => {
    fc.assert(
      fc.property(acts(['upsert', 'health', 'remove']), fc.nat(30), (run, minute) => {
        const { lives, records, now } = play(run);
        const later = records.filter((one) => Date.parse(one.time) > at(minute));
        const was = lives[Math.min(minute, run.length)];
        for (const { id, state: one } of then(minute, later, now))
          if (one !== undefined) expect([id, one]).toEqual([id, was?.get(id) ?? null]);
      }),
    );
  });

  it('says nothing that was not so, where others write too and every write of ours reads first', () => {
    const reading = acts(['upsert', 'health', 'remove', 'foreign']).map((run) =>
      run.map((act) => ({ ...act, reads: true })),
    );
    fc.assert(
      fc.property(reading, fc.nat(30), (run, minute) => {
        const { lives, records, now } = play(run);
        const was = lives[Math.min(minute, run.length)];
        // Of what others change between two writes of ours, only the second tells.
        const isQuiet = (id: string) => {
          const next = records.find((one) => one.id === id && Date.parse(one.time) > at(minute));
          const end = next && (Date.parse(next.time) - START) / 60_000;
          return !run.slice(minute, end).some((act) => act.id === id && act.kind === 'foreign');
        };
        for (const { id, state: one } of then(minute, records, now))
          if (isQuiet(id) && one !== undefined)
            expect([id, one]).toEqual([id, was?.get(id) ?? null]);
      }),
    );
  });
});
