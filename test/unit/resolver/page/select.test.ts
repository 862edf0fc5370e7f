import { describe, expect, it } from 'vitest';
import { toFacts } from '../../../../shared/resolver/page/facts.ts';
import { joinRegistries } from '../../../../shared/resolver/page/join.ts';
import { linkTo, parsePageQuery } from '../../../../shared/resolver/page/query.ts';
import { pageOf, select } from '../../../../shared/resolver/page/select.ts';
import { NOW, OWNER, shopContents } from '../../../support/page-scene.ts';

const services = toFacts(
  joinRegistries(shopContents(), { owner: OWNER, now: NOW, withhold: () => undefined }),
  { registries: shopContents(), round: 'none' },
);
const chosen = (query: string) =>
  select(services, parsePageQuery(new URLSearchParams(query))).map(
    ({ facts, matching }) => `${facts.service} ${matching.length}`,
  );

describe('a choice', () => {
  it.each<[string, readonly string[]]>([
    ['', ['stock-price 2', 'web 3', 'mail 1', 'ledger 1']],
    ['q=STOCK', ['stock-price 2']],
    ['q=10.0.0.2:8080', ['web 1']],
    ['q=web+blue+central-1b', ['web 1']],
    ['q=team=trading', ['stock-price 1']],
    ['q=missing:consul', ['web 1']],
    ['q=task/shop/', ['stock-price 2', 'web 3', 'mail 1']],
    ['cluster=shop', ['stock-price 2', 'web 3', 'mail 1']],
    ['cluster=other', []],
    ['health=unhealthy', ['stock-price 1']],
    ['health=healthy&q=stock', ['stock-price 1']],
    ['drift=true', ['web 1']],
    ['problems=true', ['stock-price 2', 'web 3']],
    ['zone=eu-central-1b', ['web 1']],
    ['host=i-0', []],
    ['service=WEB', ['web 3']],
    ['service=web&drift=true', ['web 1']],
    ['q=&cluster=&health=', ['stock-price 2', 'web 3', 'mail 1', 'ledger 1']],
  ])('by %j leaves %j', (query, expected) => {
    expect(chosen(query)).toEqual(expected);
  });
});

describe('a link', () => {
  it('says what was asked, and what changes', () => {
    const query = parsePageQuery(new URLSearchParams('q=a+%26b&health=healthy&drift=true&page=3'));
    expect(linkTo(query, { service: 'w/eb', page: 1 })).toBe(
      '?q=a+%26b&health=healthy&service=w%2Feb&drift=true',
    );
    expect(linkTo(query, { q: '', health: '', drift: false, page: 4 })).toBe('?page=4');
    expect(linkTo(query, {})).toBe('?q=a+%26b&health=healthy&drift=true');
  });
});

describe('a page of a list', () => {
  const list = [1, 2, 3, 4, 5];
  it.each([
    [1, { page: 1, pages: 3, items: [1, 2] }],
    [3, { page: 3, pages: 3, items: [5] }],
    [9, { page: 3, pages: 3, items: [5] }],
  ])('number %i', (asked, expected) => {
    expect(pageOf(list, asked, 2)).toEqual(expected);
  });

  it('is one of an empty list too', () => {
    expect(pageOf([], 1, 2)).toEqual({ page: 1, pages: 1, items: [] });
  });
});
