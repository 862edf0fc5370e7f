import type { Catalogue } from './catalogue.ts';
import { type StopContainer, withStarted, withStopped } from './containers.ts';
import type { createEvents } from './events.ts';
import { launch, type RunTask } from './launch.ts';
import { nextStatus, reach } from './lifecycle.ts';
import type { Machines } from './machines.ts';
import type { Names } from './names.ts';
import { type createNetwork, NOWHERE, type Place } from './network.ts';
import type { Services } from './services.ts';
import type { AwsEvent, Health, Status, Task } from './shapes.ts';

/**
 * ECS describes stopped tasks for at least an hour; the simulator for exactly one. Milliseconds.
 */
const STOPPED_TASKS_KEPT = 3_600_000;

export interface StopTask {
  readonly stopCode?: string;
  readonly reason?: string;
  /**
   * How far it walks at once; RUNNING: only `desiredStatus` changes (Spot's warning). Default
   * STOPPED.
   */
  readonly until?: 'RUNNING' | 'DEACTIVATING' | 'STOPPING' | 'DEPROVISIONING' | 'STOPPED';
}

const ESSENTIAL_EXITED = {
  stopCode: 'EssentialContainerExited',
  reason: 'Essential container in task exited',
} as const;

export interface Tasks {
  runTask(options: RunTask): Task;
  /** One that is there already, as ECS describes it. Without an event. */
  addTask(task: Task): void;
  /** One step of its life, with its event; false where it rests. */
  advance(taskArn: string): boolean;
  /** One step for every task that does not rest. */
  advanceAll(): void;
  stopTask(taskArn: string, options?: StopTask): Task;
  /**
   * One container exits. Its host ports are free from then on. The task runs on, unless the
   * container is essential: then it stops, as far as `until` says.
   */
  stopContainer(
    taskArn: string,
    name: string,
    options?: StopContainer & Pick<StopTask, 'until'>,
  ): Task;
  /** A container that waited for others starts. */
  startContainer(taskArn: string, name: string): Task;
  /**
   * Without version and event, as on ECS. With a container's name only that one's and the task's
   * change.
   */
  setHealth(taskArn: string, health: Health, container?: string): void;
  /** Any other change, with version and event. */
  changeTask(taskArn: string, change: Partial<Task>): Task;
  /** Nobody knows the task any more, as an hour after it stopped. Without an event. */
  forgetTask(taskArn: string): void;
  /** As if it had been started so many milliseconds earlier. Without version and event. */
  ageTask(taskArn: string, milliseconds: number): void;
  /** The truth: tasks of the last hour. */
  tasks(): readonly Task[];
  task(taskArn: string): Task | undefined;
  /**
   * What the API shows for a while: the task as it was so many versions ago, or not at all.
   * `undefined` ends it. (ECS's reads are eventually consistent.)
   */
  lagReads(taskArn: string, lag: number | 'MISSING' | undefined): void;
  /** The tasks as the API shows them. */
  visibleTasks(): readonly Task[];
}

interface Context {
  readonly names: Names;
  readonly now: () => number;
  readonly events: ReturnType<typeof createEvents>;
  readonly emit: (event: AwsEvent) => void;
  readonly catalogue: Catalogue;
  readonly services: Services;
  readonly machines: Machines;
  readonly network: ReturnType<typeof createNetwork>;
}

interface Entry {
  readonly place: Place;
  /** Containers that have not started although the task runs. */
  readonly waiting: Set<string>;
  /** Oldest first; the last is the truth. */
  readonly history: Task[];
  lag?: number | 'MISSING' | undefined;
}

export const createTasks = (context: Context): Tasks => {
  const { now, events, emit } = context;
  const entries = new Map<string, Entry>();

  const entryOf = (taskArn: string): Entry => {
    const entry = entries.get(taskArn);
    if (!entry) throw new Error(`no task ${taskArn}`);
    return entry;
  };
  const latest = ({ history }: Entry): Task => {
    const task = history.at(-1);
    if (!task) throw new Error('a task without history');
    return task;
  };
  const change = (entry: Entry, changes: Partial<Task>): Task => {
    const before = latest(entry);
    const task = { ...before, ...changes, version: before.version + 1, updatedAt: new Date(now()) };
    entry.history.push(task);
    emit(events.task(task));
    return task;
  };
  const advance = (entry: Entry): boolean => {
    const status = nextStatus(latest(entry));
    if (!status) return false;
    if (status === 'STOPPED') entry.place.release();
    change(entry, reach(latest(entry), status, { ...entry, at: new Date(now()) }));
    return true;
  };
  const walk = (entry: Entry, until: Status): Task => {
    while (latest(entry).lastStatus !== until && advance(entry));
    return latest(entry);
  };
  const stop = (
    entry: Entry,
    { stopCode, reason, until }: Required<StopTask>,
    besides: Partial<Task>,
  ): Task => {
    if (latest(entry).desiredStatus === 'RUNNING')
      change(entry, {
        ...besides,
        desiredStatus: 'STOPPED',
        stopCode,
        stoppedReason: reason,
        stoppingAt: new Date(now()),
      });
    return until === 'RUNNING' ? latest(entry) : walk(entry, until);
  };
  const isEssential = ({ taskDefinitionArn }: Task, name: string) =>
    context.catalogue
      .definition(taskDefinitionArn)
      ?.taskDefinition.containerDefinitions.find((one) => one.name === name)?.essential ?? true;
  const replaceLatest = (entry: Entry, task: Task) => {
    entry.history[entry.history.length - 1] = task;
  };
  const forgetOld = () => {
    for (const [arn, entry] of entries) {
      const { stoppedAt } = latest(entry);
      if (stoppedAt && stoppedAt.getTime() + STOPPED_TASKS_KEPT <= now()) entries.delete(arn);
    }
  };
  const tasks = () => {
    forgetOld();
    return [...entries.values()].map(latest);
  };
  const visible = (entry: Entry): readonly Task[] => {
    if (entry.lag === 'MISSING') return [];
    const seen = entry.history.at(-1 - (entry.lag ?? 0));
    return seen ? [seen] : [];
  };

  const load = (containerInstanceArn: string) =>
    tasks().filter(
      (task) => task.containerInstanceArn === containerInstanceArn && task.lastStatus !== 'STOPPED',
    ).length;

  return {
    runTask(options) {
      const { place, task } = launch({ ...context, load }, options);
      const entry: Entry = { place, waiting: new Set(options.waiting), history: [task] };
      entries.set(task.taskArn, entry);
      emit(events.task(task));
      return walk(entry, options.until ?? 'RUNNING');
    },
    addTask(task) {
      entries.set(task.taskArn, { place: NOWHERE, waiting: new Set(), history: [task] });
    },
    advance: (taskArn) => advance(entryOf(taskArn)),
    advanceAll() {
      for (const entry of entries.values()) advance(entry);
    },
    stopTask(
      taskArn,
      { stopCode = 'UserInitiated', reason = 'Task stopped by user', until = 'STOPPED' } = {},
    ) {
      return stop(entryOf(taskArn), { stopCode, reason, until }, {});
    },
    stopContainer(taskArn, name, { until = 'STOPPED', ...options } = {}) {
      const entry = entryOf(taskArn);
      const containers = withStopped(latest(entry), name, options);
      entry.place.release(name);
      entry.waiting.delete(name);
      const { desiredStatus } = latest(entry);
      if (desiredStatus === 'STOPPED' || !isEssential(latest(entry), name))
        return change(entry, { containers });
      return stop(entry, { ...ESSENTIAL_EXITED, until }, { containers });
    },
    startContainer(taskArn, name) {
      const entry = entryOf(taskArn);
      entry.waiting.delete(name);
      return change(entry, { containers: withStarted(latest(entry), name, entry.place) });
    },
    setHealth(taskArn, health, container) {
      const entry = entryOf(taskArn);
      const task = latest(entry);
      replaceLatest(entry, {
        ...task,
        healthStatus: health,
        containers: task.containers.map((each) =>
          container === undefined || each.name === container
            ? { ...each, healthStatus: health }
            : each,
        ),
      });
    },
    forgetTask(taskArn) {
      const entry = entryOf(taskArn);
      if (latest(entry).lastStatus !== 'STOPPED') entry.place.release();
      entries.delete(taskArn);
    },
    ageTask(taskArn, milliseconds) {
      const entry = entryOf(taskArn);
      const { startedAt, ...task } = latest(entry);
      const earlier = startedAt && new Date(startedAt.getTime() - milliseconds);
      replaceLatest(entry, { ...task, ...(earlier && { startedAt: earlier }) });
    },
    changeTask: (taskArn, changes) => change(entryOf(taskArn), changes),
    tasks,
    task: (taskArn) => tasks().find((task) => task.taskArn === taskArn),
    lagReads(taskArn, lag) {
      entryOf(taskArn).lag = lag;
    },
    visibleTasks() {
      forgetOld();
      return [...entries.values()].flatMap(visible);
    },
  };
};
