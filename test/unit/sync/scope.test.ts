import { describe, expect, it } from 'vitest';
import { isAmong, isHere, isOurs } from '../../../shared/sync/scope.ts';

const place = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
const arn = (name: string, region = 'eu-west-1') =>
  `arn:aws:ecs:${region}:111122223333:cluster/${name}`;

describe('a cluster is among those chosen', () => {
  it.each<[string, readonly string[], string, boolean]>([
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
  ])('%s', (_how, patterns, cluster, chosen) => {
    expect(isAmong(patterns, cluster)).toBe(chosen);
    expect(isOurs({ place, clusters: patterns }, cluster)).toBe(chosen);
  });
});

describe('a cluster is ours', () => {
  it('where nothing is chosen, each of the place', () => {
    expect(isOurs({ place, clusters: [] }, arn('shop'))).toBe(true);
  });

  it.each([
    ['in another region', arn('shop', 'us-east-1')],
    ['in a region of which the name is the beginning', arn('shop', 'eu-west-11')],
    ['in another account', 'arn:aws:ecs:eu-west-1:999988887777:cluster/shop'],
    ['in another partition', 'arn:aws-cn:ecs:eu-west-1:111122223333:cluster/shop'],
    ['nothing', ''],
    ['a name', 'shop'],
    ['a task', 'arn:aws:ecs:eu-west-1:111122223333:task/shop/a'],
    ['a cluster of another service', 'arn:aws:eks:eu-west-1:111122223333:cluster/shop'],
    ['a cluster without a name', arn('')],
    ['a cluster with something behind its name', arn('shop/a')],
    ['a cluster with a line behind its name', arn('shop\n')],
  ])('never one that is %s, whatever is chosen', (_what, cluster) => {
    expect(isOurs({ place, clusters: [] }, cluster)).toBe(false);
    expect(isOurs({ place, clusters: ['*', 'shop', cluster] }, cluster)).toBe(false);
  });

  it('in the place, as are its tasks', () => {
    expect(isHere(place, arn('shop'))).toBe(true);
    expect(isHere(place, 'arn:aws:ecs:eu-west-1:111122223333:task/shop/a')).toBe(true);
    expect(isHere(place, arn('shop', 'us-east-1'))).toBe(false);
  });
});
