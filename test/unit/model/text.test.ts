import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableJson, withoutEnds } from '../../../shared/model/text.ts';
import { createLogger } from '../../../shared/platform/log.ts';

const SHOWN: readonly (readonly [string, string, string])[] = [
  ['a line feed', 'a\nb', 'a\\u{a}b'],
  ['an escape', '\u001b[2K', '\\u{1b}[2K'],
  ['a control character of C1', 'a\u0085b', 'a\\u{85}b'],
  ['a mark that turns the text', 'a\u202eb', 'a\\u{202e}b'],
  ['an isolate', 'a\u2066b\u2069', 'a\\u{2066}b\\u{2069}'],
  ['a zero-width space', 'a\u200bb', 'a\\u{200b}b'],
  ['a soft hyphen', 'a\u00adb', 'a\\u{ad}b'],
  ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
  ['a byte order mark', '\ufeffa', '\\u{feff}a'],
  ['a letter without a shape', 'a\u3164b', 'a\\u{3164}b'],
  ['a tag beyond the first plane', 'a\u{e0041}b', 'a\\u{e0041}b'],
  ['half a character', 'a\ud800b', 'a\\u{d800}b'],
];

describe('a line that operators read', () => {
  it.each(SHOWN)('spells out %s', (_, line, expected) => {
    expect(printable(line)).toBe(expected);
  });

  it.each(['orders-8080', 'Größe → 3', 'サービス', 'сервис', 'a b', '😀'])('keeps %s', (line) => {
    expect(printable(line)).toBe(line);
  });

  it('stays in one line, holds nothing else to spell out, and is the same when it is done twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (line) => {
        const once = printable(line);
        expect(once).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(printable(once)).toBe(once);
      }),
    );
  });
});

describe('JSON that operators read', () => {
  it('holds the same values, and nothing that is invisible', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
        const json = printableJson(JSON.stringify({ value, text }));
        expect(json).toBe(printable(json));
        expect(JSON.stringify(JSON.parse(json))).toBe(JSON.stringify({ value, text }));
      }),
    );
  });

  it('is every line of the log', () => {
    const lines: string[] = [];
    createLogger({ write: (line) => lines.push(line) }).info('name: \u202eevil', {
      service: 'a\u200bb\u{e0041}',
    });
    expect(lines.join()).toMatch(/"name: \\u202eevil".*"a\\u200bb\\udb40\\udc41"/);
    expect(JSON.parse(lines.join())).toMatchObject({
      message: 'name: \u202eevil',
      service: 'a\u200bb\u{e0041}',
    });
  });
});

describe('a text without a character at its ends', () => {
  it.each([
    ['--a-b--', 'a-b'],
    ['a', 'a'],
    ['---', ''],
    ['', ''],
  ])('%j is %j', (text, expected) => {
    expect(withoutEnds(text, '-')).toBe(expected);
  });
});
