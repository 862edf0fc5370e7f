import { describe, expect, it } from 'vitest';
import { Memory } from '../../../shared/sync/memory.ts';
import { taskOf } from './fakes.ts';

const at = (version: number, desiredStatus = 'RUNNING') => taskOf('a', { version, desiredStatus });

describe('what is remembered of a task', () => {
  it('makes its older events, and the same one again, old news', () => {
    const memory = new Memory();
    memory.remember(at(3));
    expect([at(2), at(3), at(4)].map((task) => memory.knows(task))).toEqual([true, true, false]);
  });

  it('is nothing of other tasks', () => {
    const memory = new Memory();
    memory.remember(at(3));
    expect(memory.knows(taskOf('b', { version: 1 }))).toBe(false);
  });

  it('after a stop makes everything old news, whatever its version', () => {
    const memory = new Memory();
    memory.remember(at(3, 'STOPPED'));
    expect([at(4, 'STOPPED'), at(99), at(1)].map((task) => memory.knows(task))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('after a container’s stop makes old news of what brings it back, and no other', () => {
    const memory = new Memory();
    const side = (lastStatus: string, version: number, desiredStatus = 'RUNNING') => ({
      ...at(version, desiredStatus),
      containers: [{ name: 'side', bindings: [], lastStatus }],
    });
    memory.remember(side('STOPPED', 3));
    const news = [side('RUNNING', 4), side('RUNNING', 0), side('STOPPED', 4), at(5, 'STOPPED')];
    expect(news.map((task) => memory.knows(task))).toEqual([true, true, false, false]);
    expect(news.map((task) => memory.isAheadOf(task))).toEqual([true, true, false, false]);
  });

  it('is gone once forgotten', () => {
    const memory = new Memory();
    memory.remember(at(3, 'STOPPED'));
    memory.forget(at(3).arn);
    expect(memory.knows(at(3, 'STOPPED'))).toBe(false);
  });

  it('of ten thousand tasks stays; what was not asked for longest goes first', () => {
    const memory = new Memory();
    const ids = Array.from({ length: 10_001 }, (_, id) => taskOf(String(id), { version: 1 }));
    for (const task of ids.slice(0, 10_000)) memory.remember(task);
    const [first, second, last] = [ids[0], ids[1], ids[10_000]].flatMap((task) => task ?? []);
    if (!first || !second || !last) throw new Error('three tasks');
    expect(memory.knows(first)).toBe(true);
    memory.remember(last);
    expect([first, second, last].map((task) => memory.knows(task))).toEqual([true, false, true]);
  });

  it('is each sentence, so that it is said once', () => {
    const memory = new Memory();
    expect(['a', 'b', 'a'].map((sentence) => memory.isNews(sentence))).toEqual([true, true, false]);
  });

  it('is each of the ten sentences of five thousand tasks, round after round', () => {
    const memory = new Memory();
    const sentences = Array.from({ length: 50_000 }, (_, at) => `${at}`);
    const news = () => sentences.filter((sentence) => memory.isNews(sentence)).length;
    expect([news(), news()]).toEqual([50_000, 0]);
  });
});
