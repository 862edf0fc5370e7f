import { describe, expect, it } from 'vitest';
import { createLogDeduper, HandledTasks } from '../../../shared/sync/memory.ts';
import { NOW, taskOf } from './fakes.ts';

const at = (version: number, desiredStatus = 'RUNNING') => taskOf('a', { version, desiredStatus });

describe('what is remembered of a task', () => {
  it('makes its older events, and the same one again, old news', () => {
    const handled = new HandledTasks();
    handled.add(at(3), NOW);
    expect([at(2), at(3), at(4)].map((task) => handled.has(task, NOW))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('is nothing of other tasks', () => {
    const handled = new HandledTasks();
    handled.add(at(3), NOW);
    expect(handled.has(taskOf('b', { version: 1 }), NOW)).toBe(false);
  });

  it('after a stop makes everything old news, whatever its version', () => {
    const handled = new HandledTasks();
    handled.add(at(3, 'STOPPED'), NOW);
    expect([at(4, 'STOPPED'), at(99), at(1)].map((task) => handled.has(task, NOW))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('after a container’s stop makes old news of what brings it back, and no other', () => {
    const handled = new HandledTasks();
    const side = (lastStatus: string, version: number, desiredStatus = 'RUNNING') => ({
      ...at(version, desiredStatus),
      containers: [{ name: 'side', bindings: [], lastStatus }],
    });
    handled.add(side('STOPPED', 3), NOW);
    const news = [side('RUNNING', 4), side('RUNNING', 0), side('STOPPED', 4), at(5, 'STOPPED')];
    expect(news.map((task) => handled.has(task, NOW))).toEqual([true, true, false, false]);
    expect(news.map((task) => handled.isAheadOf(task, NOW))).toEqual([true, true, false, false]);
  });

  it('stands against ECS’s answers for ten seconds: what ECS says after that is so', () => {
    const handled = new HandledTasks();
    handled.add(at(1_000_000_000, 'STOPPED'), NOW);
    expect([NOW, NOW + 10_000, NOW + 10_001].map((now) => handled.isAheadOf(at(3), now))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('is corrected by what ECS says, so that events after it count', () => {
    for (const madeUp of [at(4, 'STOPPED'), at(1_000_000_000)]) {
      const handled = new HandledTasks();
      handled.add(madeUp, NOW);
      expect(handled.has(at(5), NOW)).toBe(true);
      handled.correct(at(4), NOW);
      expect([at(4), at(5), at(5, 'STOPPED')].map((task) => handled.has(task, NOW))).toEqual([
        true,
        false,
        false,
      ]);
    }
  });

  it('is not corrected where it was right, nor made where there was none', () => {
    const handled = new HandledTasks();
    handled.correct(at(4), NOW);
    expect(handled.has(at(3), NOW)).toBe(false);
    handled.add(at(4), NOW);
    handled.correct(at(6), NOW);
    expect(handled.has(at(5), NOW)).toBe(false);
  });

  it('is old news for ten seconds where ECS did not confirm it: what comes then counts', () => {
    for (const madeUp of [at(4, 'STOPPED'), at(1_000_000_000)]) {
      const handled = new HandledTasks();
      handled.doubt(madeUp.arn);
      handled.add(madeUp, NOW);
      handled.doubt(madeUp.arn);
      const after = [NOW + 10_000, NOW + 10_001].map((now) => handled.has(at(5), now));
      expect(after).toEqual([true, false]);
      handled.add(at(6), NOW);
      expect(handled.has(at(5), NOW + 10_001)).toBe(true);
    }
  });

  it('is nothing where an event says that it is on its way', () => {
    const handled = new HandledTasks();
    handled.add(at(3), NOW);
    handled.add({ ...at(1_000_000_000), lastStatus: 'PENDING' }, NOW);
    expect([at(3), at(4)].map((task) => handled.has(task, NOW))).toEqual([true, false]);
  });

  it('is gone once forgotten', () => {
    const handled = new HandledTasks();
    handled.add(at(3, 'STOPPED'), NOW);
    handled.delete(at(3).arn);
    expect(handled.has(at(3, 'STOPPED'), NOW)).toBe(false);
  });

  it('of ten thousand tasks stays; what was not asked for longest goes first', () => {
    const handled = new HandledTasks();
    const ids = Array.from({ length: 10_001 }, (_, id) => taskOf(String(id), { version: 1 }));
    for (const task of ids.slice(0, 10_000)) handled.add(task, NOW);
    const [first, second, last] = [ids[0], ids[1], ids[10_000]].flatMap((task) => task ?? []);
    if (!first || !second || !last) throw new Error('three tasks');
    expect(handled.has(first, NOW)).toBe(true);
    handled.add(last, NOW);
    expect([first, second, last].map((task) => handled.has(task, NOW))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('is each sentence, so that it is said once', () => {
    const isNews = createLogDeduper();
    expect(['a', 'b', 'a'].map((sentence) => isNews(sentence))).toEqual([true, true, false]);
  });

  it('is each of the ten sentences of five thousand tasks, round after round', () => {
    const isNews = createLogDeduper();
    const sentences = Array.from({ length: 50_000 }, (_, at) => `${at}`);
    const news = () => sentences.filter((sentence) => isNews(sentence)).length;
    expect([news(), news()]).toEqual([50_000, 0]);
  });
});
