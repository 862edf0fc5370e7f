import { describe, expect, it } from 'vitest';
import { RULES } from '../../../../scripts/stack/checker/check.ts';
import { fits, meet } from '../../../../scripts/stack/checker/statements.ts';
import { resolve } from '../../../../scripts/stack/resolve.ts';
import type { Resource, Template } from '../../../../scripts/stack/template.ts';
import { BROKEN } from './broken.ts';

const EMPTY = { Description: '', Parameters: {}, Conditions: {}, Rules: {}, Outputs: {} };
const templateOf = (resources: object): Template => ({
  ...EMPTY,
  Resources: resources as Readonly<Record<string, Resource>>,
});

describe.each(BROKEN)('$rule', ({ rule, about, resources, finding, mended }) => {
  const judge = (all: object) =>
    RULES[rule](resolve(templateOf(all))).map(({ resource, fault }) => `${resource}: ${fault}`);

  it(`finds ${about}`, () => {
    expect(judge(resources).filter((one) => finding.test(one))).not.toEqual([]);
  });

  it(`finds nothing without ${about}`, () => {
    expect(judge(mended)).toEqual([]);
  });
});

describe('patterns of IAM', () => {
  it.each([
    ['sqs:SendMessage', 'sqs:*', true],
    ['sqs:SendMessage', 'sqs:Send?essage', true],
    ['sqs:SendMessage', 'sqs:Send', false],
    ['', '*', true],
  ])('%s fits %s: %s', (text, pattern, expected) => {
    expect(fits(text, pattern)).toBe(expected);
  });

  it.each([
    ['log-group:a:*', 'log-group:*:log-stream:*', true],
    ['*:cluster/a', 'arn:aws:ecs:*', true],
    ['a*', 'b*', false],
  ])('%s and %s have a text in common: %s', (one, other, expected) => {
    expect(meet(one, other)).toBe(expected);
    expect(meet(other, one)).toBe(expected);
  });
});
