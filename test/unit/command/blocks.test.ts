import { describe, expect, it } from 'vitest';
import { toText, withoutSame } from '../../../command/blocks.ts';

const table = {
  head: ['service', 'id', 'why'],
  rows: [
    ['web', '0123456789abcdef0123456789abcdef-8080-j66c37g375ackhxx64f5', 'absent so far'],
    ['orders-service', 'b', 'its health has changed from starting to healthy'],
  ],
};

describe('a table', () => {
  it('is whole where nobody counts columns', () => {
    expect(toText([table]).split('\n')).toEqual([
      'service         id                                                          why',
      'web             0123456789abcdef0123456789abcdef-8080-j66c37g375ackhxx64f5  absent so far',
      'orders-service  b                                                           its health has changed from starting to healthy',
    ]);
  });

  it.each([100, 80, 60])('keeps to %i columns', (columns) => {
    const lines = toText([table], columns).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  it('wraps the last column within itself, and shortens ids in their middle', () => {
    const [, web = '', ...orders] = toText([table], 64).split('\n');
    expect(web).toMatch(/^web {13}0123\S+…\S+64f5 {2}absent so far$/);
    expect(orders.map((line) => line.replace(/ +/g, ' '))).toEqual([
      'orders-service b its health has changed',
      ' from starting to healthy',
    ]);
  });

  it('puts the last column below its rows where that is asked for and all is too wide', () => {
    const below = {
      head: ['time', 'address', 'why'],
      rows: [
        ['12:41:41', '127.0.1.2:8080', 'its health has changed'],
        ['12:41:42', '127.0.1.3:8080', ''],
      ],
      isLastBelow: true,
    } as const;
    expect(toText([below], 30).split('\n')).toEqual([
      'time      address',
      '12:41:41  127.0.1.2:8080',
      '    its health has changed',
      '12:41:42  127.0.1.3:8080',
    ]);
    expect(toText([below], 50)).toMatch(
      /^12:41:41 {2}127\.0\.1\.2:8080 {2}its health has changed$/m,
    );
  });

  it('says once what each of its rows would say', () => {
    const rows = [
      ['', 'consul', 'web', 'why'],
      ['', 'consul', 'api', 'why'],
    ];
    const { table: rest, same } = withoutSame({ head: ['', 'registry', 'service', 'why'], rows });
    expect(rest).toEqual({
      head: ['service', 'why'],
      rows: [
        ['web', 'why'],
        ['api', 'why'],
      ],
    });
    expect(same).toBe('registry consul');
  });

  it('without rows is not shown, nor is the line that would stand before it', () => {
    expect(toText([['a'], { head: ['x'], rows: [] }, [], ['b']])).toBe('a\n\nb');
  });

  it('shows what cannot be seen, so that no name turns a line round', () => {
    expect(toText([{ head: ['x'], rows: [['a\u202eb']] }])).toContain('a\\u{202e}b');
  });
});

describe('a line', () => {
  it('is wrapped at words, and what follows is indented', () => {
    expect(toText([['  left out (no-ports): the container has no port']], 30).split('\n')).toEqual([
      '  left out (no-ports): the',
      '    container has no port',
    ]);
  });

  it('keeps a word that is too long whole, so that it can be copied', () => {
    const url = `https://${'x'.repeat(50)}`;
    expect(toText([[`see ${url}`]], 30)).toContain(url);
  });
});
