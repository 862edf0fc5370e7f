import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseShallowJson } from '../../../../shared/platform/http/json.ts';

it('JSON is read whatever stands in its texts', () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'binary' }), (json) => {
      expect(parseShallowJson(json)).toEqual(JSON.parse(json));
    }),
  );
  const inTexts = ['['.repeat(1_000), '\\"{'.repeat(1_000)];
  const wide = Array.from({ length: 1_000 }, () => ({ a: [{}] }));
  for (const value of [inTexts, wide])
    expect(parseShallowJson(JSON.stringify(value))).toEqual(value);
});

it('JSON that nests without end is refused before it is parsed, which takes seconds', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect(parseShallowJson(nested(199))).toHaveLength(1);
  for (const depth of [200, 10_000_000])
    expect(() => parseShallowJson(nested(depth))).toThrow('it nests 200 deep');
});
