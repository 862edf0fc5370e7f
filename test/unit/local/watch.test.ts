import { expect, it } from 'vitest';
import type { Ask, Held } from '../../../local/story/held.ts';
import { watchWhile } from '../../../local/watch.ts';

const held = (healthy: boolean): Held => ({ service: 'web', place: 'p', healthy, owner: 'us' });

/** Answers one after another, the last again and again; `asked` after so many of them. */
const answering = (answers: readonly Ask[]) => {
  let at = 0;
  let enough = () => {};
  const asked = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const ask: Ask = () => {
    const answer = answers[Math.min(at, answers.length - 1)];
    at++;
    if (at > answers.length) enough();
    return answer?.() ?? Promise.resolve([]);
  };
  return { ask, asked };
};

it('a registry without a healthy instance for a while is told, one that cannot be read is not', async () => {
  const there = async () => [held(true)];
  const cloudmap = answering([there, async () => [held(false)], async () => [], there]);
  const consul = answering([there, () => Promise.reject(new Error('down')), there]);
  const eureka = answering([there]);
  const gaps = await watchWhile(Promise.all([cloudmap.asked, consul.asked, eureka.asked]), {
    ask: { cloudmap: cloudmap.ask, consul: consul.ask, eureka: eureka.ask },
    service: 'web',
  });
  expect(gaps.map(({ registry }) => registry)).toEqual(['cloudmap']);
  expect(gaps[0]?.milliseconds).toBeGreaterThan(0);
});
