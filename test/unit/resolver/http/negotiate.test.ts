import { describe, expect, it } from 'vitest';
import { negotiate } from '../../../../shared/resolver/http/negotiate.ts';

const JSON_TYPE = 'application/json';
const TEXT = 'text/plain';

describe('negotiate', () => {
  it.each([
    [undefined, JSON_TYPE],
    ['', JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['text/plain', TEXT],
    ['TEXT/Plain; charset=utf-8', TEXT],
    ['text/*', TEXT],
    ['text/plain;q=0.5, */*;q=0.8', JSON_TYPE],
    ['text/plain, */*;q=0.8', TEXT],
    ['application/json;q=0.9, text/plain', TEXT],
    ['application/json, text/plain', JSON_TYPE],
    ['application/json;q=0, */*', TEXT],
    ['text/plain;q=0', JSON_TYPE],
    ['text/plain;q=nonsense', TEXT],
    ['text/html,application/xhtml+xml,*/*;q=0.8', JSON_TYPE],
    ['image/png', JSON_TYPE],
    [',;,=;q', JSON_TYPE],
  ])('for %j gives %s', (accept, expected) => {
    expect(negotiate(accept, [JSON_TYPE, TEXT])).toBe(expected);
  });
});
