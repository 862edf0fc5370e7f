import { describe, expect, it } from 'vitest';
import { readWeight } from '../../../shared/registries/targets.ts';

describe('a weight in metadata', () => {
  it.each([
    ['0', 0],
    ['5', 5],
    ['65535', 65_535],
    ['0.5', 0.5],
    ['', 1],
    ['-1', 1],
    ['1e9', 1],
    ['1234567', 1],
    ['heavy', 1],
  ])('%j is read as %d, whoever wrote it', (weight, expected) => {
    expect(readWeight({ weight })).toBe(expected);
  });

  it('is 1 where there is none', () => {
    expect(readWeight({})).toBe(1);
  });
});
