import { describe, expect, it } from 'vitest';
import { type Landing, toLanding } from '../../../local/landing.ts';
import { renderLandings, renderNote, wrap } from '../../../local/render.ts';

const PLAIN = { colours: false, columns: Number.POSITIVE_INFINITY };
const record = {
  service: 'web',
  id: `${'a'.repeat(32)}-8080-xyz`,
  address: '10.0.0.1',
  port: 8080,
};
const START = Date.parse('2026-01-01T12:00:00.000Z');

const landing = (fields: object = {}): Landing | undefined =>
  toLanding(
    {
      kind: 'outcome',
      time: '2026-01-01T12:00:00.250Z',
      level: 'info',
      what: 'upsert',
      status: 'done',
      service: record.service,
      id: record.id,
      registry: 'consul',
      path: 'event',
      eventId: 'e1',
      task: 'task',
      why: 'task is running',
      after: record,
      ...fields,
    },
    (key) => (key === 'e1' || key === 'task' ? START : undefined),
  );
const line = (fields: object = {}, look = PLAIN) => {
  const one = landing(fields);
  return one && renderLandings([[one]], look);
};

describe('a line of the terminal', () => {
  it('says time, service, address, what each registry took, the reason and the id', () => {
    const group = [
      landing(),
      landing({ registry: 'cloudmap', time: '2026-01-01T12:00:00.400Z' }),
      landing({ registry: 'eureka', service: 'WEB' }),
    ].flatMap((one) => one ?? []);
    const [first, ...others] = group;
    const text = first && renderLandings([[first, ...others]], PLAIN);
    expect(text?.split(/\s{2,}/)).toEqual([
      '12:00:00.250',
      '+',
      'web',
      '10.0.0.1:8080',
      'cloudmap 400 ms',
      'consul 250 ms',
      'eureka 250 ms',
      'task is running',
      'aaaaaaaa…-8080',
    ]);
  });

  it('tells of several records at once by their number, and by the slowest of each registry', () => {
    const of = (id: string, registry: string, time: string) =>
      landing({ registry, time, after: { ...record, id } });
    const [a, b, c] = [
      of('a', 'consul', '2026-01-01T12:00:00.250Z'),
      of('b', 'consul', '2026-01-01T12:00:00.700Z'),
      of('b', 'eureka', '2026-01-01T12:00:12.340Z'),
    ];
    const text = a && b && c && renderLandings([[a], [b, c]], PLAIN);
    expect(text?.split(/\s{2,}/)).toEqual([
      '12:00:00.250',
      '+',
      'web',
      '2 records',
      'consul 700 ms',
      'eureka 12.3 s',
      'task is running',
    ]);
  });

  it.each([
    ['~', { before: record }],
    ['~', { what: 'health', before: record }],
    ['-', { what: 'remove', after: undefined }],
    ['!', { status: 'refused', level: 'error', reason: 'consul: registering web/a: 403' }],
  ])('shows %s', (sign, fields) => {
    expect(line(fields)).toContain(`  ${sign}  `);
  });

  it('marks what is accepted and not in force', () => {
    expect(line({ status: 'pending', registry: 'cloudmap', operation: 'op-1' })).toContain(
      'cloudmap …',
    );
  });

  it('says of a failure what came, and what its columns say only there', () => {
    const reason = `consul: registering web/${record.id}: 500 No cluster leader`;
    expect(line({ status: 'retry', level: 'warn', reason })).toBe(
      '12:00:00.250  !  web                  10.0.0.1:8080    consul  registering: 500 No cluster leader (to be tried again)  aaaaaaaa…-8080',
    );
  });

  it("counts a look's latency from the task's last event, and a reconcile's not at all", () => {
    expect(line({ path: 'look', eventId: undefined })).toMatch(
      /consul 250 ms .*look: task is running/,
    );
    expect(line({ path: 'reconcile', eventId: undefined })).toMatch(/consul ✓ .*reconcile: /);
  });

  it('has a second line for the figures in a terminal of 80 columns', () => {
    expect(line({}, { colours: false, columns: 80 })).toBe(
      [
        '12:00:00.250  +  web                  10.0.0.1:8080    task is running',
        '              consul 250 ms  aaaaaaaa…-8080',
      ].join('\n'),
    );
  });

  it('breaks between its columns where the terminal is narrow', () => {
    const lines = line({}, { colours: true, columns: 60 })?.split('\n') ?? [];
    expect(lines.length).toBeGreaterThan(1);
    for (const one of lines) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
      const shown = one.replace(/\u001b\[\d+m/g, '');
      expect(shown.length).toBeLessThanOrEqual(60);
    }
  });

  it('leaves out what stayed as it was', () => {
    expect(
      landing({ kind: undefined, message: 'upsert unchanged', level: 'debug' }),
    ).toBeUndefined();
  });
});

describe('a note', () => {
  const note = (fields: object) =>
    renderNote({ time: '2026-01-01T12:00:00.250Z', ...fields }, PLAIN);

  it.each([
    ['upsert', { kind: 'upsert', record }],
    ['remove', { kind: 'remove', ref: record }],
  ])('names service and instance of a change that the policy forbids (%s)', (_, change) => {
    expect(note({ message: 'not made under observe', registry: 'consul', change })).toBe(
      '12:00:00.250  · not made under observe (consul web aaaaaaaa…-8080)',
    );
  });

  it.each([
    ['cannot be read', 'down', 'cannot be read (consul): down'],
    ['consul: cannot be read', 'consul: 500', 'consul: cannot be read: 500'],
    [
      'consul: operation failed',
      'consul: operation failed: full',
      'consul: operation failed: full',
    ],
  ])('says once what it is about (%#)', (message, error, text) => {
    expect(note({ message, error, registry: 'consul' })).toBe(`12:00:00.250  · ${text}`);
  });
});

it('a figure counts to when it was in force, and the line’s time to when it was accepted', () => {
  const one = landing({ registry: 'cloudmap' });
  const text = one && renderLandings([[{ ...one, inForce: START + 420 }]], PLAIN);
  expect(text).toMatch(/^12:00:00\.250 .* cloudmap 420 ms /);
});

it('a note keeps to the columns of the terminal', () => {
  const message = `left out (no-address): ${'a long reason '.repeat(9)}`;
  const lines = renderNote({ message }, { colours: false, columns: 80 }).split('\n');
  expect(lines.length).toBeGreaterThan(1);
  for (const one of lines) expect(one.length).toBeLessThanOrEqual(80);
});

describe('wrapped cells', () => {
  it('keep to the columns but for one that is wider', () => {
    expect(wrap(['aa', 'bb', 'cccccccc', 'd'], 6, 1)).toBe('aa  bb\n cccccccc\n d');
  });
});
