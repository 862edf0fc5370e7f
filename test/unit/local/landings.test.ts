import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Landing } from '../../../local/landing.ts';
import { createLandings } from '../../../local/landings.ts';

let operations: Map<string, boolean>;
let told: string[];
beforeEach(() => {
  vi.useFakeTimers();
  operations = new Map();
  told = [];
});
afterEach(() => vi.useRealTimers());

const landings = () =>
  createLandings({
    ended: (operation) => operations.get(operation),
    show: (burst) =>
      told.push(
        burst
          .map((group) =>
            group
              .map(({ sign, registry, pending }) => `${sign} ${registry}${pending ? ' …' : ''}`)
              .join(', '),
          )
          .join(' | '),
      ),
  });

const landing = (over: Partial<Landing> = {}): Landing => ({
  time: Date.now(),
  sign: '+',
  registry: 'consul',
  service: 'web',
  place: '10.0.0.1:8080',
  id: 'a-8080',
  why: 'task is running',
  pending: false,
  ...over,
});
const accepted = landing({ registry: 'cloudmap', pending: true, operation: 'op' });

describe('landings of one record', () => {
  it('are told in one line once all three registries have it in force', () => {
    const { add } = landings();
    for (const one of [landing(), landing({ registry: 'eureka' }), accepted]) add(one);
    vi.advanceTimersByTime(100);
    expect(told).toEqual([]);
    operations.set('op', true);
    vi.advanceTimersByTime(100);
    expect(told).toEqual(['+ consul, + eureka, + cloudmap']);
  });

  it('wait for no registry for long, and what was only accepted is told of again when it is in force', () => {
    const { add } = landings();
    add(accepted);
    vi.advanceTimersByTime(5_000);
    operations.set('op', true);
    vi.advanceTimersByTime(5_000);
    expect(told).toEqual(['+ cloudmap …', '+ cloudmap']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('say nothing more of an operation that failed, which the handlers tell', () => {
    const { add } = landings();
    add(accepted);
    vi.advanceTimersByTime(5_000);
    operations.set('op', false);
    vi.advanceTimersByTime(5_000);
    expect(told).toEqual(['+ cloudmap …']);
  });

  it('are told apart from those of other records, of other changes, and of the same change again', () => {
    const { add, flush } = landings();
    for (const one of [
      landing(),
      landing({ id: 'b-8080', service: 'api' }),
      landing({ sign: '-' }),
      landing({ id: 'c-8080', why: 'tags changed' }),
      landing(),
    ])
      add(one);
    flush();
    expect(told).toEqual(['+ consul', '+ consul', '- consul', '+ consul', '+ consul']);
  });

  it('are told with those of the same service and reason, once all of them are complete', () => {
    const { add } = landings();
    for (const id of ['a', 'b']) {
      for (const one of [landing(), landing({ registry: 'eureka', service: 'WEB' })])
        add({ ...one, id });
      add({ ...accepted, id, operation: id });
    }
    operations.set('a', true);
    vi.advanceTimersByTime(500);
    expect(told).toEqual([]);
    operations.set('b', true);
    vi.advanceTimersByTime(100);
    expect(told).toEqual(['+ consul, + eureka, + cloudmap | + consul, + eureka, + cloudmap']);
  });

  it('do not wait for another one for longer than for another registry', () => {
    const { add } = landings();
    add(landing());
    vi.advanceTimersByTime(900);
    add(landing({ id: 'b-8080' }));
    vi.advanceTimersByTime(200);
    expect(told).toEqual(['+ consul']);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual(['+ consul', '+ consul']);
  });

  it('that failed are told at once', () => {
    landings().add(landing({ sign: '!' }));
    expect(told).toEqual(['! consul']);
  });

  it('are told in the order in which they began, failures too', () => {
    const { add } = landings();
    add(accepted);
    vi.advanceTimersByTime(100);
    for (const registry of ['cloudmap', 'consul', 'eureka'])
      add(landing({ registry, id: 'b-8080', sign: '-' }));
    add(landing({ sign: '!' }));
    vi.advanceTimersByTime(100);
    expect(told).toEqual([]);
    operations.set('op', true);
    add(landing());
    add(landing({ registry: 'eureka' }));
    vi.advanceTimersByTime(100);
    expect(told).toEqual([
      '+ cloudmap, + consul, + eureka',
      '- cloudmap, - consul, - eureka',
      '! consul',
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
