import { expect, it } from 'vitest';
import { derive } from '../../../shared/derive/derive.ts';
import { container, definition, rules, task } from './builders.ts';

/** How often anybody asked for a container's name while so many were derived. */
const questions = (containers: number): number => {
  let asked = 0;
  const counted = Array.from({ length: containers }, (_, at) => {
    const one = container({
      ports: Array.from({ length: 20 }, (_, port) => ({
        containerPort: 1_000 + port,
        hostPort: 0,
        protocol: 'tcp' as const,
      })),
    });
    return Object.defineProperty({ ...one }, 'name', {
      enumerable: true,
      get: () => {
        asked++;
        return `c${at}`;
      },
    });
  });
  derive({ task: task(), definition: definition({ containers: counted }) }, rules());
  return asked;
};

it('four times as many containers make about four times the work: a task may publish 12,000 ports', () => {
  expect(questions(80)).toBeLessThan(questions(20) * 5);
});
