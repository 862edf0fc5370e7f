import { describe, expect, it } from 'vitest';
import { parsePattern } from '../../../../../local/aws/logs/pattern.ts';
import type { OutcomeRecord } from '../../../../../shared/model/outcome-record.ts';
import { KEY, type Target } from '../../../../../shared/model/registration.ts';
import type { LogQuery } from '../../../../../shared/platform/aws/log-reader.ts';
import type { Directory } from '../../../../../shared/registries/registry.ts';
import {
  type HistoryCommand,
  history,
  patternOf,
} from '../../../../../shared/sync/admin/history/history.ts';
import { live, OWNER, worldOf } from '../../fakes.ts';
import { NOW, outcome, state } from './records.ts';

const minutesAgo = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const time = (minutes: number) => ({ time: minutesAgo(minutes) });

const target = (more: Partial<Target> = {}): Target => ({
  id: 'a',
  service: 'web',
  address: '10.0.0.1',
  port: 8080,
  protocol: 'tcp',
  healthy: true,
  zone: null,
  weight: 1,
  tags: [],
  metadata: { [KEY.owner]: OWNER },
  ...more,
});

const directoryOf = (instances: Directory['instances']): Directory => ({
  name: 'consul',
  instances,
  everything: async () => [],
});

interface Given {
  readonly records?: readonly OutcomeRecord[];
  readonly today?: readonly Target[];
  readonly instances?: Directory['instances'];
  /** Milliseconds that a call takes. */
  readonly callMs?: number;
  /** There is always another page. */
  readonly isEndless?: boolean;
}

/** The answer of a log that filters as CloudWatch does. */
const ask = async (command: HistoryCommand, given: Given = {}) => {
  const { records = [], today = [], callMs = 0, instances = async () => today } = given;
  const queries: LogQuery[] = [];
  let passed = 0;
  const read = async (query: LogQuery) => {
    queries.push(query);
    passed += callMs;
    const matches = parsePattern(query.pattern);
    const isWithin = (record: OutcomeRecord) =>
      Date.parse(record.time) >= query.from && Date.parse(record.time) <= query.to;
    return {
      lines: records
        .filter((one) => isWithin(one) && matches(one))
        .map((one) => JSON.stringify(one)),
      ...(given.isEndless && { token: 'more' }),
    };
  };
  const { context } = worldOf({});
  const answer = await history(
    command,
    {
      ...context,
      now: () => NOW + passed,
      sleep: async (milliseconds) => {
        passed += milliseconds;
      },
      log: read,
      directories: async () => [directoryOf(instances)],
    },
    live(),
  );
  return { ...answer, queries };
};

describe('history', () => {
  it('tells of the last hour, oldest first, what was done, where, why and how late', async () => {
    const { text, json } = await ask(
      { service: 'web' },
      {
        records: [
          outcome({ ...time(70), id: 'old' }),
          outcome({ ...time(40), eventAge: 1_240 }),
          outcome({
            ...time(30),
            status: 'retry',
            reason: 'consul: 503',
            path: 'reconcile',
            before: state({ port: 1 }),
          }),
          outcome({ ...time(20), what: 'remove', why: 'task is stopping' }),
          outcome({ ...time(10), service: 'api' }),
        ],
      },
    );
    expect(text.split('\n')).toEqual([
      'web: 3 outcomes from 2026-01-02T11:00:00.000Z to 2026-01-02T12:00:00.001Z',
      '2026-01-02T11:20:00.000Z  +  consul  web  10.0.0.1:8080  healthy  event +1.2 s  a  task is running',
      '2026-01-02T11:30:00.000Z  !  consul  web  10.0.0.1:8080  healthy  reconcile     a  retry: consul: 503',
      '2026-01-02T11:40:00.000Z  -  consul  web                          event         a  task is stopping',
    ]);
    expect(json).toMatchObject({ service: 'web', isWhole: true, outcomes: [{}, {}, {}] });
  });

  it('is of one task, by id or ARN, or of one registry', async () => {
    const arn = (id: string) => `arn:aws:ecs:eu-west-1:111122223333:task/shop/${id}`;
    const records = [
      outcome({ ...time(5), task: arn('a') }),
      outcome({ ...time(4), task: arn('ba'), id: 'ba' }),
      outcome({ ...time(3), task: arn('a'), registry: 'eureka', service: 'WEB' }),
    ];
    const told = async (command: HistoryCommand) => {
      const { json } = await ask(command, { records });
      return (json as { outcomes: OutcomeRecord[] }).outcomes.map(
        ({ registry, id }) => `${registry} ${id}`,
      );
    };
    expect(await told({ task: 'a' })).toEqual(['consul a', 'eureka a']);
    expect(await told({ task: arn('ba') })).toEqual(['consul ba']);
    expect(await told({ service: 'web' })).toEqual(['consul a', 'consul ba', 'eureka a']);
    expect(await told({ service: 'web', registry: 'eureka' })).toEqual(['eureka a']);
  });

  it('asks for a name only where no character of it means anything in a pattern', () => {
    expect(patternOf({ service: 'web', registry: 'consul' })).toBe(
      '{ $.kind = "outcome" && $.registry = "consul" && ($.name = "web" || $.formerName = "web") }',
    );
    expect(patternOf({ service: 'Web' })).toBe(patternOf({ service: 'web' }));
    expect(patternOf({ task: 'ab12' })).toBe('{ $.kind = "outcome" && $.task = "*ab12" }');
    for (const odd of ['a"b', 'a*', 'a b', 'ä', '$.x', 'a\\'])
      expect(patternOf({ service: odd, task: odd })).toBe('{ $.kind = "outcome" }');
  });

  it('finds a service whose name cannot stand in a pattern', async () => {
    const { json } = await ask(
      { service: 'we"b ü' },
      { records: [outcome({ ...time(5), service: 'we"b ü' }), outcome(time(4))] },
    );
    expect(json).toMatchObject({ outcomes: [{ service: 'we"b ü' }] });
  });

  it('says where it stopped, and how to go on from there', async () => {
    const { text, json } = await ask(
      { service: 'web', since: '2d' },
      { records: [outcome(time(5))], callMs: 4_000 },
    );
    const next = {
      command: 'history',
      service: 'web',
      since: '2025-12-31T12:00:00.000Z',
      until: '2026-01-01T15:00:00.001Z',
    };
    expect(json).toMatchObject({ isWhole: false, next, outcomes: [{ id: 'a' }] });
    expect(text).toContain('was not read. To go on:');
    expect(text).toContain(JSON.stringify(next));
    const { command: _, ...rest } = next;
    expect((await ask(rest)).json).toMatchObject({ isWhole: true, to: next.until });
  });

  it('proposes a shorter time where not even the newest part could be read', async () => {
    const given = { records: [outcome(time(5))], isEndless: true };
    const { text, json, queries } = await ask({ service: 'web', since: '5h' }, given);
    expect(queries).toHaveLength(20);
    expect(text).toContain('Nothing was read: even the newest part');
    expect(json).toMatchObject({ outcomes: [], next: { since: '2026-01-02T11:50:00.001Z' } });
  });

  it.each<[HistoryCommand, string]>([
    [{}, 'either service or task'],
    [{ service: 'web', task: 'a' }, 'either service or task'],
    [{ service: 'web', since: 'yesterday' }, 'since: expected 90m, 14:02 or ISO 8601'],
    [{ service: 'web', since: '2026-01-03' }, 'yet to come'],
    [{ service: 'web', since: '1h', until: '2h' }, 'before until'],
    [{ task: 'a', at: '11:00' }, 'at: expected it beside service'],
  ])('refuses %j', async (command, message) => {
    await expect(ask(command)).rejects.toThrow(message);
  });
});

describe('history at a time', () => {
  const started = { [KEY.owner]: OWNER, [KEY.started]: minutesAgo(20) };

  it('tells what there was, and undoes what came later', async () => {
    const { text, json } = await ask(
      { service: 'web', at: '11:30' },
      {
        today: [target(), target({ id: 'young', metadata: started })],
        records: [
          outcome({ ...time(50), id: 'gone', after: state({ address: '10.0.0.9', zone: 'z1' }) }),
          outcome({ ...time(10), id: 'gone', what: 'remove' }),
          outcome({ ...time(5), before: state({ port: 1, revision: '6' }) }),
        ],
      },
    );
    expect(text.split('\n')).toEqual([
      'web at 2026-01-02T11:30:00.000Z: 2 records',
      'consul  web  10.0.0.1:1     healthy  revision 6  a',
      'consul  web  10.0.0.9:8080  healthy  z1          gone',
    ]);
    expect(json).toMatchObject({
      at: '2026-01-02T11:30:00.000Z',
      records: [{ id: 'a' }, { id: 'gone' }],
      unknown: [],
    });
  });

  it('reads on before that time for what nobody read since, and only then', async () => {
    const removal = outcome({ ...time(10), id: 'gone', what: 'remove' });
    const records = [outcome({ ...time(300), id: 'gone' }), removal];
    const one = await ask({ service: 'web', at: '11:30' }, { records });
    expect(one.json).toMatchObject({ records: [{ id: 'gone' }], unknown: [] });
    expect(one.queries.length).toBeGreaterThan(1);
    const other = await ask({ service: 'web', at: '11:30' }, { today: [target()] });
    expect(other.queries).toHaveLength(1);
  });

  it('says what is unknown, and why', async () => {
    const { text } = await ask(
      { service: 'web', at: '11:30' },
      { today: [target({ id: 'x', metadata: {} })] },
    );
    expect(text).toContain('web at 2026-01-02T11:30:00.000Z: 0 records, 1 unknown');
    expect(text).toMatch(/consul +web +unknown .*x +somebody else wrote it/);
  });

  it('says which registry cannot be read today, and goes by the log', async () => {
    const instances = () => Promise.reject(new Error('503'));
    const { text, json } = await ask(
      { service: 'web', at: '11:30' },
      { instances, records: [outcome(time(50))] },
    );
    expect(text).toContain('consul cannot be read today: 503');
    expect(json).toMatchObject({ records: [{ id: 'a' }] });
  });
});
