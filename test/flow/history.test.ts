import { describe, expect, it } from 'vitest';
import { refusal } from '../../local/aws/refusal.ts';
import type { AwsEvent } from '../../local/aws/world/shapes.ts';
import { STACK } from '../../local/stack.ts';
import { historyReader } from '../../shared/source/history.ts';
import { httpApiEvent } from '../support/http-api-event.ts';
import { container, startFlow } from './stage.ts';

const outcomesOf = (json: unknown) =>
  (json as { outcomes: readonly Record<string, unknown>[] }).outcomes.map(
    ({ registry, message, path }) => `${path}: ${registry} ${message}`,
  );

describe('the history of a service, as inspect tells it', () => {
  it('is what events, looks and rounds did, in every registry, found in the functions’ one log', async () => {
    const flow = await startFlow({ environment: { ROLLCALL_LOG_LEVEL: 'error' } });
    const { taskArn } = flow.run();
    await flow.settle();
    const other = flow.run({ family: 'api' });
    await flow.settle();
    flow.stack.world.stopTask(taskArn);
    await flow.settle();
    const { json, text } = await flow.stack.inspect({ command: 'history', service: 'web' });
    expect(outcomesOf(json).sort()).toEqual([
      'event: cloudmap remove pending',
      'event: cloudmap upsert pending',
      'event: consul remove done',
      'event: consul upsert done',
      'event: eureka remove done',
      'event: eureka upsert done',
    ]);
    expect(text).toContain('task is running');
    const ofTask = await flow.stack.inspect({ command: 'history', task: other.taskArn });
    expect(outcomesOf(ofTask.json)).toHaveLength(3);
  });

  it('says what there was at a time, from today’s records and what has become of them since', async () => {
    const flow = await startFlow();
    const { taskArn } = flow.run();
    await flow.settle();
    const at = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    flow.stack.world.stopTask(taskArn);
    flow.run();
    await flow.settle();
    const then = await flow.stack.inspect({ command: 'history', service: 'web', at });
    expect(then.json).toMatchObject({ unknown: [], notes: [] });
    const { records } = then.json as { records: readonly { registry: string; id: string }[] };
    expect(records.map(({ registry }) => registry)).toEqual(['cloudmap', 'consul', 'eureka']);
    for (const { id } of records) expect(taskArn).toContain(id.split('-')[0]);
    const now = await flow.stack.inspect({ command: 'history', service: 'web', at: '0s' });
    const young = now.json as typeof then.json & { records: readonly { id: string }[] };
    expect(young.records).toHaveLength(3);
    for (const { id } of young.records) expect(taskArn).not.toContain(id.split('-')[0]);
  });
});

describe('what the log is asked for', () => {
  it('finds a name in any case, at a time too', async () => {
    const dockerLabels = { SERVICE_81_NAME: 'WebAdmin' };
    const portMappings = [{ containerPort: 8080 }, { containerPort: 81 }];
    const flow = await startFlow({ environment: { ROLLCALL_LABELS: 'all' } });
    const task = flow.run({ containerDefinitions: [container({ portMappings, dockerLabels })] });
    await flow.settle();
    const at = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    flow.stack.world.stopTask(task.taskArn);
    await flow.settle();
    for (const service of ['webadmin', 'WEBADMIN', 'WebAdmin']) {
      const list = await flow.stack.inspect({ command: 'history', service });
      expect(outcomesOf(list.json)).toHaveLength(6);
      const then = await flow.stack.inspect({ command: 'history', service, at });
      expect(then.json).toMatchObject({ records: [{}, {}, {}], unknown: [] });
    }
  });

  it('finds outcomes whose tags are long', async () => {
    const SERVICE_TAGS = ['a', 'b', 'c', 'd'].map((one) => one.repeat(400)).join(',');
    const healthCheck = { command: ['CMD', 'true'] };
    const containerDefinitions = [container({ dockerLabels: { SERVICE_TAGS }, healthCheck })];
    const flow = await startFlow();
    const { taskArn } = flow.run({ containerDefinitions });
    for (const health of ['HEALTHY', 'UNHEALTHY'] as const) {
      await flow.settle();
      flow.stack.world.setHealth(taskArn, health);
      await flow.stack.reconcile.invoke();
    }
    await flow.settle();
    const written = flow.lines.filter(({ kind }) => kind === 'outcome');
    const { json } = await flow.stack.inspect({ command: 'history', service: 'web' });
    expect(outcomesOf(json)).toHaveLength(written.length);
    expect(written.length).toBeGreaterThan(6);
  });
});

describe('a service’s history for the page', () => {
  it('is what inspect tells, the newest first', async () => {
    const flow = await startFlow();
    const { taskArn } = flow.run();
    await flow.settle();
    flow.stack.world.stopTask(taskArn);
    await flow.settle();
    const historyOf = historyReader(`${STACK}-inspect`);
    const told = await historyOf('web', AbortSignal.timeout(60_000));
    expect(told).toHaveLength(6);
    expect(told[0]).toMatchObject({ what: 'remove', service: expect.stringMatching(/^web$/i) });
    expect(told.at(-1)).toMatchObject({ what: 'upsert' });
    await expect(historyReader('no-such')('web', AbortSignal.timeout(60_000))).rejects.toThrow(
      'Function not found: no-such',
    );
  });
});

describe('the page of a service', () => {
  it('shows its history', async () => {
    const flow = await startFlow();
    flow.run();
    await flow.settle();
    const asked = { rawQueryString: 'service=web', headers: { accept: 'text/html' } };
    const { body } = await flow.stack.resolve(httpApiEvent('GET', '/', asked));
    expect(body).toMatch(/\+ registered .*in .*Consul/);
  });
});

describe('outcomes as events', () => {
  it('reach who listens on the bus, in the schema of the log, where that is on, and bring none of ours', async () => {
    const flow = await startFlow({ environment: { ROLLCALL_PUBLISH_EVENTS: 'on' } });
    const heard: AwsEvent[] = [];
    flow.stack.bus.onEvent((event) => heard.push(event));
    flow.run();
    await flow.settle();
    const logged = flow.lines.filter(({ kind }) => kind === 'outcome');
    expect(heard.map(({ detail }) => detail)).toEqual(logged);
    expect(logged).toHaveLength(3);
    for (const event of heard)
      expect(event).toMatchObject({
        source: 'rollcall',
        'detail-type': 'Rollcall Registration Change',
      });
  });

  it('do not keep anything from being registered where EventBridge refuses them', async () => {
    const flow = await startFlow({ environment: { ROLLCALL_PUBLISH_EVENTS: 'on' } });
    flow.stack.aws.faults.inject(refusal('AWSEvents', 'AccessDeniedException'));
    flow.run();
    await flow.settle();
    expect((await flow.places()).consul).toHaveLength(1);
    expect(flow.saying('outcomes could not be published')).toMatchObject([{ level: 'warn' }]);
  });

  it('are none unless asked for', async () => {
    const flow = await startFlow();
    const heard: AwsEvent[] = [];
    flow.stack.bus.onEvent((event) => heard.push(event));
    flow.run();
    await flow.settle();
    expect(heard).toEqual([]);
  });
});
