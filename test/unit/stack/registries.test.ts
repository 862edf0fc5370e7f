import { describe, expect, it } from 'vitest';
import {
  alarmsOf,
  choicesOf,
  conditionsOf,
  rulesOf,
} from '../../../scripts/serverless/registries.ts';
import { conditionsOf as decide, type Json, list } from '../../../scripts/stack/template.ts';
import type { StackEntry } from '../../../stack/registries.ts';

const entry = (logicalName: string, over: Partial<StackEntry> = {}): StackEntry => ({
  logicalName,
  needs: [],
  mayHideRecords: false,
  ...over,
});
const FOUR = {
  a: entry('A'),
  b: entry('B', { needs: ['bAddress'], mayHideRecords: true }),
  c: entry('C'),
  d: entry('D'),
};

const decided = (entries: Readonly<Record<string, StackEntry>>, registries: string) =>
  decide(
    { Conditions: conditionsOf(entries), Parameters: {} } as unknown as Parameters<
      typeof decide
    >[0],
    {
      registries,
    },
  );

/** Every list of conditions below a value. */
const ors = (json: unknown): readonly (readonly unknown[])[] =>
  typeof json !== 'object' || json === null
    ? []
    : Object.entries(json).flatMap(([key, inner]) => [
        ...(key === 'Fn::Or' ? [list(inner as Json)] : []),
        ...ors(inner),
      ]);

describe('the stack of four registries', () => {
  const choices = choicesOf(Object.keys(FOUR));

  it('can be given any of them in any order, and no choice twice', () => {
    expect(choices).toHaveLength(4 + 12 + 24 + 24);
    expect(new Set(choices).size).toBe(choices.length);
    expect(choices.slice(0, 6)).toEqual(['a', 'b', 'c', 'd', 'a,b', 'a,c']);
  });

  it('takes a registry for chosen where the choice names it, and nowhere else', () => {
    for (const choice of choices) {
      const names = choice.split(',');
      const expected = ['a', 'b', 'c', 'd'].map((name) => [
        name.toUpperCase(),
        names.includes(name),
      ]);
      expect(decided(FOUR, choice)).toEqual(Object.fromEntries(expected));
    }
  });

  it('puts two to ten conditions into one Or, as CloudFormation asks', () => {
    const sizes = ors(conditionsOf(FOUR)).map((one) => one.length);
    expect(sizes.length).toBeGreaterThan(4);
    expect(sizes.filter((size) => size < 2 || size > 10)).toEqual([]);
  });

  it('asks for what a registry needs, and that the one resolved from is chosen', () => {
    expect(Object.keys(rulesOf(FOUR))).toEqual([
      'BNeedsAnAddress',
      'ResolveFromA',
      'ResolveFromB',
      'ResolveFromC',
      'ResolveFromD',
    ]);
  });

  it('watches each, and whether lists are complete where they may not be', () => {
    const alarms = Object.keys(alarmsOf(FOUR));
    expect(alarms.filter((name) => name.startsWith('A'))).toEqual([
      'AFailingAlarm',
      'AWithheldAlarm',
    ]);
    expect(alarms.filter((name) => name.startsWith('B'))).toContain('BUnknownAlarm');
  });
});

describe('the stack of one registry or two', () => {
  it.each([
    ['a', { a: entry('A') }, { A: true }],
    ['b', { a: entry('A'), b: entry('B') }, { A: false, B: true }],
  ])('has conditions that hold for %s', (choice, entries, expected) => {
    expect(decided(entries, choice)).toEqual(expected);
  });
});
