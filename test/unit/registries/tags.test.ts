import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { carriedTags, formatTags, parseTags } from '../../../shared/registries/tags.ts';

describe('tags in one metadata value', () => {
  test.each([
    [['b', 'a'], 'b,a'],
    [['a,b', 'c'], 'a\\,b,c'],
    [['a\\b'], 'a\\b'],
    [['a\\,b'], 'a\\\\,b'],
  ])('writes %j as %j, and reads it back sorted', (tags, text) => {
    expect(formatTags(tags)).toBe(text);
    expect(parseTags(text)).toEqual(tags.toSorted());
  });

  test('reads a list by hand as Registrator does: empty items and repetitions vanish', () => {
    expect(parseTags('b,,a,b,')).toEqual(['a', 'b']);
    expect(parseTags('')).toEqual([]);
  });

  test('reads back what it says it carries, whatever the tags', () => {
    const tag = fc.string({ unit: fc.constantFrom('a', ',', '\\', ' ', 'é') });
    fc.assert(
      fc.property(fc.array(tag), (tags) => {
        const carried = carriedTags(tags);
        expect(parseTags(formatTags(carried))).toEqual(carried);
        expect(carriedTags(carried)).toEqual(carried);
      }),
    );
  });
});
