import { describe, expect, it } from 'vitest';
import {
  type Observation,
  recordedStart,
  taskState,
} from '../../../../shared/sync/observe/task-state.ts';
import { NOW, taskOf } from '../fakes.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const running = taskOf('a', { version: 5 });
const stopped = taskOf('a', { version: 5, desiredStatus: 'STOPPED' });
const pending = taskOf('a', { version: 5, lastStatus: 'PENDING' });
/** Its container, and another that has come so far. */
const withSide = (lastStatus?: string) => ({
  containers: [
    { name: 'app', bindings: [], lastStatus: 'RUNNING' },
    { name: 'side', bindings: [], ...(lastStatus && { lastStatus }) },
  ],
});
const half = taskOf('a', { version: 5, ...withSide('STOPPED') });
const stateOf = (seen: Observation) => taskState(seen, NOW).state;

describe('the state of a task', () => {
  it.each<[string, Observation, string]>([
    ['ECS could not be asked', { answer: 'unread' }, 'unknown'],
    ['it runs', { answer: running }, 'running'],
    ['it is on its way', { answer: pending }, 'starting'],
    [
      'it has run, and the answer says that it is on its way',
      { answer: pending, hasRun: true },
      'unknown',
    ],
    ['it shall stop, though it runs', { answer: stopped }, 'stopping'],
    [
      'it runs, and EC2 tells that its host goes down',
      { answer: running, host: 'leaving' },
      'stopping',
    ],
    ['it runs, and EC2 calls its host down', { answer: running, host: 'down' }, 'stopping'],
    ['it runs, and its host may be down', { answer: running, host: 'unsure' }, 'unknown'],
    ['it stops, and its host may be down', { answer: stopped, host: 'unsure' }, 'stopping'],
    [
      'the answer is older than the event',
      { answer: running, known: { ...running, version: 6 } },
      'unknown',
    ],
    ['it runs, and one of its containers has stopped', { answer: half }, 'running'],
    [
      'a container runs in the answer that has stopped by the event, whatever the versions',
      { answer: { ...half, ...withSide('RUNNING'), version: 6 }, known: half },
      'unknown',
    ],
    [
      'a container is not told of that has stopped by the event',
      { answer: { ...half, ...withSide(), version: 6 }, known: half },
      'unknown',
    ],
    [
      'a container has stopped by the answer, too, as by the event',
      { answer: { ...half, version: 6 }, known: half },
      'running',
    ],
    [
      'a container has stopped by the answer, and ran by the event',
      { answer: half, known: { ...half, ...withSide('RUNNING') } },
      'running',
    ],
    [
      'the whole task stops by the answer, which tells of no containers',
      { answer: { ...stopped, containers: [], version: 6 }, known: half },
      'stopping',
    ],
    ['the answer is as old as the event', { answer: running, known: running }, 'running'],
    ['the answer is older than what was handled', { answer: stopped, isOutdated: true }, 'unknown'],
    [
      'ECS knows it no more, and it is over an hour old',
      { answer: 'missing', startedAt: NOW - HOUR - 1 },
      'expired',
    ],
    [
      'ECS does not know it, and it is an hour old',
      { answer: 'missing', startedAt: NOW - HOUR },
      'unknown',
    ],
    ['ECS does not know it, and its start is not known', { answer: 'missing' }, 'unknown'],
    [
      'ECS does not know it, and it starts in a year',
      { answer: 'missing', startedAt: NOW + 9_000 * HOUR },
      'unknown',
    ],
    [
      'ECS lists it and knows it no more',
      { answer: 'missing', startedAt: 0, isListed: true },
      'unknown',
    ],
  ])('where %s', (_what, seen, state) => {
    expect(stateOf(seen)).toBe(state);
  });

  it.each([
    [
      'it shall stop',
      { answer: stopped },
      'not-running: desiredStatus STOPPED, lastStatus RUNNING',
    ],
    ['it starts', { answer: pending }, 'not-running: desiredStatus RUNNING, lastStatus PENDING'],
    [
      'its host is down',
      { answer: running, host: 'down' },
      'host-down: its EC2 instance is shutting down or gone',
    ],
    [
      'its host goes down',
      { answer: running, host: 'leaving' },
      'host-down: its host is going down',
    ],
    ['it runs', { answer: running }, 'none'],
  ] as const)('says why nothing of the task is registered where %s', (_what, seen, told) => {
    const state = taskState(seen, NOW);
    expect('obstacle' in state ? state.obstacle.join(': ') : 'none').toBe(told);
  });

  it.each<[Observation, string]>([
    [{ answer: 'unread' }, 'unread'],
    [{ answer: 'missing' }, 'missing'],
    [{ answer: 'missing', startedAt: 0, isListed: true }, 'missing'],
    [{ answer: running, isOutdated: true }, 'outdated'],
    [{ answer: pending, hasRun: true }, 'outdated'],
    [{ answer: running, host: 'unsure' }, 'underivable'],
  ])('says why nothing is known of it: by %j it is %s', (seen, because) => {
    expect(taskState(seen, NOW)).toMatchObject({ state: 'unknown', because });
  });
});

describe('the start of a task by its record', () => {
  it.each([
    ['as it is told', new Date(NOW - MINUTE).toISOString(), NOW - MINUTE],
    ['a little ahead of this clock', new Date(NOW + 5 * MINUTE).toISOString(), NOW + 5 * MINUTE],
    ['far ahead: as old as can be', '2099-01-01T00:00:00.000Z', Number.NEGATIVE_INFINITY],
    ['not told: as old as can be', undefined, Number.NEGATIVE_INFINITY],
    ['nonsense: as old as can be', 'once', Number.NEGATIVE_INFINITY],
  ])('is %s', (_what, started, start) => {
    expect(recordedStart(started, NOW)).toBe(start);
  });
});
