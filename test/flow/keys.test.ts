import { expect, it, onTestFinished, vi } from 'vitest';
import { createActions } from '../../local/actions.ts';
import { createKeyboard, createKeys, keysHelp } from '../../local/keys.ts';
import { startLive } from '../../local/live.ts';
import { captureLog } from '../../local/log.ts';
import { controlsOf } from '../../local/run-live.ts';

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
  const more = () => 'Ask:';
  const registered = async (): Promise<number> => {
    const answer = await fetch(`${live.resolver.url}/services/stock-price`);
    return Object(await answer.json()).instances?.length ?? 0;
  };
  const there = () => live.cluster.members('stock-price').length;
  return {
    registered,
    there,
    keys: createKeys({ ...controlsOf(live, createActions(live)), more }),
    running,
  };
};

it('each key that `npm start` names does what its help says', async () => {
  const { keys, running, registered, there } = await example();
  const pressed = new Set<string>();
  const press = (one: string) => {
    pressed.add(one);
    return keys.find(({ key }) => key === one)?.press();
  };
  const round = async () => String(await press('r'));
  for (const service of ['portal', 'stock-price', 'weather'])
    await expect.poll(() => running(service)).toBeGreaterThan(1);

  await expect.poll(registered).toBe(3);
  expect(await press('d')).toBe('events are lost from now on');
  expect(await press('-')).toBe('stock-price should now have 2 tasks');
  await expect.poll(there).toBe(2);
  expect(await registered()).toBe(3);
  await press('r');
  await expect.poll(registered).toBe(2);
  expect(await press('d')).toBe('events arrive again');
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
  const atRest =
    /^registry +records .*\ncloudmap +\d+ +0 +0 .*\nconsul +\d+ +0 +0 .*\neureka +\d+ +0 +0 /m;
  await expect.poll(round).toMatch(atRest);
  expect(await round()).not.toMatch(/^(failed|left to the next round):/m);
  expect(await round()).toContain('left out (ignored): container news-us, port 9000/tcp');
  expect(await press('u')).toMatch(
    /^weather is at revision 2 after .*\nMeanwhile [1-9]\d* requests went .*; 0 failed\.\n(?:Each registry held|Without) a healthy instance of it /,
  );
  expect(await press('c')).toMatch(/^metrics has stopped; its task arn:.* runs on$/);
  expect(await press('e')).toContain('task');
  // What the stopped container's event has begun in Cloud Map is done.
  await expect.poll(round).toMatch(atRest);
  expect(await press('f')).toContain('ECS no longer knows stock-price');
  expect(await press('-')).toBe('stock-price has 0 tasks, and can have no fewer');
  await expect.poll(round).toMatch(/^withheld: \d+ removals wait for a release/m);
  const plan = String(await press('p'));
  expect(plan).toContain('withheld: w lets these removals through');
  // A record is one line, whichever registries hold it.
  expect(plan.match(/^- +stock-price .*cloudmap consul eureka/gm)).toHaveLength(12);
  expect(await press('w')).toMatch(/^released \d+ removals \(all registries\) in arn:/);
  expect(await press('l')).toMatch(/^host i-.* shuts down$/);
  expect(await press('x')).toMatch(/^Not done: .* Press o first\.$/);
  expect(await press('o')).toBe('the policy is observe');
  expect(await press('x')).toMatch(/registry +removed/);
  expect(await press('o')).toBe('the policy is sync');

  expect(await press('?')).toBe('Ask:');

  const quit = vi.fn();
  createKeyboard(keys, { print: () => {}, quit })('q');
  expect(quit).toHaveBeenCalledOnce();
  const named = keysHelp(keys, 1)
    .split('\n')
    .map((line) => line[0]);
  expect([...pressed, 'q'].toSorted()).toEqual(named.toSorted());
});
