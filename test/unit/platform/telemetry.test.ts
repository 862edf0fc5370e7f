import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, ChangeResult, Outcome } from '../../../shared/model/plan.ts';
import { REGISTRY_NAMES } from '../../../shared/model/registration.ts';
import { createLogger, type LogLevel } from '../../../shared/platform/log.ts';
import { type Counter, createTelemetry } from '../../../shared/platform/telemetry.ts';
import { failed, notYet, refused } from '../../../shared/registries/outcome.ts';
import { record } from '../plan/builders.ts';
import { metricsOf } from './embedded-metrics.ts';

const OWNER = 'rollcall:111122223333:eu-west-1';
const NOW = Date.UTC(2026, 0, 2, 12);
const held = record({ id: 'a' });
const upsert: Change = { kind: 'upsert', record: held, reason: 'not registered yet' };
const health: Change = {
  kind: 'health',
  record: held,
  health: 'healthy',
  before: held,
  reason: 'health',
};
const remove: Change = {
  kind: 'remove',
  ref: { service: held.service, id: held.id, cluster: held.cluster },
  before: held,
  reason: 'task has stopped',
};

const start = (level: LogLevel = 'debug') => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const logger = createLogger({ level, now: () => NOW, write });
  const telemetry = createTelemetry({ owner: OWNER, now: () => NOW, logger, write });
  return {
    lines,
    telemetry,
    logged: () => lines.map((line): Record<string, unknown> => JSON.parse(line)),
    /** What was counted, as `consul Registered`, by the metrics that CloudWatch would make. */
    counted: () => {
      const from = lines.length;
      void telemetry.flush();
      return Object.fromEntries(
        lines
          .slice(from)
          .flatMap(metricsOf)
          .map((one) => [
            [one.dimensions['Registry'], one.name].filter(Boolean).join(' '),
            one.values,
          ]),
      );
    },
  };
};

const tell = (outcome: Outcome, eventTime?: number) => {
  const made = start();
  made.telemetry.outcome('consul', outcome, {
    path: 'event',
    ...(eventTime !== undefined && { eventTime }),
  });
  return made;
};

describe('a metric', () => {
  it('stands in the namespace, with the owner and its registry as dimensions, and its unit', () => {
    const { telemetry, lines } = start();
    telemetry.outcome(
      'consul',
      { change: upsert, status: 'done' },
      { path: 'event', eventTime: NOW - 70 },
    );
    telemetry.count('SharedNames', 2);
    void telemetry.flush();
    const consul = { namespace: 'Rollcall', dimensions: { Owner: OWNER, Registry: 'consul' } };
    expect(lines.slice(1).flatMap(metricsOf)).toEqual([
      { ...consul, name: 'Registered', unit: 'Count', values: [1] },
      { ...consul, name: 'EventAge', unit: 'Milliseconds', values: [70] },
      {
        namespace: 'Rollcall',
        dimensions: { Owner: OWNER },
        name: 'SharedNames',
        unit: 'Count',
        values: [2],
      },
    ]);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ _aws: { Timestamp: NOW } });
  });

  it.each<[string, Outcome, object]>([
    ['a registration', { change: upsert, status: 'done' }, { 'consul Registered': [1] }],
    ['a removal', { change: remove, status: 'done' }, { 'consul Removed': [1] }],
    ['a change of health', { change: health, status: 'done' }, { 'consul HealthChanged': [1] }],
    [
      'what was accepted and is under way',
      { change: upsert, status: 'pending', operation: 'op' },
      { 'consul Registered': [1] },
    ],
    ['what waits for its first healthy answer', { change: upsert, status: 'pending' }, {}],
    ['what was so already', { change: upsert, status: 'unchanged' }, {}],
    ['what is gone', { change: health, status: 'gone' }, {}],
    [
      'what may succeed later',
      { change: upsert, status: 'retry', reason: '503' },
      { 'consul Failed': [1] },
    ],
    [
      'what only waits for an earlier write',
      { change: upsert, status: 'retry', failed: false, reason: '400 DuplicateRequest' },
      {},
    ],
    [
      'what was refused',
      { change: remove, status: 'refused', reason: '403' },
      { 'consul Failed': [1] },
    ],
  ])('counts %s', (_, outcome, expected) => {
    expect(tell(outcome).counted()).toEqual(expected);
  });

  it('of age is taken from events that registered, and from nothing else', () => {
    expect(tell({ change: upsert, status: 'done' }, NOW - 1_500).counted()).toMatchObject({
      'consul EventAge': [1_500],
    });
    expect(tell({ change: upsert, status: 'done' }).counted()).not.toHaveProperty(
      'consul EventAge',
    );
    expect(tell({ change: remove, status: 'done' }, NOW).counted()).not.toHaveProperty(
      'consul EventAge',
    );
    expect(tell({ change: upsert, ...failed('503') }, NOW).counted()).not.toHaveProperty(
      'consul EventAge',
    );
  });

  it('of age carries a hundred values at most, since CloudWatch drops a line with more', () => {
    const { telemetry, counted } = start();
    for (let one = 0; one < 120; one++) {
      telemetry.outcome(
        'consul',
        { change: upsert, status: 'done' },
        { path: 'event', eventTime: NOW },
      );
    }
    const { 'consul EventAge': ages, 'consul Registered': registered } = counted();
    expect(registered).toEqual([120]);
    expect(ages).toHaveLength(100);
  });

  it('of nothing is told too, so that an alarm sees the difference between none and no news', () => {
    const { telemetry, counted } = start();
    telemetry.count('Drift', 0, 'eureka');
    expect(counted()).toEqual({ 'eureka Drift': [0] });
  });

  it('is told once: the next invocation begins at nothing', () => {
    const { telemetry, counted } = start();
    telemetry.count('Failed', 1, 'consul');
    expect(counted()).toEqual({ 'consul Failed': [1] });
    expect(counted()).toEqual({});
  });

  it('sums what was counted, whatever the order, in one line a registry that keeps the format', () => {
    const names: readonly Counter[] = [
      'Registered',
      'Removed',
      'Renewed',
      'Withheld',
      'Failed',
      'Drift',
    ];
    const call = fc.record({
      counter: fc.constantFrom(...names),
      value: fc.nat(1_000),
      registry: fc.constantFrom(...REGISTRY_NAMES, undefined),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
        const { telemetry, counted, lines } = start();
        const sums: Record<string, number[]> = {};
        for (const { counter, value, registry } of calls) {
          telemetry.count(counter, value, registry);
          const key = registry === undefined ? counter : `${registry} ${counter}`;
          sums[key] = [(sums[key]?.[0] ?? 0) + value];
        }
        expect(counted()).toEqual(sums);
        expect(lines).toHaveLength(new Set(calls.map(({ registry }) => registry)).size);
      }),
    );
  });
});

describe('a log line', () => {
  it('of a record that needed no change is written at level debug only, and metrics at every level', () => {
    const write = (level: LogLevel) => {
      const { telemetry, lines } = start(level);
      telemetry.outcome('consul', { change: upsert, status: 'unchanged' }, { path: 'event' });
      telemetry.count('Failed', 1, 'consul');
      void telemetry.flush();
      return lines.map((line) => JSON.parse(line).message ?? 'metrics');
    };
    expect(write('debug')).toEqual(['upsert unchanged', 'metrics']);
    for (const level of ['info', 'warn', 'error'] as const)
      expect(write(level)).toEqual(['metrics']);
  });

  it.each<[ChangeResult, string]>([
    [{ status: 'done' }, 'info'],
    [{ status: 'pending' }, 'info'],
    [{ status: 'gone' }, 'warn'],
    [failed('503'), 'warn'],
    [notYet('400 DuplicateRequest'), 'info'],
    [refused('403'), 'error'],
  ])('of %j is of level %s', (result, level) => {
    expect(tell({ change: upsert, ...result }).logged()).toMatchObject([{ level }]);
  });

  it('follows for each warning that a registry gives', () => {
    const notes = ['no custom health', 'key cut'];
    const { logged } = tell({ change: upsert, status: 'done', notes });
    expect(logged().slice(1)).toMatchObject(
      notes.map((message) => ({ level: 'warn', message, registry: 'consul', path: 'event' })),
    );
  });

  it('tells why something is left out', () => {
    const { telemetry, logged } = start();
    const skip = {
      task: 't-1',
      container: 'app',
      port: 80,
      code: 'ignored',
      detail: 'SERVICE_IGNORE',
    } as const;
    telemetry.skip(skip, { path: 'reconcile', cluster: 'c-1' });
    expect(logged()).toMatchObject([
      {
        level: 'info',
        message: 'left out (ignored): SERVICE_IGNORE',
        path: 'reconcile',
        cluster: 'c-1',
        ...skip,
      },
    ]);
  });

  it('is one line of JSON whatever its texts hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { telemetry, lines, logged } = start();
        const reason = `${text}\n"${text}"\u2028`;
        telemetry.note(reason, { path: 'event', task: reason }, { reason });
        telemetry.fault(reason, new Error(reason), { path: 'event' });
        telemetry.outcome('consul', { change: upsert, status: 'retry', reason }, { path: 'event' });
        expect(lines.filter((line) => /[\r\n]/.test(line))).toEqual([]);
        expect(logged()).toMatchObject([
          { reason: expect.any(String) },
          { level: 'error' },
          { reason },
        ]);
      }),
    );
  });
});

describe('an error in the log', () => {
  it('tells nothing else that it carries: requests and answers hold tokens', () => {
    const { telemetry, lines } = start();
    const carried = {
      headers: { 'x-consul-token': 's3cret' },
      config: 'http://me:s3cret@consul:8500',
    };
    const error = Object.assign(
      new Error('403 Permission denied', { cause: Object.assign(new Error('denied'), carried) }),
      carried,
    );
    telemetry.fault('the registry cannot be read', error, { path: 'reconcile' });
    expect(lines.join()).toContain('403 Permission denied (denied)');
    expect(lines.join()).not.toMatch(/s3cret|telemetry\.test/);
  });
});
