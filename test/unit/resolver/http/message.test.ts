import { expect, test } from 'vitest';
import { toRequest } from '../../../../shared/resolver/http/message.ts';

const targetOf = (target: string) => toRequest({ method: 'GET', target }).target;

test('a target that is asked for again is not taken apart again, unless it is long', () => {
  const text = '/services/web?zone=a&zone=b%20c';
  const { path, rawQuery, query } = targetOf(text);
  expect([path, rawQuery, [...query]]).toEqual([
    '/services/web',
    'zone=a&zone=b%20c',
    [
      ['zone', 'a'],
      ['zone', 'b c'],
    ],
  ]);
  expect(targetOf(text)).toBe(targetOf(text));
  const long = `/services/${'x'.repeat(600)}`;
  expect(targetOf(long)).not.toBe(targetOf(long));
  expect(targetOf(long)).toEqual(targetOf(long));
});

test('one kept target answers every method as that method is answered', () => {
  expect(targetOf('/a')).toBe(toRequest({ method: 'POST', target: '/a' }).target);
  expect(toRequest({ method: 'post', target: '/a' }).method).toBe('POST');
});
