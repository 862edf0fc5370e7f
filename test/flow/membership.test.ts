import { describe, expect, it } from 'vitest';
import { refusal } from '../../local/aws/refusal.ts';
import type { Task } from '../../local/aws/world/shapes.ts';
import { expectPlaces, type Flow, startFlow } from './stage.ts';

const ECS = 'AmazonEC2ContainerServiceV20141113';

/** The service's own definition, run by hand under a name of its own. */
const runAs = ({ stack }: Flow, name?: string): Task =>
  stack.world.runTask({
    cluster: 'shop',
    taskDefinition: 'web',
    startedBy: 'ci',
    ...(name !== undefined && {
      overrides: [{ name: 'app', environment: [{ name: 'SERVICE_NAME', value: name }] }],
    }),
  });

const placeOf = ({ attachments }: Task) => {
  const details = attachments.flatMap((one) => one.details);
  return `${details.find(({ name }) => name === 'privateIPv4Address')?.value}:8080`;
};

describe('a task that no ECS service has started', () => {
  it('gets nothing of the service whose definition it has, by an event and by a round', async () => {
    const flow = await startFlow();
    const served = flow.run();
    const run = runAs(flow);
    await flow.settle();
    await flow.stack.reconcile.invoke();
    await flow.settle();
    await expectPlaces(flow, `web ${placeOf(served)}`);
    const [told] = flow.saying('no task of an ECS service');
    expect(told).toMatchObject({ task: run.taskArn });
  });

  it('is registered under the name that its run says, and goes with it', async () => {
    const flow = await startFlow();
    const served = flow.run();
    const run = runAs(flow, 'canary');
    await flow.settle();
    await expectPlaces(flow, `web ${placeOf(served)}`, `canary ${placeOf(run)}`);
    flow.stack.world.stopTask(run.taskArn);
    await flow.settle();
    await expectPlaces(flow, `web ${placeOf(served)}`);
  });

  it('does not take a service’s name, though nothing of the service runs', async () => {
    const flow = await startFlow();
    const served = flow.run();
    await flow.settle();
    flow.stack.world.stopTask(served.taskArn);
    await flow.settle();
    const run = runAs(flow, 'Web');
    await flow.settle();
    await flow.stack.reconcile.invoke();
    await flow.settle();
    await expectPlaces(flow);
    const { text } = await flow.stack.inspect({ command: 'explain', task: run.taskArn });
    expect(text).toContain('it may not be called Web: it is the name of ECS service shop/web');
  });

  it('waits for its name where ECS cannot say whose it is', async () => {
    const flow = await startFlow();
    flow.run();
    await flow.settle();
    const throttled = refusal(ECS, 'ThrottlingException', { operation: 'ListServices', times: 99 });
    flow.stack.aws.faults.inject(throttled);
    const run = runAs(flow, 'canary');
    await flow.drain();
    expect((await flow.places()).consul.filter((place) => place.startsWith('canary'))).toEqual([]);
    flow.stack.aws.faults.clear();
    await flow.settle();
    expect((await flow.places()).consul).toContain(`canary ${placeOf(run)}`);
  });
});
