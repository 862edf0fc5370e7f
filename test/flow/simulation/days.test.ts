import { beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../../../local/aws/refusal.ts';
import { startTask } from './account.ts';
import { CONTAINER_DAYS } from './container-days.ts';
import { everythingHeld } from './held.ts';
import { playHistory, type Script } from './history.ts';
import { eachMinute, MINUTE, runningTasks, SECOND, steadyLife, stopOne } from './scripts.ts';
import type { Stage } from './stage.ts';

const HOUR = 60 * MINUTE;

const countOf = ({ servers, main }: Stage) => {
  const ours = everythingHeld(servers).filter(({ owner }) => owner === main.owner);
  return Object.fromEntries(
    ['cloudmap', 'consul', 'eureka'].map((name) => [
      name,
      ours.filter((one) => one.registry === name).length,
    ]),
  );
};

/** ECS forgets so many tasks, which are old, without a word. */
const forget = (stage: Stage, count: number) => {
  for (const { taskArn } of runningTasks(stage).slice(0, count)) {
    stage.watch.forgotten(taskArn);
    stage.world.forgetTask(taskArn);
  }
};

const everywhere = (count: number) => ({ cloudmap: count, consul: count, eureka: count });

const LOST = 'eu-central-1b';

/**
 * Tasks on hosts come and go in a zone's outage, in which a host joins in another zone. Of every
 * other minute no event arrives, so that the rounds make up for it.
 */
const zoneOutage = (besides: (stage: Stage) => void): Script => ({
  eventful: 11 * MINUTE,
  life: (stage) => {
    steadyLife('api', 8)(stage);
    eachMinute(stage, 9, 10, () => {
      const isMissed = Math.floor(stage.elapsed() / MINUTE) % 2 === 1;
      stage.deliver(() => (isMissed ? [] : [0]));
    });
    eachMinute(stage, 9, 20, () => {
      stopOne(stage);
      startTask(stage, 'api');
      startTask(stage, 'api');
    });
  },
  misfortunes: (stage, tell) => {
    stage.after(90 * SECOND, () => {
      const end = stage.world.loseZone(LOST);
      stage.after(8 * MINUTE, end);
    });
    stage.after(3 * MINUTE, () => {
      const { machine } = stage.world.addMachine({
        cluster: 'shop',
        privateIpAddress: '10.1.0.12',
      });
      tell(`host ${machine.instanceId.slice(-4)} joins`);
    });
    besides(stage);
  },
});

const DAYS: readonly (readonly [string, Script])[] = [
  [
    'ECS forgets most tasks of a cluster: they stay until an operator has released the plan, and then go in each registry, in one that hangs once it is back',
    {
      eventful: 9 * MINUTE,
      life: (stage) => {
        steadyLife('web', 14)(stage);
        stage.after(20 * SECOND, () => {
          for (const { taskArn } of stage.world.tasks()) stage.world.ageTask(taskArn, 2 * HOUR);
        });
      },
      misfortunes: (stage, tell) => {
        stage.after(100 * SECOND, () => forget(stage, 9));
        stage.after(4 * MINUTE, async () => {
          expect(countOf(stage)).toEqual(everywhere(14));
          const plan = await stage.main.invoke('inspect', { command: 'plan' });
          const id = /rollcall release (\w+)/.exec((plan as { text: string }).text)?.[1];
          tell(`plan ${id} is released`);
          const hang = stage.troubles.begin({
            strike: (_, party) => (party === 'consul' ? { kind: 'hang' } : undefined),
          });
          stage.after(3 * MINUTE, hang);
          await stage.main.invoke('operate', { command: 'release', plan: id });
        });
        stage.after(6 * MINUTE + 30 * SECOND, () =>
          expect(countOf(stage)).toEqual({ cloudmap: 5, consul: 14, eureka: 5 }),
        );
      },
    },
  ],
  [
    "ECS forgets half of a cluster's tasks and, a minute later, half of the rest: the second half stays",
    {
      eventful: 6 * MINUTE,
      life: (stage) => {
        steadyLife('web', 24)(stage);
        stage.after(20 * SECOND, () => {
          for (const { taskArn } of stage.world.tasks()) stage.world.ageTask(taskArn, 2 * HOUR);
        });
      },
      misfortunes: (stage) => {
        stage.after(100 * SECOND, () => forget(stage, 12));
        stage.after(3 * MINUTE + 30 * SECOND, () => {
          expect(countOf(stage)).toEqual(everywhere(12));
          forget(stage, 6);
        });
        stage.after(6 * MINUTE, async () => {
          expect(countOf(stage)).toEqual(everywhere(12));
          const { text } = (await stage.main.invoke('inspect', { command: 'plan' })) as {
            text: string;
          };
          const plan = /rollcall release (\w+)/.exec(text)?.[1];
          await stage.main.invoke('operate', { command: 'release', plan });
        });
      },
    },
  ],
  [
    "somebody registers Consul's node without its metadata while no event arrives: rounds go on to repair",
    {
      eventful: 6 * MINUTE,
      life: (stage) => {
        steadyLife('web', 4)(stage);
        eachMinute(stage, 3, 20, () => {
          stopOne(stage);
          startTask(stage, 'web');
        });
      },
      misfortunes: (stage) => {
        stage.after(30 * SECOND, () => {
          stage.deliver(() => []);
          stage.watch.suspend('events');
          const { consul } = stage.servers;
          const tables = consul?.tables();
          if (!consul || !tables) return;
          const nodes = [...tables.nodes].map(
            ([key, node]) => [key, { ...node, Meta: {} }] as const,
          );
          consul.restore({ ...tables, nodes: new Map(nodes) });
          stage.watch.accept();
        });
      },
    },
  ],
  [
    'Eureka takes almost three seconds for each answer and has lost everything: each round brings some of it back',
    {
      eventful: 4 * MINUTE,
      life: steadyLife('web', 40),
      misfortunes: (stage) => {
        const unwell = [
          stage.watch.suspend('events', 'eureka'),
          stage.watch.suspend('rounds', 'eureka'),
        ];
        const slow = stage.troubles.begin({
          strike: (_, party) =>
            party === 'eureka' ? { kind: 'serve', there: 1_450, back: 1_450 } : undefined,
        });
        stage.after(MINUTE, () => {
          stage.servers.eureka?.restart();
          stage.watch.accept();
        });
        stage.after(3 * MINUTE + 50 * SECOND, () => {
          expect(countOf(stage)).toEqual(everywhere(40));
          for (const end of [slow, ...unwell]) end();
        });
      },
    },
  ],
  [
    'a zone is in an outage for eight minutes: tasks on hosts of the others are registered, on one that joins meanwhile too, and on known hosts of the zone',
    zoneOutage((stage) => {
      stage.after(9 * MINUTE, () => {
        const hosts = runningTasks(stage).map(({ containerInstanceArn }) => containerInstanceArn);
        expect(new Set(hosts).size).toBe(3);
      });
    }),
  ],
  [
    'a zone is in an outage, its hosts are drained, and functions start that know no host: tasks in the other zones are registered, and those in the zone stay',
    zoneOutage((stage) => {
      const { world } = stage;
      stage.after(92 * SECOND, () => {
        const [instance] = world
          .clusters()
          .flatMap(({ clusterArn }) => world.containerInstances(clusterArn))
          .filter(({ ec2InstanceId }) => world.machine(ec2InstanceId)?.availabilityZone === LOST);
        world.changeContainerInstance(instance?.containerInstanceArn ?? '', { status: 'DRAINING' });
      });
      // The round before it has registered what started in the zone without an event.
      stage.after(135 * SECOND, () => stage.main.redeploy({}));
      stage.after(4 * MINUTE, () => {
        const zones = runningTasks(stage).map(({ availabilityZone }) => availabilityZone);
        expect(zones).toContain(LOST);
        stage.main.redeploy({});
      });
    }),
  ],
  [
    'ECS fails for five minutes: nothing is taken out, and what was missed is made up for',
    {
      eventful: 8 * MINUTE,
      life: (stage) => {
        steadyLife('web', 6)(stage);
        eachMinute(stage, 5, 20, () => {
          stopOne(stage);
          startTask(stage, 'web');
        });
      },
      misfortunes: (stage) => {
        const ecs = 'AmazonEC2ContainerServiceV20141113';
        stage.after(MINUTE, () => {
          const resume = [stage.watch.suspend('rounds')];
          stage.servers.aws.faults.inject({
            ...refusal(ecs, 'ServerException', { times: Number.POSITIVE_INFINITY, status: 500 }),
            match: (method) => method === ecs && stage.elapsed() < 6 * MINUTE,
          });
          stage.after(5 * MINUTE, () => {
            for (const one of resume) one();
          });
        });
      },
    },
  ],
  ...CONTAINER_DAYS,
];

describe('a day on which', () => {
  // Modules are loaded when first used, which takes real time: the first history is for that.
  beforeAll(() => playHistory(0), 600_000);

  it.each(DAYS)(
    '%s',
    async (_, script) => {
      const { faults, story, errors } = await playHistory(1, script);
      expect(faults, [...story, ...errors.slice(-20)].join('\n')).toEqual([]);
    },
    600_000,
  );
});
