import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { matches } from '../../../local/aws/rule.ts';
import { patternsIn } from '../../../local/rules.ts';
import { createLogger } from '../../../shared/platform/log.ts';
import { createPublisher, DETAIL_TYPE, SOURCE } from '../../../shared/platform/publish.ts';
import { createTelemetry } from '../../../shared/platform/telemetry.ts';
import { record } from '../plan/builders.ts';

const eventBridge = mockClient(EventBridgeClient);
afterAll(() => eventBridge.restore());
beforeEach(() => {
  eventBridge.reset();
});

const lines = (count: number) => Array.from({ length: count }, (_, at) => `{"id":"${at}"}`);
const sent = () =>
  eventBridge.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries ?? []);

describe('what is published', () => {
  it('is sent in batches of ten, each record as the detail of an event of our own', async () => {
    eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [] });
    expect(await createPublisher()(lines(23))).toBeUndefined();
    expect(
      sent()
        .map(({ length }) => length)
        .sort(),
    ).toEqual([10, 10, 3]);
    const entries = sent().flat();
    expect(entries.map(({ Detail }) => Detail).sort()).toEqual(lines(23).sort());
    for (const { Source, DetailType } of entries)
      expect([Source, DetailType]).toEqual(['rollcall', 'Rollcall Registration Change']);
  });

  it('is told where EventBridge refuses an entry, or the whole call, and stops nothing', async () => {
    eventBridge
      .on(PutEventsCommand)
      .rejectsOnce(new Error('403 not allowed'))
      .resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'Throttled', ErrorMessage: 'no' }] });
    expect(await createPublisher()(lines(12))).toEqual({ count: 11, reason: '403 not allowed' });
  });

  it('holds up nobody: what does not answer is left after 0.7 s', async () => {
    const over = new AbortController();
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(over.signal);
    eventBridge.on(PutEventsCommand).callsFake(
      () =>
        new Promise((_, reject) => {
          over.signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    );
    const waiting = createPublisher()(lines(1));
    await vi.waitFor(() => expect(timeout).toHaveBeenCalledWith(700));
    over.abort();
    expect(await waiting).toEqual({ count: 1, reason: 'aborted' });
    timeout.mockRestore();
  });

  it('reaches none of our own rules: an event of ours brings no other', () => {
    const event = { account: '1', region: 'r', source: SOURCE, 'detail-type': DETAIL_TYPE };
    const states = { lastStatus: 'RUNNING', desiredStatus: 'STOPPED', state: 'stopped' };
    const patterns = patternsIn({ account: '1', region: 'r' });
    expect(patterns).toHaveLength(2);
    for (const pattern of patterns)
      expect(matches(pattern, { ...event, detail: states })).toBe(false);
  });
});

describe('an invocation', () => {
  const started = (answer: Parameters<typeof createTelemetry>[0]['publish']) => {
    const written: string[] = [];
    const write = (line: string) => written.push(line);
    const telemetry = createTelemetry({
      owner: 'o',
      now: () => 0,
      logger: createLogger({ write }),
      write,
      publish: answer,
    });
    const tell = () =>
      telemetry.outcome(
        'consul',
        { change: { kind: 'upsert', record: record(), reason: 'r' }, status: 'done' },
        { path: 'event' },
      );
    return { telemetry, written, tell };
  };

  it('publishes at its end what it has logged, once, its metrics written before', async () => {
    const published: unknown[] = [];
    const { telemetry, written, tell } = started(async (records) => {
      published.push(records, written.length);
      return undefined;
    });
    tell();
    await telemetry.flush();
    await telemetry.flush();
    expect(published).toEqual([[written[0]], 2]);
  });

  it('tells in the log and by a metric what could not be published', async () => {
    const { telemetry, written, tell } = started(async () => ({ count: 1, reason: '403' }));
    tell();
    await telemetry.flush();
    const [warning, metric] = written.slice(2).map((line) => JSON.parse(line));
    expect(warning).toMatchObject({
      level: 'warn',
      message: '1 of 1 outcomes could not be published',
      reason: '403',
    });
    expect(metric).toMatchObject({ Unpublished: 1 });
  });
});
