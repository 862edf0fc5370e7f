import type { Variables } from '../../../local/environment.ts';
import {
  furnish,
  SERVICES,
  type ServiceName,
  startTask,
  stopContainer,
  stopTask,
} from './account.ts';
import { forgeEvents } from './forger.ts';
import { MISFORTUNES, type Misfortune } from './misfortunes.ts';
import { type Stage, startStage } from './stage.ts';
import { isAlive } from './truth.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/**
 * How long things happen, and how long they then rest: three rounds and what Eureka's list hides.
 */
const EVENTFUL = 8 * MINUTE;
const QUIET = 5 * MINUTE;

export interface Report {
  readonly seed: number;
  readonly requests: number;
  /** What was broken while it ran, then what is wrong at rest. */
  readonly faults: readonly string[];
  /** What happened, in words, with the second. */
  readonly story: readonly string[];
  /** Error lines of the functions' logs. */
  readonly errors: readonly string[];
}

export type Tell = (what: string) => void;

export interface Script {
  readonly eventful?: number;
  readonly quiet?: number;
  readonly environment?: Variables;
  /** Which tasks come and go; default: chosen by the seed. */
  readonly life?: (stage: Stage, tell: Tell) => void;
  /** What happens besides; default: chosen by the seed. */
  readonly misfortunes?: (stage: Stage, tell: Tell) => void;
  /**
   * Events are mixed in that ECS has never sent: of tasks that it knows, or of made-up ones too,
   * whose records stay for an hour where misfortunes befall their looks.
   */
  readonly forged?: 'known tasks' | 'any tasks';
}

/**
 * One history: tasks come and go, change their health and are replaced, among misfortunes; then
 * everything rests.
 */
export const playHistory = async (seed: number, script: Script = {}): Promise<Report> => {
  const { eventful = EVENTFUL, quiet = QUIET, environment = {} } = script;
  const { life = anyLife(eventful), misfortunes = anyMisfortunes(eventful) } = script;
  const stage = await startStage({ seed, environment });
  const story: string[] = [];
  const tell = (what: string) => story.push(`${Math.round(stage.elapsed() / SECOND)} s: ${what}`);
  try {
    furnish(stage.world);
    life(stage, tell);
    misfortunes(stage, tell);
    if (script.forged) forgeEvents(stage, { seed, until: eventful, of: script.forged, tell });
    await stage.pass(eventful + quiet);
    const dead = stage.main.deadLetters().map((body) => `dead letter: ${body.slice(0, 200)}`);
    return {
      seed,
      requests: stage.requests(),
      faults: [...stage.watch.violations, ...stage.watch.atRest(), ...dead],
      story,
      errors: stage.errors,
    };
  } finally {
    await stage.stop();
  }
};

/** Tasks start, stop, are replaced and change their health, all the time. */
const anyLife = (eventful: number) => (stage: Stage, tell: Tell) => {
  const { random, world, after } = stage;
  const start = (service: ServiceName) => {
    tell(`${service} ${startTask(stage, service).slice(-6)} starts`);
  };
  const running = () => world.tasks().filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
  const stop = () => {
    const task = random.pick(running());
    if (!task) return;
    tell(`${task.taskArn.slice(-6)} stops`);
    stopTask(stage, task.taskArn);
  };
  const exit = () => {
    const name = random.pick(['admin', 'admin', 'admin', 'mixed'] as const) ?? 'admin';
    const task = random.pick(running().filter((one) => isAlive(one, name)));
    if (!task) return;
    const bindings = random.pick(['kept', 'dropped'] as const) ?? 'kept';
    tell(`${name} of ${task.taskArn.slice(-6)} exits, bindings ${bindings}`);
    stopContainer(stage, task.taskArn, { name, bindings });
  };
  const changeHealth = () => {
    const task = random.pick(running().filter(({ group }) => group === 'service:checked'));
    if (task?.lastStatus !== 'RUNNING') return;
    const health = random.pick(['HEALTHY', 'UNHEALTHY'] as const) ?? 'HEALTHY';
    tell(`${task.taskArn.slice(-6)} is ${health}`);
    world.setHealth(task.taskArn, health);
  };
  const replace = () => {
    const old = random.pick(running());
    const service = SERVICES.find((name) => old?.group === `service:${name}`);
    if (!old || !service) return;
    start(service);
    after(random.between(5, 40) * SECOND, () => stopTask(stage, old.taskArn));
  };
  for (const service of [...SERVICES, ...SERVICES])
    after(random.between(0, 20) * SECOND, () => start(service));
  for (let at = 20 * SECOND; at < eventful - 60 * SECOND; at += random.between(5, 40) * SECOND) {
    const act = random.pick([
      () => start(random.pick(SERVICES) ?? 'web'),
      stop,
      stop,
      changeHealth,
      replace,
      exit,
      exit,
    ]);
    after(at, () => act?.());
  }
};

/** Some at a time, at any time, of any length; the last one ends with the eventful part. */
const anyMisfortunes = (eventful: number) => (stage: Stage, tell: Tell) => {
  const { random, after } = stage;
  const choices = MISFORTUNES.flatMap(([misfortune, weight]) =>
    Array<Misfortune>(weight).fill(misfortune),
  );
  const count = random.between(1, 5);
  if (random.chance(0.1)) stage.addInstallation('second');
  for (let one = 0; one < count; one++) {
    const misfortune = random.pick(choices);
    const at = random.between(10, eventful / SECOND - 100) * SECOND;
    const milliseconds = random.between(5, 90) * SECOND;
    after(at, () => tell(`${misfortune?.(stage, milliseconds)}, for ${milliseconds / SECOND} s`));
  }
};
