import { beforeAll, describe, expect, it, vi } from 'vitest';
import { refusal } from '../../../local/aws/refusal.ts';
import type { Change } from '../../../shared/model/plan.ts';
import type { Loss } from '../../../shared/plan/by-right.ts';
import type { EventContext } from '../../../shared/sync/context.ts';
import {
  adopting,
  asStopped,
  describing,
  type Interposer,
  unconfirmed,
  withRegistries,
  withSource,
} from '../../support/interposers.ts';
import type { Passing } from '../../support/memory-network.ts';
import { startTask } from './account.ts';
import { playHistory, type Script } from './history.ts';
import { type Call, calls, type FunctionName } from './installation.ts';
import {
  eachMinute,
  hastyLife,
  isIn,
  MINUTE,
  registersInConsul,
  runningTasks,
  SECOND,
  sayingLife,
  slow,
  steadyLife,
  stopOnce,
  stopOne,
  tamper,
} from './scripts.ts';
import { foreignWriter } from './strangers.ts';

/**
 * Rules of the protocol, each broken in one place, and a script in which that shows. The same
 * script without the mutant breaks nothing.
 */
interface Mutant {
  readonly name: string;
  readonly mutate?: Interposer;
  /** What is said of a name that a task has lost, where that rule is the broken one. */
  readonly lose?: (loss: Loss) => Loss;
  readonly script: Script;
  /** A history in which it shows; 1 unless said. */
  readonly seed?: number;
  /** What the watch says, the beginning of it. */
  readonly shows: string;
}

const mutation = vi.hoisted(() => ({
  mutate: undefined as ((context: never) => unknown) | undefined,
  lose: undefined as ((loss: Loss) => Loss) | undefined,
}));

vi.mock('../../../shared/sync/runtime.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../shared/sync/runtime.ts')>();
  const syncRuntime: typeof original.syncRuntime = async (...how) => {
    const runtime = await original.syncRuntime(...how);
    return mutation.mutate
      ? { ...runtime, context: mutation.mutate(runtime.context as never) as EventContext }
      : runtime;
  };
  return { ...original, syncRuntime };
});

vi.mock('../../../shared/plan/by-right.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../shared/plan/by-right.ts')>();
  const byRight: typeof original.byRight = (change, loss, shared) =>
    original.byRight(change, loss && (mutation.lose?.(loss) ?? loss), shared);
  return { ...original, byRight };
});

const CLUSTER = 'arn:aws:ecs:eu-central-1:111122223333:cluster/shop';

/** What a mutant remembers of one invocation. */
const perCall = <T extends object>(make: () => T) => {
  const known = new WeakMap<Call, T>();
  return (): T => {
    const call = calls.getStore();
    if (!call) return make();
    const state = known.get(call) ?? make();
    known.set(call, state);
    return state;
  };
};

/** The rule is broken in one function only. */
const unconfirmedIn = (name: FunctionName, concerns: (change: Change) => boolean) => {
  const written = perCall(() => new Set<string>());
  return unconfirmed({ isConcerned: () => isIn(name), written }, concerns);
};

const isStart = ({ kind, ...change }: Change) =>
  kind === 'upsert' && !('before' in change && change.before);
const QUIET = { quiet: 90 * SECOND } as const;

/** Whoever has the better right to a name is said to serve it. */
const asServed = (loss: Loss): Loss => ({ ...loss, isServed: true });

/** The service whose name others bear starts; its check answers after so many milliseconds. */
const takenName = (answersAfter: number): Script => ({
  ...QUIET,
  eventful: 5 * MINUTE,
  // Elsewhere a task stands under both names for as long as the old one waits.
  environment: { ROLLCALL_REGISTRIES: 'consul', ROLLCALL_SHARED_NAMES: 'refuse' },
  life: sayingLife('checked', 3),
  misfortunes: ({ after, world }) =>
    after(90 * SECOND, () => {
      const { taskArn } = world.runTask({
        cluster: 'depot',
        taskDefinition: 'checked',
        service: 'checked',
        launchType: 'FARGATE',
      });
      after(answersAfter, () => world.setHealth(taskArn, 'HEALTHY'));
    }),
});

const MUTANTS: readonly Mutant[] = [
  {
    name: 'the event path does not confirm what it registers',
    mutate: unconfirmedIn('on-task-event', ({ kind }) => kind === 'upsert'),
    script: {
      ...QUIET,
      eventful: 2 * MINUTE,
      life: hastyLife(2),
      misfortunes: (stage) =>
        slow(stage, {
          name: 'on-task-event',
          party: 'consul',
          when: registersInConsul,
          there: 2_500,
        }),
    },
    // A stop must come while its task's registration is on its way.
    seed: 4,
    shows: 'outlives its task (events)',
  },
  {
    name: 'the event path does not confirm the health that it sets',
    mutate: unconfirmedIn('on-task-event', ({ kind }) => kind === 'health'),
    script: {
      ...QUIET,
      eventful: 2 * MINUTE,
      // Each registry's looks would mend what another's has spoilt.
      environment: { ROLLCALL_REGISTRIES: 'eureka' },
      life: steadyLife('checked', 6),
      misfortunes: (stage) => {
        const setsHealth = ({ method, body }: Passing) =>
          method === 'POST' && body.includes('"status":"UP"');
        // It stops between Eureka's being asked whether it is there and its being registered anew.
        stage.troubles.begin({
          strike: (request, party) => {
            const arn = /"ROLLCALL_TASK":"([^"]+)"/.exec(request.body)?.[1];
            if (party === 'eureka' && setsHealth(request) && arn)
              stage.after(50, () => stopOnce(stage, arn));
            return undefined;
          },
        });
        slow(stage, { name: 'on-task-event', party: 'eureka', when: setsHealth, there: 2_500 });
      },
    },
    shows: 'outlives its task (events)',
  },
  {
    name: 'a round confirms what it creates, and not what it updates',
    mutate: unconfirmedIn('reconcile', (change) => change.kind === 'upsert' && !isStart(change)),
    script: {
      ...QUIET,
      eventful: 5 * MINUTE,
      life: steadyLife('web', 8),
      misfortunes: (stage) => {
        eachMinute(stage, 4, 6, () => tamper(stage, (row) => [{ ...row, Tags: ['old'] }]));
        eachMinute(stage, 4, 8, () => stopOne(stage));
        slow(stage, { name: 'reconcile', party: 'consul', when: registersInConsul, there: 2_500 });
      },
    },
    shows: 'outlives its task (events)',
  },
  {
    name: 'a round does not confirm what it creates',
    mutate: unconfirmedIn('reconcile', isStart),
    script: {
      ...QUIET,
      eventful: 5 * MINUTE,
      life: steadyLife('web', 8),
      misfortunes: (stage) => {
        eachMinute(stage, 4, 6, () => tamper(stage, () => []));
        eachMinute(stage, 4, 8, () => stopOne(stage));
        slow(stage, { name: 'reconcile', party: 'consul', when: registersInConsul, there: 2_500 });
      },
    },
    shows: 'outlives its task (events)',
  },
  {
    name: 'a round does not confirm the health that it sets',
    mutate: unconfirmedIn('reconcile', ({ kind }) => kind === 'health'),
    script: {
      ...QUIET,
      eventful: 5 * MINUTE,
      life: steadyLife('checked', 8),
      misfortunes: (stage) => {
        const flip = (health: 'HEALTHY' | 'UNHEALTHY') => () => {
          for (const { taskArn } of runningTasks(stage)) stage.world.setHealth(taskArn, health);
        };
        for (const minute of [1, 2, 3, 4])
          stage.after(minute * MINUTE + 5 * SECOND, flip(minute % 2 ? 'UNHEALTHY' : 'HEALTHY'));
        eachMinute(stage, 4, 8, () => stopOne(stage));
        slow(stage, {
          name: 'reconcile',
          party: 'eureka',
          when: ({ method }) => method === 'POST',
          there: 2_500,
        });
      },
    },
    shows: 'outlives its task (events)',
  },
  {
    name: 'a stop whose definition cannot be read is dropped',
    mutate: (context) => {
      const seen = perCall(() => ({ failed: false }));
      return {
        ...withSource(context, {
          definition: (arn, signal) =>
            context.source.definition(arn, signal).catch((error: unknown) => {
              seen().failed = true;
              throw error;
            }),
        }),
        queue: {
          send: async (looks, signal) =>
            seen().failed ? undefined : context.queue.send(looks, signal),
        },
      };
    },
    script: {
      ...QUIET,
      eventful: 3 * MINUTE,
      life: steadyLife('web', 4),
      misfortunes: (stage) =>
        eachMinute(stage, 2, 20, () => {
          stage.main.redeploy({});
          const until = stage.elapsed() + 4 * SECOND;
          const ecs = 'AmazonEC2ContainerServiceV20141113';
          stage.servers.aws.faults.inject({
            ...refusal(ecs, 'ServerException', { times: Number.POSITIVE_INFINITY, status: 500 }),
            match: (method, url) =>
              method === ecs && url === '/DescribeTaskDefinition' && stage.elapsed() < until,
          });
          stopOne(stage);
        }),
    },
    shows: 'outlives its task (events)',
  },
  {
    name: 'removals go before additions',
    mutate: (context) => {
      const held = perCall(() => new Map<string, (() => Promise<unknown>)[]>());
      return withRegistries(context, ({ name, apply }) => ({
        apply: async (changes, signal) => {
          if (!isIn('reconcile')) return apply(changes, signal);
          const waiting = held().get(name) ?? [];
          held().set(name, waiting);
          if (changes.every(({ kind }) => kind === 'remove')) {
            const outcomes = await apply(changes, signal);
            for (const add of waiting.splice(0)) await add();
            return outcomes;
          }
          const call = calls.getStore();
          waiting.push(() => apply(changes, signal));
          setTimeout(
            () => call && calls.run(call, () => waiting.splice(0).map((add) => add())),
            3 * SECOND,
          );
          return changes.map((change) => ({ change, status: 'done' }));
        },
      }));
    },
    script: {
      ...QUIET,
      eventful: 4 * MINUTE,
      life: (stage) => {
        steadyLife('web', 1)(stage);
        eachMinute(stage, 2, 20, () => {
          stopOne(stage);
          startTask(stage, 'web');
        });
      },
      misfortunes: (stage) => {
        stage.deliver(() => []);
        stage.watch.suspend('events');
      },
    },
    shows: 'a round empties a service that it then fills',
  },
  {
    name: 'Eureka does not declare that its lists lag',
    mutate: (context) => ({
      ...context,
      registries: context.registries.map(({ staleLists: _, ...registry }) => registry),
    }),
    script: {
      ...QUIET,
      eventful: 3 * MINUTE,
      // They run a moment before the round, and after the list that it is shown.
      life: (stage) =>
        stage.after(2 * MINUTE + 2 * SECOND, () => {
          for (let one = 0; one < 12; one++) startTask(stage, 'web');
        }),
      misfortunes: () => {},
    },
    shows: 'a round writes what is there already',
  },
  {
    name: 'a task that ECS does not know yet is taken for stopped',
    mutate: describing((task, missing) => (missing ? asStopped(task) : task)),
    script: {
      ...QUIET,
      eventful: 4 * MINUTE,
      life: steadyLife('web', 4),
      misfortunes: (stage) => {
        eachMinute(stage, 2, 0, () => {
          for (const { taskArn } of stage.world.tasks()) stage.world.lagReads(taskArn, 'MISSING');
        });
        eachMinute(stage, 2, 30, () => {
          for (const { taskArn } of stage.world.tasks()) stage.world.lagReads(taskArn, undefined);
        });
      },
    },
    shows: 'a running task is taken out',
  },
  {
    name: 'records of others are taken for ours',
    mutate: adopting(CLUSTER),
    script: {
      ...QUIET,
      eventful: 3 * MINUTE,
      life: steadyLife('web', 2),
      misfortunes: (stage) => stage.after(20 * SECOND, () => foreignWriter(stage, 100 * SECOND)),
    },
    shows: 'a foreign record is touched',
  },
  {
    name: 'a first write does not ask whether the record is there and healthy',
    mutate: (context) =>
      withRegistries(context, ({ get }) => ({
        get: (refs, signal) => (isIn('on-task-event') ? Promise.resolve([]) : get(refs, signal)),
      })),
    script: {
      ...QUIET,
      eventful: 4 * MINUTE,
      life: steadyLife('checked', 3),
      misfortunes: (stage) => {
        stage.deliver(() => [0, 110 * SECOND]);
        // By then nobody remembers the event, and health checks have no answer.
        stage.after(100 * SECOND, () => {
          stage.main.redeploy({});
          for (const { taskArn } of stage.world.tasks()) stage.world.setHealth(taskArn, 'UNKNOWN');
        });
        stage.after(150 * SECOND, () => {
          for (const { taskArn } of stage.world.tasks()) stage.world.setHealth(taskArn, 'HEALTHY');
        });
      },
    },
    shows: 'health is lowered',
  },
  {
    name: 'observe is taken for sync',
    mutate: (context) => ({ ...context, config: { ...context.config, policy: 'sync' } }),
    script: {
      ...QUIET,
      eventful: 3 * MINUTE,
      life: steadyLife('web', 2),
      misfortunes: (stage) => {
        stage.main.redeploy({ ROLLCALL_POLICY: 'observe' });
        stage.after(2 * MINUTE, stage.watch.suspend('rounds'));
        stage.after(2 * MINUTE, () => stage.main.redeploy({ ROLLCALL_POLICY: 'sync' }));
      },
    },
    shows: 'observe writes',
  },
  {
    name: 'the event path does not confirm what it takes out',
    mutate: unconfirmedIn('on-task-event', ({ kind }) => kind === 'remove'),
    script: {
      quiet: 3 * MINUTE,
      eventful: 3 * MINUTE,
      life: steadyLife('web', 6),
      misfortunes: () => {},
      forged: 'any tasks',
    },
    shows: 'absent (events)',
  },
  {
    name: 'a warm function believes an event that ECS does not confirm for ever',
    mutate: (context) => {
      Object.assign((context as Partial<EventContext>).handled ?? {}, { doubt: () => {} });
      return context;
    },
    script: { misfortunes: () => {}, forged: 'any tasks' },
    // A task must stop of which another instance was told that it has.
    seed: 15,
    shows: 'outlives its task (events)',
  },
  {
    name: 'a warm function doubts an event because ECS could not be asked',
    mutate: (context) => {
      const handled = (context as Partial<EventContext>).handled;
      const add = handled?.add.bind(handled);
      return Object.assign(context, {
        handled: Object.assign(handled ?? {}, {
          add: (...news: Parameters<NonNullable<typeof add>>) => {
            add?.(...news);
            handled?.doubt(news[0].arn);
          },
        }),
      });
    },
    script: {
      ...QUIET,
      eventful: 2 * MINUTE,
      life: steadyLife('web', 1),
      misfortunes: (stage) => {
        const target = 'AmazonEC2ContainerServiceV20141113';
        stage.servers.aws.faults.inject({
          ...refusal(target, 'ThrottlingException', { times: Number.POSITIVE_INFINITY }),
          match: (to, url) =>
            to === target && url === '/DescribeTasks' && stage.elapsed() < 2 * MINUTE,
        });
        stage.after(20 * SECOND, () => stopOne(stage));
        // The start comes again, well after the stop.
        stage.deliver(({ detail }) =>
          detail['desiredStatus'] === 'RUNNING' ? [0, 35 * SECOND] : [0],
        );
      },
    },
    shows: 'outlives its task (events)',
  },
  {
    name: 'a name is taken though nobody else serves it',
    lose: asServed,
    script: takenName(2 * MINUTE),
    shows: 'a round leaves a name to nobody',
  },
  {
    name: 'whoever serves one name takes those made of it',
    lose: asServed,
    script: takenName(0),
    shows: 'a round leaves a name to nobody: consul rollcall-simulated:main checked-admin',
  },
];

const faultsOf = async (
  seed: number,
  { script, mutate, lose }: Pick<Mutant, 'script'> & Partial<Mutant>,
) => {
  mutation.mutate = mutate as typeof mutation.mutate;
  mutation.lose = lose;
  try {
    return await playHistory(seed, script);
  } finally {
    mutation.mutate = undefined;
    mutation.lose = undefined;
  }
};

describe('the simulation', () => {
  // Modules are loaded when first used, which takes real time: the first history is for that.
  beforeAll(() => playHistory(0), 600_000);

  it.each(MUTANTS)(
    'notices when $name',
    async (mutant) => {
      const { faults } = await faultsOf(mutant.seed ?? 1, mutant);
      expect(faults.filter((fault) => fault.startsWith(mutant.shows))).not.toEqual([]);
    },
    600_000,
  );

  it.each(MUTANTS)(
    'finds nothing where this is not so: $name',
    async ({ script, seed = 1 }) => {
      const report = await faultsOf(seed, { script });
      expect(report.faults).toEqual([]);
    },
    600_000,
  );
});
