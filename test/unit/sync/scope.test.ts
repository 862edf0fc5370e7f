import { describe, expect, it } from 'vitest';
import { inScope } from '../../../shared/sync/scope.ts';

const arn = (name: string, region = 'eu-west-1') => `arn:aws:ecs:${region}:111122223333:cluster/${name}`;

describe('a cluster is served', () => {
  it.each<[string, readonly string[], string, boolean]>([
    ['where nothing is chosen', [], arn('shop'), true],
    ['by its name', ['shop'], arn('shop'), true],
    ['not by a part of its name', ['shop'], arn('shop2'), false],
    ['not by its name in another case', ['Shop'], arn('shop'), false],
    ['by a star', ['prod-*'], arn('prod-shop'), true],
    ['by a star that stands for nothing', ['prod*'], arn('prod'), true],
    ['not by a star elsewhere', ['prod-*'], arn('preprod-shop'), false],
    ['by a question mark', ['shop?'], arn('shop2'), true],
    ['not by a question mark for two', ['shop?'], arn('shop22'), false],
    ['by any of several', ['a', 'sh*'], arn('shop'), true],
    ['by its ARN', [arn('shop')], arn('shop'), true],
    ['not by another region’s ARN', [arn('shop', 'us-east-1')], arn('shop'), false],
    ['by an ARN with a star', ['arn:aws:ecs:*:111122223333:cluster/sh*'], arn('shop'), true],
    ['by a dot for itself only', ['a.c'], arn('abc'), false],
    ['by brackets for themselves only', ['[a-z]+'], arn('shop'), false],
  ])('%s', (_how, patterns, cluster, served) => {
    expect(inScope(patterns, cluster)).toBe(served);
  });
});
