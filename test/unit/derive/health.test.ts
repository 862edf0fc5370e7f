import { describe, expect, test } from 'vitest';
import type { Health } from '../../../shared/model/registration.ts';
import type { EcsHealth } from '../../../shared/model/task.ts';
import { container, instance, running } from './builders.ts';

interface Part {
  readonly health?: EcsHealth;
  readonly isUnchecked?: boolean;
  readonly isEssential?: boolean;
  readonly lastStatus?: string;
}

const unchecked: Part = { isUnchecked: true };

/** Of a task whose container `app` has the port; the others come after it. */
const healthOf = (...parts: readonly Part[]) => {
  const named = parts.map((part, at) => ({ name: at === 0 ? 'app' : `other-${at}`, ...part }));
  const containers = named.map(({ name, isUnchecked, isEssential = true }) =>
    container({
      name,
      hasHealthCheck: !isUnchecked,
      isEssential,
      ...(name !== 'app' && { ports: [] }),
    }),
  );
  const told = named.map(({ name, health, lastStatus = 'RUNNING' }) =>
    running({ name, lastStatus, ...(health && { health }) }),
  );
  return instance({ containers, task: { containers: told, health: 'UNKNOWN' } }).health;
};

const [good, bad, none] = [
  { health: 'HEALTHY' },
  { health: 'UNHEALTHY' },
  { health: 'UNKNOWN' },
] as const;

describe('health is', () => {
  test.each<readonly [string, readonly Part[], Health]>([
    ['healthy without any check', [unchecked, unchecked], 'healthy'],
    ['healthy without any check though ECS says UNKNOWN', [{ ...none, ...unchecked }], 'healthy'],
    ["the container's own: healthy", [good], 'healthy'],
    ["the container's own: unhealthy", [bad], 'unhealthy'],
    ["the container's own, essential or not", [{ ...bad, isEssential: false }], 'unhealthy'],
    ['starting while the check is UNKNOWN', [none], 'starting'],
    ['starting while the check is untold, as in events', [{}], 'starting'],
    ["an essential container's, without which the port goes", [unchecked, bad], 'unhealthy'],
    ['starting while an essential container starts', [unchecked, none], 'starting'],
    ['the worse of both', [good, bad], 'unhealthy'],
    ['the worst of three', [good, none, bad], 'unhealthy'],
    ['unhealthy rather than starting', [bad, none], 'unhealthy'],
    [
      'not that of a sidecar whose check fails',
      [unchecked, { ...bad, isEssential: false }],
      'healthy',
    ],
    ['not that of a sidecar that starts', [good, { ...none, isEssential: false }], 'healthy'],
    [
      'not that of a container that has stopped',
      [good, { ...bad, lastStatus: 'STOPPED' }],
      'healthy',
    ],
    ['that of one which does not run yet', [good, { ...none, lastStatus: 'PENDING' }], 'starting'],
  ])('%s', (_, parts, expected) => expect(healthOf(...parts)).toBe(expected));

  test('starting for a container with a check that the task does not list', () => {
    const containers = [container({ hasHealthCheck: true })];
    expect(instance({ containers, task: { containers: [] } }).health).toBe('starting');
  });
});
