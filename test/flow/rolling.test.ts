import { describe, expect, it } from 'vitest';
import { refusal } from '../../local/aws/refusal.ts';
import { container, type Flow, startFlow } from './stage.ts';

const CHECKED = {
  containerDefinitions: [container({ healthCheck: { command: ['CMD-SHELL', 'true'] } })],
};

const ECS = 'AmazonEC2ContainerServiceV20141113';

/** A healthy task is registered; another one has just started in its place. */
const startDeployment = async () => {
  const flow = await startFlow();
  const { world } = flow.stack;
  const old = flow.run(CHECKED);
  world.setHealth(old.taskArn, 'HEALTHY');
  await flow.settle();
  const next = flow.run(CHECKED);
  await flow.drain();
  flow.stack.aws.clearCalls();
  return { flow, old, next };
};

const addressOf = (task: { readonly attachments: readonly { details: readonly object[] }[] }) =>
  task.attachments
    .flatMap(({ details }) => details)
    .map((detail) => Object(detail))
    .find(({ name }) => name === 'privateIPv4Address')?.value;

/** As ECS does once the new task is healthy, which no event tells. */
const replace = ({ flow, old, next }: Awaited<ReturnType<typeof startDeployment>>) => {
  const { world } = flow.stack;
  world.setHealth(next.taskArn, 'HEALTHY');
  world.stopTask(old.taskArn, { stopCode: 'ServiceSchedulerInitiated', until: 'RUNNING' });
};

const lists = ({ stack }: Flow) =>
  stack.aws.calls().filter(({ operation }) => operation === 'ListTasks').length;

describe('a task of a service with health checks that is stopped for another one', () => {
  it('leaves together with the news that the other one is healthy', async () => {
    const deployment = await startDeployment();
    const { flow, next } = deployment;
    expect((await flow.places()).cloudmap).toHaveLength(1);
    replace(deployment);
    await flow.drain();
    const place = `web ${addressOf(next)}:8080`;
    expect(await flow.places()).toEqual({ cloudmap: [place], consul: [place], eureka: [place] });
  });

  it('leaves just the same where ECS cannot be asked for the other one', async () => {
    const deployment = await startDeployment();
    const { flow } = deployment;
    flow.stack.aws.faults.inject({
      ...refusal(ECS, 'ThrottlingException', { status: 400 }),
      times: Number.POSITIVE_INFINITY,
      match: (_target, url) => url === '/ListTasks',
    });
    replace(deployment);
    await flow.drain();
    expect((await flow.places()).cloudmap).toEqual([]);
    expect(flow.saying('the other tasks of web cannot be found now')).not.toEqual([]);
    await flow.settle();
    expect((await flow.places()).cloudmap).toHaveLength(1);
  });

  it('has its service’s other tasks asked for once in a while, however many stop', async () => {
    const deployment = await startDeployment();
    const { flow } = deployment;
    const more = Array.from({ length: 12 }, () => flow.run(CHECKED));
    for (const { taskArn } of more) flow.stack.world.setHealth(taskArn, 'HEALTHY');
    await flow.settle();
    flow.stack.aws.clearCalls();
    for (const { taskArn } of more) flow.stack.world.stopTask(taskArn, { until: 'RUNNING' });
    await flow.drain();
    expect(lists(flow)).toBe(1);
  });

  it('needs no question where the service has no health checks: events tell of a start', async () => {
    const flow = await startFlow();
    const { taskArn } = flow.run();
    await flow.settle();
    flow.stack.aws.clearCalls();
    flow.stack.world.stopTask(taskArn, { until: 'RUNNING' });
    await flow.drain();
    expect(lists(flow)).toBe(0);
  });
});
