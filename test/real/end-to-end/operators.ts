import { ListServicesCommand } from '@aws-sdk/client-servicediscovery';
import { expect, test } from 'vitest';
import { onHost } from './fleet.ts';
import type { Stage } from './stage.ts';

/** The number of the last task in host mode. */
const LAST = 19;

/** What people ask by hand, up to the end of everything. */
export const operatorFacts = (stage: () => Stage): void => {
  const sent = (name: string) => async (command: object) =>
    Object(await stage().functions.invoke(name, command));
  const inspect = sent('inspect');
  const operate = sent('operate');

  test('a plan has nothing to do, and an explanation shows each registry’s record', async () => {
    const { json } = await inspect({ command: 'plan', cluster: 'shop' });
    for (const { changes, withheld } of json[0].plans)
      expect([changes, withheld]).toEqual([[], []]);
    const [member] = stage().of('api');
    const id = member?.task.taskArn.replace(/.*\//, '');
    const explained = await inspect({ command: 'explain', task: id });
    expect(explained.json.tasks).toMatchObject([
      {
        task: member?.task.taskArn,
        instances: [{ service: 'api' }],
        skips: [],
        registries: ['cloudmap', 'consul', 'eureka'].map((registry) => ({
          registry,
          records: [{}],
        })),
      },
    ]);
  });

  test('a task on a lost host is explained by its host', async () => {
    const { account } = stage();
    for (const host of account.hosts.slice(-1)) {
      const { task } = onHost(LAST, host, account);
      const { json } = await inspect({ command: 'explain', task: task.taskArn });
      expect(json.tasks).toMatchObject([
        {
          skips: [{ code: 'host-down' }],
          registries: [{ records: [] }, { records: [] }, { records: [] }],
        },
      ]);
    }
  });

  test('more removals than the limit allows wait until an operator releases them', async () => {
    const { servers, fleet, of } = stage();
    const gone = [...of('web'), ...of('metrics')].map(({ task }) => task.taskArn);
    await servers.moto.forgetTasks(gone);
    const { withheld } = await stage().reconcile();
    expect(withheld).toMatchObject([{ removals: 3 * gone.length }]);
    await stage().shown();

    const { json } = await inspect({ command: 'plan' });
    expect(json[0].release).toBe(withheld[0]?.plan);
    await operate({ command: 'release', plan: json[0].release });
    await stage().reconcile();
    for (const arn of gone) fleet.delete(arn);
    await stage().shown();
  });

  test('a purge is refused while the next round would undo it, and then leaves what others own', async () => {
    const { account, functions, fleet } = stage();
    await expect(operate({ command: 'purge' })).rejects.toThrow(
      /expected observe before a purge, got sync/,
    );
    const { size } = fleet;
    const counted = await operate({ command: 'purge', dryRun: true });
    expect(counted.json).toMatchObject([{ removed: size }, { removed: size }, { removed: size }]);

    const observing = await functions.start('operate', { ROLLCALL_POLICY: 'observe' });
    const purged = Object(await observing.invoke({ command: 'purge' }, 60_000));
    expect(purged.json).toMatchObject([
      { registry: 'cloudmap', removed: size, left: 0 },
      { registry: 'consul', removed: size, left: 0 },
      { registry: 'eureka', removed: size, left: 0 },
    ]);
    fleet.clear();
    await stage().shown();
    const { Services = [] } = await account.cloudMap.send(new ListServicesCommand({}));
    expect(Services.map(({ Name }) => Name).toSorted()).toEqual(['legacy', 'web']);
  });
};
