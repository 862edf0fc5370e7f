import { describe, expect, it } from 'vitest';
import { startFlow } from './stage.ts';

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
