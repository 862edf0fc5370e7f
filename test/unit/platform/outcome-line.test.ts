import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MAX_RECORD, type OutcomeRecord } from '../../../shared/model/outcome-record.ts';
import type { Change, Outcome } from '../../../shared/model/plan.ts';
import { KEY } from '../../../shared/model/registration.ts';
import { createLogger, type LogLevel, withRequestId } from '../../../shared/platform/log.ts';
import { toOutcomeLine } from '../../../shared/platform/outcome-line.ts';
import { createTelemetry } from '../../../shared/platform/telemetry.ts';
import { failed } from '../../../shared/registries/outcome.ts';
import { parseRecord } from '../../../shared/sync/admin/history/parse-record.ts';
import { CLUSTER, record } from '../plan/builders.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const NOW = Date.UTC(2026, 0, 2, 12);
const TASK = `arn:aws:ecs:eu-west-1:111122223333:task/shop/${'ab12'.repeat(8)}`;
const web = record({
  id: 'a',
  tags: ['blue'],
  metadata: {
    [KEY.zone]: 'eu-west-1a',
    [KEY.revision]: '7',
    [KEY.deployment]: 'ecs-svc/1',
    [KEY.started]: '2026-01-02T11:59:50.000Z',
    team: 'shop',
  },
});
const HELD = {
  service: 'web',
  address: '10.0.0.1',
  port: 8080,
  health: 'healthy',
  tags: ['blue'],
  zone: 'eu-west-1a',
  revision: '7',
  deployment: 'ecs-svc/1',
  started: '2026-01-02T11:59:50.000Z',
};
const upsert: Change = { kind: 'upsert', record: web, reason: 'task is running' };
const remove: Change = {
  kind: 'remove',
  ref: { service: 'web', id: 'a', cluster: CLUSTER },
  reason: 'task has stopped',
};

const lineOf = (outcome: Outcome, more: object = {}): string =>
  toOutcomeLine('consul', outcome, {
    now: NOW,
    level: 'info',
    requestId: undefined,
    path: 'event',
    ...more,
  });
const recordOf = (outcome: Outcome, more: object = {}): OutcomeRecord =>
  JSON.parse(lineOf(outcome, more));

describe('the record of an outcome', () => {
  it('tells when, what, where, why, by which event and how late, and what was there and is', () => {
    const event = { eventId: 'e-1', version: 3, eventTime: NOW - 1_250 };
    const change: Change = { ...upsert, before: record({ id: 'a', port: 9, health: 'starting' }) };
    const more = { requestId: 'r-1', cluster: CLUSTER, task: TASK, ...event };
    expect(recordOf({ change, status: 'done' }, more)).toEqual({
      rollcall: 1,
      kind: 'outcome',
      time: '2026-01-02T12:00:00.000Z',
      level: 'info',
      message: 'upsert done',
      requestId: 'r-1',
      registry: 'consul',
      path: 'event',
      what: 'upsert',
      status: 'done',
      service: 'web',
      name: 'web',
      id: 'a',
      cluster: CLUSTER,
      task: TASK,
      why: 'task is running',
      before: { service: 'web', address: '10.0.0.1', port: 9, health: 'starting' },
      after: HELD,
      ...event,
      eventAge: 1_250,
    });
  });

  it('knows what was not there from what nobody has read', () => {
    expect(recordOf({ change: upsert, status: 'done' })).not.toHaveProperty('before');
    expect(recordOf({ change: { ...upsert, isNew: true }, status: 'done' }).before).toBeNull();
  });

  it('has no after of a removal, and the cluster of the record where nothing else tells it', () => {
    const told = recordOf({ change: remove, status: 'done' });
    expect(told).toMatchObject({ message: 'remove done', service: 'web', id: 'a' });
    expect(told.cluster).toBe(CLUSTER);
    expect(told).not.toHaveProperty('after');
  });

  it('tells the health that was set', () => {
    const change: Change = {
      kind: 'health',
      record: web,
      health: 'unhealthy',
      before: web,
      reason: 'health healthy → unhealthy',
    };
    expect(recordOf({ change, status: 'done' })).toMatchObject({
      before: { health: 'healthy' },
      after: { health: 'unhealthy' },
    });
  });

  it('tells a failure’s reason, and what Cloud Map is still doing', () => {
    expect(recordOf({ change: upsert, ...failed('503') })).toMatchObject({ reason: '503' });
    const pending = { change: upsert, status: 'pending', operation: 'op-1' } as const;
    expect(recordOf(pending)).toMatchObject({ message: 'upsert pending', operation: 'op-1' });
  });
});

/** Texts of every length, of letters, of four bytes each, and of what is escaped twelvefold. */
const hostile = fc
  .tuple(
    fc.constantFrom('a', 'é', '漢', '🦊', '\u{e0041}', '"', '\\', '\u202e', '\ud800', '\n'),
    fc.oneof(fc.nat(40), fc.nat(600), fc.constant(5_000)),
  )
  .map(([one, times]) => `x${one.repeat(times)}`);

const hostileRecord = fc
  .record({ service: hostile, id: hostile, address: hostile, zone: hostile, started: hostile })
  .chain(({ zone, started, ...texts }) =>
    fc.array(hostile, { maxLength: 12 }).map((tags) =>
      record({
        ...texts,
        tags,
        metadata: {
          [KEY.zone]: zone,
          [KEY.started]: started,
          [KEY.revision]: zone,
          [KEY.deployment]: started,
        },
      }),
    ),
  );

describe('its size', () => {
  it('is at most 1.5 KB, whatever its texts hold, and it stays JSON of the same fields', () => {
    const property = fc.property(
      hostileRecord,
      hostileRecord,
      fc.record({ why: hostile, reason: hostile, task: hostile, eventId: hostile }),
      (after, before, { why, reason, ...origin }) => {
        const change: Change = { kind: 'upsert', record: after, before, reason: why };
        const more = { ...origin, requestId: why, cluster: reason, version: 1e21, eventTime: 1e15 };
        const line = lineOf({ change, status: 'refused', reason }, more);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_RECORD);
        const told: OutcomeRecord = JSON.parse(line);
        expect(parseRecord(line)).toEqual(told);
        expect(told).toMatchObject({ rollcall: 1, kind: 'outcome', what: 'upsert' });
        expect(told.time).toBe(new Date(NOW).toISOString());
        for (const [is, whole] of [
          [told.id, after.id],
          [told.task, origin.task],
          [told.cluster, reason],
          [told.eventId, origin.eventId],
          [told.before?.started, before.metadata[KEY.started]],
        ])
          expect([whole, '…']).toContain(is);
        expect(Object.keys(told)).toHaveLength(
          after.service.toLowerCase() === before.service.toLowerCase() ? 23 : 24,
        );
        for (const [cut, whole] of [
          [told.service, after.service],
          [told.task, origin.task],
          [told.why, why],
          [told.before?.address, before.address],
        ] as const)
          expect(whole.startsWith(String(cut).replace(/…$/, ''))).toBe(true);
      },
    );
    fc.assert(property, { numRuns: 60 });
  });

  it('keeps ids, ARNs and times whole while tags and sentences are long, and tells what is cut', () => {
    const tags = ['a', 'b', 'c', 'd'].map((one) => one.repeat(400));
    const after = { ...web, tags };
    const change: Change = { ...upsert, record: after, before: { ...after, service: 'Shop' } };
    const ids = {
      task: TASK,
      cluster: CLUSTER,
      requestId: 'r'.repeat(36),
      eventId: 'e'.repeat(36),
    };
    const line = lineOf({ change, ...failed('\u202e'.repeat(300)) }, { ...ids, eventTime: NOW });
    expect(parseRecord(line)).toMatchObject({
      ...ids,
      time: '2026-01-02T12:00:00.000Z',
      name: 'web',
      formerName: 'shop',
      before: { ...HELD, service: 'Shop', tags: ['…'] },
      after: { ...HELD, tags: ['…'] },
    });
  });

  it('drops whole what is longer than any id, ARN or time', () => {
    const long = record({
      ...web,
      id: 'i'.repeat(65),
      metadata: { [KEY.started]: 's'.repeat(65) },
    });
    const change: Change = { ...upsert, record: long };
    const told = recordOf({ change, status: 'done' }, { task: 't'.repeat(401), cluster: CLUSTER });
    expect(told).toMatchObject({ id: '…', task: '…', cluster: CLUSTER, after: { started: '…' } });
  });

  it('lets a sentence go before an ARN: a long reason is cut, with a mark, and nothing else', () => {
    const reason = `consul: ${'no route to host, '.repeat(200)}`;
    const told = recordOf({ change: upsert, ...failed(reason) }, { task: TASK, cluster: CLUSTER });
    expect(told).toMatchObject({ task: TASK, cluster: CLUSTER, after: HELD });
    expect(told.reason).toMatch(/^consul: no route .*…$/);
  });

  it('has room for the longest names that ECS gives', () => {
    const name = 'n'.repeat(255);
    const cluster = `arn:aws-us-gov:ecs:us-gov-west-1:111122223333:cluster/${name}`;
    const task = `${cluster.replace(':cluster/', ':task/')}/${'ab12'.repeat(8)}`;
    const change = { ...upsert, before: web };
    const told = recordOf({ change, status: 'done' }, { task, cluster, eventId: 'e'.repeat(36) });
    expect(told).toMatchObject({ task, cluster, before: HELD, after: HELD });
  });
});

describe('its line', () => {
  const write = (level: LogLevel) => {
    const lines: string[] = [];
    const telemetry = createTelemetry({
      owner: 'o',
      now: () => NOW,
      logger: createLogger({ level, write: (line) => lines.push(line) }),
      write: (line) => lines.push(line),
    });
    withRequestId(
      () => 'r-1',
      () => {
        telemetry.outcome('consul', { change: upsert, status: 'done' }, { path: 'event' });
        telemetry.outcome('consul', { change: remove, ...failed('503') }, { path: 'event' });
        void telemetry.flush();
      },
    );
    return lines.map((line) => JSON.parse(line));
  };

  it('is written at every level, with the invocation that wrote it', () => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const)
      expect(write(level)).toMatchObject([
        { kind: 'outcome', level: 'info', requestId: 'r-1' },
        { kind: 'outcome', level: 'warn', requestId: 'r-1' },
        { _aws: {} },
      ]);
  });

  it('passes Lambda’s own filter, whatever that asks for: what it would drop is of its highest level', () => {
    vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', 'WARN');
    const timestamp = '2026-01-02T12:00:00.000Z';
    const [done, retried, metrics] = write('info');
    expect(done).toMatchObject({ kind: 'outcome', level: 'FATAL', timestamp });
    expect(retried).toMatchObject({ kind: 'outcome', level: 'warn' });
    expect(metrics).toMatchObject({ _aws: {}, level: 'FATAL', timestamp });
  });

  it('has no second level where Lambda keeps nothing back', () => {
    vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', 'TRACE');
    const [done, , metrics] = write('info');
    expect(done).not.toHaveProperty('timestamp');
    expect(metrics).not.toHaveProperty('level');
  });
});
