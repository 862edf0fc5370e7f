import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createContext } from '../../../local/aws/lambda/context.ts';
import { createHandler } from '../../../shared/platform/lambda-handler.ts';
import { createLogger, output } from '../../../shared/platform/log.ts';
import { createTelemetry } from '../../../shared/platform/telemetry.ts';
import { shapeFaults } from '../../support/log.ts';
import { metricsOf } from './embedded-metrics.ts';

const { write } = output;
let lines: string[] = [];
beforeEach(() => {
  lines = [];
  output.write = (line) => lines.push(line);
});
afterEach(() => {
  output.write = write;
});

const telemetry = createTelemetry({
  owner: 'stack:1:eu-west-1',
  now: Date.now,
  logger: createLogger(),
});
const check = async () => ({ reached: [] });
const runtime = async () => ({ telemetry, flush: telemetry.flush, check });

/** A function that counts one failure, and then ends as told. */
const invoke = (end: () => Promise<string>, start = runtime) => {
  const handler = createHandler(start, (_event: unknown, made) => {
    made.telemetry.count('Failed', 1, 'consul');
    return end();
  });
  const context = createContext();
  return { answer: handler({}, context), id: context.awsRequestId };
};
const rejected = async (): Promise<string> => {
  throw new Error('no answer', { cause: new Error('connect ECONNREFUSED') });
};

describe('the metrics of an invocation', () => {
  it('are written at its end', async () => {
    expect(await invoke(async () => 'answer').answer).toBe('answer');
    expect(lines.flatMap(metricsOf)).toMatchObject([{ name: 'Failed', values: [1] }]);
  });

  it('are written where the handler fails, after one line that tells why, and the failure stays one', async () => {
    const { answer, id } = invoke(rejected);
    await expect(answer).rejects.toThrow('no answer');
    const [told = '', ...metrics] = lines;
    expect(JSON.parse(told)).toEqual(failure('no answer (connect ECONNREFUSED)', id));
    expect(metrics.flatMap(metricsOf)).toMatchObject([{ name: 'Failed', values: [1] }]);
  });

  it('are none where the function cannot start, and the reason is told as it is', async () => {
    const broken = () => Promise.reject(new Error('ROLLCALL_POLICY: expected one of'));
    const { answer, id } = invoke(rejected, broken);
    await expect(answer).rejects.toThrow('ROLLCALL_POLICY');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      failure('ROLLCALL_POLICY: expected one of', id),
    ]);
  });
});

describe('the check', () => {
  const invoked = (event: unknown) =>
    createHandler(runtime, async (given: unknown) => given)(event, createContext());

  it('is answered by what the function reaches, and not by its work', async () => {
    expect(await invoked({ rollcall: 1, kind: 'check' })).toEqual({ reached: [] });
  });

  it.each([
    [null],
    ['check'],
    [{ kind: 'check' }],
    [{ rollcall: 1, kind: 'look' }],
    [{ Records: [{ body: '{"rollcall":1,"kind":"check"}' }] }],
  ])('is not meant by %j', async (event) => {
    expect(await invoked(event)).toEqual(event);
  });
});

describe('the lines of an invocation', () => {
  it('bear its request id and no other’s, however many run at once', async () => {
    const logger = createLogger();
    const handler = createHandler(runtime, async (name: string) => {
      logger.info(name);
      await new Promise(setImmediate);
      logger.info(name);
    });
    const contexts = { a: createContext(), b: createContext() };
    await Promise.all([handler('a', contexts.a), handler('b', contexts.b)]);
    const told = lines.map((line) => JSON.parse(line));
    expect(told.flatMap(shapeFaults)).toEqual([]);
    expect(told.map(({ message, requestId }) => [message, requestId]).sort()).toEqual(
      (['a', 'a', 'b', 'b'] as const).map((name) => [name, contexts[name].awsRequestId]),
    );
  });
});

const failure = (error: string, requestId: string) => ({
  time: expect.any(String),
  level: 'error',
  message: 'invocation failed',
  requestId,
  error,
});
