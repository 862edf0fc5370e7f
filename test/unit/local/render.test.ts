import { describe, expect, it } from 'vitest';
import { createRender } from '../../../local/render.ts';

const render = createRender({
  colours: false,
  emittedAt: (key) => (key === 'e1' || key === 'task' ? Date.parse('2026-01-01T12:00:00.000Z') : undefined),
});
const record = { service: 'web', id: `${'a'.repeat(32)}-8080-xyz`, address: '10.0.0.1', port: 8080 };
const line = (fields: object) =>
  render({
    time: '2026-01-01T12:00:00.250Z',
    level: 'info',
    message: 'upsert done',
    registry: 'consul',
    path: 'event',
    eventId: 'e1',
    task: 'task',
    why: 'task is running',
    after: record,
    ...fields,
  });

describe('a line of the terminal', () => {
  it('says time, registry, service, address, latency, path, reason and id', () => {
    expect(line({})?.split(/\s{2,}/)).toEqual([
      '12:00:00.250',
      '+',
      'consul',
      'web',
      '10.0.0.1:8080',
      '250 ms',
      'event',
      'task is running',
      'aaaaaaaa…-8080',
    ]);
  });

  it.each([
    ['~', { before: record }],
    ['~', { message: 'health done', before: record }],
    ['-', { message: 'remove done', after: undefined, ref: record }],
    ['…', { message: 'upsert pending', operation: 'op-1' }],
    ['!', { message: 'upsert refused', level: 'error', reason: 'consul: registering web/a: 403' }],
  ])('shows %s', (sign, fields) => {
    expect(line(fields)).toContain(`  ${sign}  `);
  });

  it('shows failures in full', () => {
    const reason = 'consul: registering web/a: 500 No cluster leader';
    expect(line({ message: 'upsert retry', level: 'warn', reason })).toContain(`upsert retry: ${reason}`);
  });

  it("counts a look's latency from the task's last event, and a reconcile's not at all", () => {
    expect(line({ path: 'look', eventId: undefined })).toContain('250 ms');
    expect(line({ path: 'reconcile', eventId: undefined })).not.toContain('ms');
  });

  it.each([
    ['upsert', { kind: 'upsert', record }],
    ['remove', { kind: 'remove', ref: record }],
  ])('names service and instance of a change that the policy forbids (%s)', (_, change) => {
    const message = 'not made under observe';
    expect(line({ message, change })).toBe(
      '12:00:00.250  · not made under observe (consul web aaaaaaaa…-8080)',
    );
  });

  it('names a registry alone, where a line tells of it alone', () => {
    expect(line({ message: 'cannot be read', error: 'down' })).toBe(
      '12:00:00.250  · cannot be read (consul): down',
    );
  });

  it('leaves out what stayed as it was', () => {
    expect(line({ message: 'upsert unchanged', level: 'debug' })).toBeUndefined();
  });
});
