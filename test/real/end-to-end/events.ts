import { expect, test } from 'vitest';
import { toSqsEvent } from '../support/deployed.ts';
import { healthOf, type Member, toEnvelope, toHostEvent, toTaskEvent } from './fleet.ts';
import { QUEUE_ARN } from './mapping.ts';
import { fargateTasks, firstTasks, type Stage } from './stage.ts';

/** What becomes of tasks, told by events: the registries follow within seconds. */
export const eventFacts = (stage: () => Stage): void => {
  test('hundreds of tasks in every network mode are registered from their events', async () => {
    await stage().happen(firstTasks(stage().account), {});
    await stage().shown();
  });

  test('whatever stops, is interrupted by Spot or ran on a lost host is taken out', async () => {
    const { happen, account, events, fleet } = stage();
    const web = stage().of('web');
    await happen(web.slice(0, 5), { desiredStatus: 'STOPPED' });
    await happen(web.slice(5, 10), { desiredStatus: 'STOPPED', stopCode: 'SpotInterruption' });
    const hosts = account.hosts.slice(-2);
    const lost = [...fleet.values()].filter(({ host }) => host && hosts.includes(host));
    expect(lost).toHaveLength(4);
    await account.terminate(hosts);
    await events.send(hosts.map((host) => toHostEvent(host, 'shutting-down')));
    await events.handled();
    for (const { task } of lost) fleet.delete(task.taskArn);
    await stage().shown();
  });

  test('a task with a health check shows its health, and is in Cloud Map once it is healthy', async () => {
    const { account, happen, change } = stage();
    const tasks = fargateTasks('checked', { count: 3, account });
    await happen(
      tasks.map((task) => ({ ...task, starting: true })),
      {},
    );
    await stage().shown();
    for (const { starting: _, ...member } of stage().of('checked'))
      await change([member], healthOf(member, 'HEALTHY'));
    await stage().shown();
  });

  test('of a batch with every kind of message only what cannot be read is named as failed', async () => {
    const { account, change, fleet, functions } = stage();
    const known = [...fleet.values()];
    const [started] = await change(fargateTasks('web', { count: 1, first: 600, account }), {});
    const bodies = [
      toTaskEvent(started as Member),
      ...account.hosts.slice(0, 1).map((host) => toHostEvent(host, 'running')),
      toLook(known[0] as Member),
      toEnvelope('aws.ecs', 'ECS Deployment State Change', {
        eventName: 'SERVICE_DEPLOYMENT_COMPLETED',
      }),
      { rollcall: 1, kind: 'unheard of' },
    ];
    const messages = bodies.map((body, at) => ({ MessageId: `${at}`, Body: JSON.stringify(body) }));
    const answer = await functions.invoke('on-task-event', toSqsEvent(messages, QUEUE_ARN));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '4' }] });
    await stage().shown();
  });

  test('nothing is left in the queue', async () => {
    await stage().events.atRest();
    expect(stage().events.failed).toEqual([]);
  });
};

const toLook = ({ task }: Member) => ({
  rollcall: 1,
  kind: 'look',
  cluster: task['clusterArn'],
  tasks: [task.taskArn],
  look: 4,
});
