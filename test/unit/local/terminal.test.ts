import { expect, it } from 'vitest';
import { isNews } from '../../../local/terminal.ts';

it.each([
  ['a request that the resolver has answered', { message: 'answered', status: 200 }],
  ['what was asked for by a key', { message: 'released', command: 'release' }],
  ['a port that a label leaves out', { message: 'left out (ignored): …', code: 'ignored' }],
])('the screen does not tell %s', (_, line) => {
  expect(isNews(line)).toBe(false);
});

it('the screen tells of what else is left out', () => {
  expect(isNews({ message: 'left out (no-address): …', code: 'no-address' })).toBe(true);
});
