import { expect, it, onTestFinished } from 'vitest';
import { createActions } from '../../local/actions.ts';
import { createKeys } from '../../local/keys.ts';
import { startLive } from '../../local/live.ts';
import { captureLog } from '../../local/log.ts';

/** The running example without a schedule: rounds come by key alone. */
const example = async () => {
  onTestFinished(captureLog(() => {}));
  const live = await startLive({ real: {}, speed: 10, scheduled: false });
  onTestFinished(() => live.stop(() => {}));
  const running = (service: string) =>
    live.cluster
      .members(service)
      .filter(({ task }) => task.desiredStatus === 'RUNNING' && task.lastStatus === 'RUNNING')
      .length;
  return { keys: createKeys(live, createActions(live)), running };
};

it('each key that `npm start` names does what its help says', async () => {
  const { keys, running } = await example();
  const pressed = new Set<string>();
  const press = (one: string) => {
    pressed.add(one);
    return keys.find(({ key }) => key === one)?.press();
  };
  for (const service of ['portal', 'stock-price', 'weather'])
    await expect.poll(() => running(service)).toBeGreaterThan(1);

  expect(await press('d')).toBe('the next 5 events will be lost');
  expect(await press('-')).toBe('stock-price should now have 2 tasks');
  for (let count = 3; count <= 12; count++)
    expect(await press('+')).toBe(`stock-price should now have ${count} tasks`);
  expect(await press('k')).toMatch(/^killed arn:/);
  expect(await press('h')).toMatch(/ is unhealthy$/);
  expect(await press('h')).toMatch(/ is healthy$/);
  for (const [key, registry] of [
    ['1', 'cloudmap'],
    ['2', 'consul'],
    ['3', 'eureka'],
  ] as const) {
    expect(await press(key)).toBe(`${registry} is down`);
    expect(await press(key)).toBe(`${registry} is up`);
  }
  await expect.poll(() => running('stock-price')).toBe(12);
  // The first round and the events may make the same service in Cloud Map.
  await expect.poll(() => press('r')).toMatchObject({ failures: [], unfinished: [] });
  expect(await press('c')).toMatch(/^metrics has stopped; its task arn:.* runs on$/);
  expect(await press('e')).toContain('task');
  expect(await press('f')).toContain('ECS no longer knows stock-price');
  expect(await press('-')).toBe('stock-price has 0 tasks, and can have no fewer');
  await expect.poll(() => press('r')).toMatchObject({ withheld: [{ why: 'missing' }] });
  expect(await press('p')).toContain('withheld');
  expect(await press('w')).toMatch(
    /^\d+ removals, those in all registries together, in arn:.* are released/,
  );
  expect(await press('l')).toMatch(/^host i-.* shuts down$/);
  await expect(press('x')).rejects.toThrow('expected observe before a purge, got sync');
  expect(await press('o')).toBe('the policy is observe');
  expect(await press('x')).toMatch(/registry +removed/);
  expect(await press('o')).toBe('the policy is sync');

  expect([...pressed].toSorted()).toEqual(keys.map(({ key }) => key).toSorted());
});
