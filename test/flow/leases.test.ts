import { afterEach, describe, expect, it } from 'vitest';
import { createWorld } from '../../local/aws/world.ts';
import type { Fault } from '../../local/faults.ts';
import { captureLog } from '../../local/log.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { startVirtualTime, type VirtualTime } from '../support/virtual-time.ts';
import { container } from './stage.ts';

const MINUTE = 60_000;
const STEP = 20_000;
/** Tasks that run from the beginning to the end. */
const STEADY = 12;

interface Run {
  readonly stack: Stack;
  readonly time: VirtualTime;
}

let running: (() => Promise<void>) | undefined;
afterEach(async () => {
  await running?.();
  running = undefined;
});

/** Eureka alone, as it comes but for self-preservation: it evicts whoever has not renewed. */
const start = async (): Promise<Run> => {
  const time = startVirtualTime();
  const world = createWorld();
  const release = captureLog(() => {});
  const environment = { ROLLCALL_REGISTRIES: 'eureka', ROLLCALL_RESOLVE_FROM: 'eureka' };
  const stack = await time.during(startStack({ world, queueNow: time.now, environment }));
  running = async () => {
    await time.during(stack.stop());
    release();
    time.stop();
  };
  world.addCluster('shop');
  world.registerTaskDefinition({
    family: 'web',
    networkMode: 'awsvpc',
    containerDefinitions: [container()],
  });
  return { stack, time };
};

const addressesIn = async ({ stack, time }: Run): Promise<Set<string>> => {
  // Another list than the one that fails.
  const answer = await time.during(
    fetch(`${stack.eureka?.url}/vips/web`, { headers: { accept: 'application/json' } }).then(
      (response): Promise<Vips> => response.json() as Promise<Vips>,
    ),
  );
  const { application } = answer.applications;
  return new Set(application.flatMap(({ instance }) => instance.map(({ ipAddr }) => ipAddr)));
};

interface Vips {
  readonly applications: {
    readonly application: readonly { readonly instance: readonly { readonly ipAddr: string }[] }[];
  };
}

const runTask = ({ stack }: Run) => {
  const { taskArn, containers } = stack.world.runTask({
    cluster: 'shop',
    taskDefinition: 'web',
    launchType: 'FARGATE',
    service: 'web',
  });
  return { taskArn, address: containers[0]?.networkInterfaces[0]?.privateIpv4Address ?? '' };
};

interface Ending {
  /**
   * Longest time in seconds that a task's record was absent while it ran, and present while it did
   * not.
   */
  readonly absent: number;
  readonly late: number;
}

/**
 * So many minutes of a deployment at work: a round each minute, two renewals, events as they come,
 * and one task that starts and one that stops each minute. Looks at Eureka three times a minute.
 */
const live = async (
  run: Run,
  minutes: number,
  tasks: { taskArn: string; address: string }[],
): Promise<Ending> => {
  const { stack, time } = run;
  const since = { absent: new Map<string, number>(), late: new Map<string, number>() };
  let [absent, late] = [0, 0];
  const stopped = new Set<string>();
  const measure = (map: Map<string, number>, keys: Iterable<string>) => {
    const now = new Set(keys);
    for (const key of map.keys()) if (!now.has(key)) map.delete(key);
    for (const key of now) map.set(key, map.get(key) ?? time.now());
    return Math.max(0, ...[...map.values()].map((from) => (time.now() - from) / 1_000));
  };
  for (let at = 0; at < (minutes * MINUTE) / STEP; at++) {
    const until = time.now() + STEP;
    const second = (at * STEP) % MINUTE;
    if (second === 20_000) tasks.push(runTask(run));
    const old = second === 40_000 && tasks.splice(STEADY, 1)[0];
    if (old) {
      stopped.add(old.address);
      stack.world.stopTask(old.taskArn);
    }
    const work = [stack.events.drain()];
    if (second === 0) work.push(stack.reconcile.invoke().then(() => {}));
    // What fails is for the alarm to tell.
    if (second !== 20_000) work.push(stack.renew.invoke().catch(() => {}));
    await time.during(Promise.all(work));
    await time.during(time.wait(Math.max(0, until - time.now())));
    const held = await addressesIn(run);
    absent = Math.max(
      absent,
      measure(
        since.absent,
        tasks.map(({ address }) => address).filter((one) => !held.has(one)),
      ),
    );
    late = Math.max(
      late,
      measure(
        since.late,
        [...held].filter((one) => stopped.has(one)),
      ),
    );
    // An address may be another task's by now.
    for (const { address } of tasks) stopped.delete(address);
  }
  return { absent, late };
};

const LIST_FAILS: readonly (readonly [string, 'warm' | 'cold', Omit<Fault, 'times' | 'match'>])[] =
  [
    ['hangs', 'warm', { hang: true }],
    ['hangs', 'cold', { hang: true }],
    ['answers 500', 'cold', { status: 500 }],
    ['answers 403', 'cold', { status: 403 }],
  ];

const failList = ({ stack }: Run, fault: Omit<Fault, 'times' | 'match'>) => {
  const match = (method: string, url: string) => method === 'GET' && url.endsWith('/apps');
  stack.eureka?.faults.inject({ ...fault, match, times: Number.POSITIVE_INFINITY });
};

describe('twenty minutes in which Eureka’s list alone fails', () => {
  it.each(LIST_FAILS)(
    'leave no running task’s record absent, and keep nothing that stopped: it %s, with a %s renewal',
    async (_how, renewal, fault) => {
      const run = await start();
      const tasks = Array.from({ length: STEADY + 3 }, () => runTask(run));
      await live(run, 2, tasks);
      failList(run, fault);
      if (renewal === 'cold') await run.time.during(run.stack.redeploy({}));
      expect(await live(run, 20, tasks)).toEqual({ absent: 0, late: 0 });
      expect(await addressesIn(run)).toEqual(new Set(tasks.map(({ address }) => address)));
    },
  );

  it.each([
    ['warm', { status: 500 }],
    ['cold', { status: 200, body: '<html>It works!</html>' }],
  ])(
    'bring back within a minute what Eureka lost meanwhile, with a %s renewal',
    async (renewal, fault) => {
      const run = await start();
      const tasks = Array.from({ length: STEADY }, () => runTask(run));
      await live(run, 2, tasks);
      failList(run, fault);
      if (renewal === 'cold') await run.time.during(run.stack.redeploy({}));
      await live(run, 2, tasks);
      run.stack.eureka?.restart();
      const { absent } = await live(run, 5, tasks);
      expect(absent).toBeLessThanOrEqual(60);
      expect(await addressesIn(run)).toEqual(new Set(tasks.map(({ address }) => address)));
    },
  );
});
