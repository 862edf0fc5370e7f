import type { AwsEvent, Task } from '../../../local/aws/world/shapes.ts';
import { createRandom } from './random.ts';
import type { Stage } from './stage.ts';

const SECOND = 1_000;
/**
 * A task is lied about again once its five looks are over: they get longer from one to the next.
 */
const QUIET = 140 * SECOND;

/** The last true event of a task, and the task as it stands in it. */
interface Told {
  readonly event: AwsEvent;
  readonly task: Task;
}

/**
 * What a forged event says otherwise than the last true one; `undefined`: it has nothing to say.
 */
type Lie = (told: Told) => { readonly [key in keyof Task]?: unknown } | undefined;

export interface ForgerOptions {
  readonly seed: number;
  /** Milliseconds from the start. */
  readonly until: number;
  readonly of: 'known tasks' | 'any tasks';
  readonly tell: (what: string) => void;
}

const ANOTHER = 'there is another one';

/**
 * Events that ECS has never sent, as whoever may write to the queue can put them there: stops of
 * tasks and of containers that run, states that running tasks do not have, starts of tasks that
 * have stopped, or that nobody has ever started. They come from a stream of their own, so that a
 * seed's history is otherwise the same.
 */
export const forgeEvents = (stage: Stage, { seed, until, of, tell }: ForgerOptions): void => {
  const { world, watch, after } = stage;
  const random = createRandom(seed + 0x666f7267);
  const last = new Map<string, AwsEvent>();
  world.onEvent((event) => {
    const { taskArn } = event.detail as Partial<Task>;
    if (taskArn) last.set(taskArn, event);
  });
  const forged = new Map<string, number>();
  const isRunning = ({ task }: Told) =>
    task.desiredStatus === 'RUNNING' && task.lastStatus === 'RUNNING';
  const lies: Readonly<Record<string, Lie>> = {
    'it shall stop': (told) =>
      isRunning(told)
        ? {
            desiredStatus: 'STOPPED',
            lastStatus: random.pick(['RUNNING', 'DEACTIVATING', 'STOPPED'] as const) ?? 'STOPPED',
          }
        : undefined,
    'it is on its way': (told) =>
      isRunning(told)
        ? { lastStatus: random.pick(['PENDING', 'ACTIVATING'] as const) ?? 'PENDING' }
        : undefined,
    'a container has stopped': (told) => {
      const { containers } = told.task;
      const one = random.pick(containers);
      return isRunning(told)
        ? { containers: containers.map((each) => (each === one ? stopped(each) : each)) }
        : undefined;
    },
    'it runs': (told) =>
      told.task.desiredStatus === 'STOPPED'
        ? { desiredStatus: 'RUNNING', lastStatus: 'RUNNING', ...startedNow(stage) }
        : undefined,
    [ANOTHER]: (told) =>
      isRunning(told)
        ? {
            taskArn: `${told.task.taskArn.slice(0, -12)}${random.between(1e11, 1e12 - 1)}`,
            ...startedNow(stage),
          }
        : undefined,
  };
  const forge = () => {
    const all = world.tasks().flatMap((task) => {
      const event = last.get(task.taskArn);
      const isQuiet = stage.elapsed() - (forged.get(task.taskArn) ?? -QUIET) >= QUIET;
      return event && isQuiet ? [{ event, task }] : [];
    });
    const told = random.pick(all);
    const what = random.pick(Object.keys(lies)) ?? '';
    if (what === ANOTHER && of === 'known tasks') return;
    const version = (told?.task.version ?? 0) + (random.pick([0, 1, 1_000_000]) ?? 0);
    const lie = told && lies[what]?.(told);
    if (!told || !lie) return;
    const { event } = told;
    const detail = { ...event.detail, version, ...lie };
    tell(`forged of ${told.task.taskArn.slice(-6)}: ${what} (version ${version})`);
    forged.set(told.task.taskArn, stage.elapsed());
    watch.forged(String(detail['taskArn']));
    const time = new Date(stage.time.now()).toISOString();
    stage.main.deliver({ ...event, id: `forged-${random.next()}`, time, detail });
  };
  for (let at = 20 * SECOND; at < until; at += random.between(3, 20) * SECOND) after(at, forge);
};

const stopped = (container: Task['containers'][number]) => ({
  ...container,
  lastStatus: 'STOPPED',
  exitCode: 1,
});

const startedNow = ({ time }: Stage) => ({ startedAt: new Date(time.now()).toISOString() });
