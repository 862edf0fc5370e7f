import { describe, expect, it, onTestFinished } from 'vitest';
import { createContext } from '../../local/aws/lambda/context.ts';
import { replaceEnvironment } from '../../local/environment.ts';
import { coldStart, type Functions } from '../../local/functions.ts';
import { captureLog, type Line } from '../../local/log.ts';
import { takeDown } from '../../local/outage.ts';
import { REGISTRY_NAMES } from '../../shared/model/registration.ts';
import { httpApiEvent } from '../support/http-api-event.ts';
import { shapeFaults } from '../support/log.ts';
import { container, openFlow, startFlow } from './stage.ts';

const NAMES = [
  'onTaskEvent',
  'reconcile',
  'renew',
  'resolve',
  'inspect',
  'operate',
] as const satisfies (keyof Functions)[];

/** Functions that start with these settings, and the lines that they write. */
const startFunctions = async (environment: Record<string, string>) => {
  const restore = replaceEnvironment(environment);
  const lines: Line[] = [];
  const release = captureLog((line) => lines.push(line));
  onTestFinished(() => {
    release();
    restore();
  });
  return { functions: await coldStart(), lines };
};

describe('the log of a function that cannot start', () => {
  it.each(['', 'on-demand'])(
    'says why in one line with the id of the invocation, also where it was started ahead (%j)',
    async (AWS_LAMBDA_INITIALIZATION_TYPE) => {
      const { functions, lines } = await startFunctions({
        AWS_LAMBDA_INITIALIZATION_TYPE,
        AWS_REGION: 'eu-central-1',
        ROLLCALL_LOG_LEVEL: 'loud',
      });
      const contexts = NAMES.map(() => createContext());
      for (const [index, name] of NAMES.entries()) {
        const invoke: (event: never, context: never) => Promise<unknown> = functions[name];
        await expect(invoke({} as never, contexts[index] as never)).rejects.toThrow(
          'ROLLCALL_LOG_LEVEL',
        );
      }
      expect(lines.flatMap(shapeFaults)).toEqual([]);
      expect(lines).toMatchObject(
        contexts.map(({ awsRequestId }) => ({
          level: 'error',
          requestId: awsRequestId,
          message: 'invocation failed',
          error: expect.stringContaining(
            'ROLLCALL_LOG_LEVEL: expected one of debug, info, warn, error, got "loud"',
          ),
        })),
      );
    },
  );
});

describe('the log of a stack', () => {
  it('has on each line the id of the one invocation that wrote it, whichever function that is', async () => {
    const flow = await startFlow();
    const { stack } = flow;
    const linesOf = async (work: () => Promise<unknown>) => {
      const before = flow.lines.length;
      // Renewals fail as a whole.
      await work().catch(() => {});
      return flow.lines.slice(before);
    };
    for (const registry of REGISTRY_NAMES) takeDown(stack, registry);
    flow.run();
    const runs = [
      await linesOf(flow.drain),
      await linesOf(() => stack.reconcile.invoke()),
      await linesOf(() => stack.renew.invoke()),
      await linesOf(() => stack.resolve(httpApiEvent('GET', '/services'))),
      await linesOf(() => stack.inspect({ command: 'plan' })),
      await linesOf(() => stack.operate({ command: 'purge', dryRun: true, by: 'Eve' })),
    ];
    const ids = runs.map((lines) => [...new Set(lines.map((line) => line['requestId']))]);
    // That it is one, and a UUID as Lambda's are, `startFlow` sees to for every line.
    expect(ids.map(({ length }) => length)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(new Set(ids.flat()).size).toBe(6);
  });

  it('tells at level debug what needed no change, and nothing of it unless asked', async () => {
    const levels = async (environment: Record<string, string>) => {
      const flow = await openFlow({ environment });
      try {
        const { taskArn } = flow.run();
        await flow.settle();
        flow.stack.world.stopTask(taskArn);
        await flow.settle();
        // What a warm function has handled it would not look at again.
        await flow.stack.redeploy({});
        flow.stack.world.changeTask(taskArn, { stoppedReason: 'said once more' });
        await flow.settle();
        return [...new Set(flow.lines.map(({ level }) => level))].sort();
      } finally {
        await flow.stop();
      }
    };
    expect(await levels({ ROLLCALL_LOG_LEVEL: 'debug' })).toEqual(['debug', 'info']);
    expect(await levels({})).toEqual(['info']);
    // Outcomes, which no level keeps back.
    expect(await levels({ ROLLCALL_LOG_LEVEL: 'warn' })).toEqual(['info']);
  });

  const labels = Object.fromEntries(
    Array.from({ length: 20 }, (_, at) => [`SERVICE_LABEL_${at}`, `${at} `.repeat(20)]),
  );
  const rich = container({
    dockerLabels: { ...labels, SERVICE_TAGS: 'blue,v7,eu', SERVICE_CHECK_HTTP: '/health' },
  });
  it.each([
    ['a plain task', container(), 2_500],
    ['a task with twenty labels', rich, 2_600],
  ])('is short: what all three registries took for an event of %s', async (_, one, most) => {
    const flow = await openFlow();
    const bytesOf = (lines: readonly Line[]) =>
      lines.reduce((sum, line) => sum + Buffer.byteLength(JSON.stringify(line)), 0);
    try {
      const { taskArn } = flow.run({ containerDefinitions: [one] });
      await flow.settle();
      const started = flow.lines.filter(({ kind }) => kind === 'outcome');
      expect(started).toHaveLength(3);
      expect(bytesOf(started)).toBeLessThan(most);
      flow.stack.world.stopTask(taskArn);
      await flow.settle();
      const stopped = flow.lines.filter(({ what }) => what === 'remove');
      expect(stopped).toHaveLength(3);
      expect(bytesOf(stopped)).toBeLessThan(1_900);
    } finally {
      await flow.stop();
    }
  });
});
