import middy from '@middy/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createContext } from '../../../local/aws/lambda/context.ts';
import { createTelemetry } from '../../../shared/platform/telemetry.ts';
import { flushing } from '../../../shared/platform/telemetry-middleware.ts';
import { metricsOf } from './embedded-metrics.ts';

let lines: string[] = [];
beforeEach(() => {
  lines = [];
  vi.spyOn(console, 'log').mockImplementation((line) => lines.push(line));
});
afterEach(() => vi.restoreAllMocks());

const telemetry = createTelemetry({ owner: 'stack:1:eu-west-1', now: Date.now });
const runtime = async () => ({ context: { telemetry } });

/** A function that counts one failure, and then ends as told. */
const invoke = (end: () => Promise<string>, start = runtime) => {
  const handler = middy<unknown, string>()
    .use(flushing(start))
    .handler(async () => {
      (await start()).context.telemetry.count('Failed', 1, 'consul');
      return end();
    });
  return handler({}, createContext());
};
const rejected = async (): Promise<string> => {
  throw new Error('no answer', { cause: new Error('connect ECONNREFUSED') });
};
const failure = (error: string) => ({ level: 'error', message: 'invocation failed', error });

describe('the metrics of an invocation', () => {
  it('are written at its end', async () => {
    expect(await invoke(async () => 'answer')).toBe('answer');
    expect(lines.flatMap(metricsOf)).toMatchObject([{ name: 'Failed', values: [1] }]);
  });

  it('are written where the handler fails, after one line that tells why, and the failure stays one', async () => {
    await expect(invoke(rejected)).rejects.toThrow('no answer');
    const [told = '', ...metrics] = lines;
    expect(JSON.parse(told)).toEqual(failure('no answer (connect ECONNREFUSED)'));
    expect(metrics.flatMap(metricsOf)).toMatchObject([{ name: 'Failed', values: [1] }]);
  });

  it('are none where the function cannot start, and the reason is told as it is', async () => {
    const broken = () => Promise.reject(new Error('ROLLCALL_POLICY: expected one of'));
    await expect(invoke(rejected, broken)).rejects.toThrow('ROLLCALL_POLICY');
    expect(lines.map((line) => JSON.parse(line))).toEqual([failure('ROLLCALL_POLICY: expected one of')]);
  });
});
