import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createLogger,
  LOG_LEVELS,
  type LogLevel,
  withRequestId,
} from '../../../shared/platform/log.ts';
import { recordLog, shapeFaults } from '../../support/log.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** The levels of which lines are written. */
const written = (level?: LogLevel): readonly unknown[] => {
  const { logged, logger } = recordLog({ ...(level && { level }) });
  for (const one of LOG_LEVELS) logger[one]('said');
  return logged.map((line) => line['level']);
};

describe('a level', () => {
  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
  ] as const)('%s lets through %j', (level, expected) => {
    expect(written(level)).toEqual(expected);
  });

  it('is info where none is given: what is of level debug is silent', () => {
    expect(written()).toEqual(['info', 'warn', 'error']);
  });

  it.each([
    ['TRACE', 'warn', ['warn', 'error']],
    ['DEBUG', 'info', ['info', 'warn', 'error']],
    ['WARN', 'debug', ['warn', 'error']],
    ['ERROR', 'info', ['error']],
    ['FATAL', 'debug', []],
  ] as const)(
    'that Lambda was given (%s) counts beside ours (%s), whichever asks for less',
    (given, own, expected) => {
      vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', given);
      expect(written(own)).toEqual(expected);
    },
  );
});

describe('a line', () => {
  it('has its time, level and message first, then the request and its own fields', () => {
    const lines: string[] = [];
    const logger = createLogger({
      now: () => Date.UTC(2026, 0, 2, 12),
      write: (line) => lines.push(line),
    });
    withRequestId(
      () => 'r-1',
      () => logger.warn('not so', { registry: 'consul' }),
    );
    logger.info('nobody asked');
    expect(lines).toEqual([
      '{"time":"2026-01-02T12:00:00.000Z","level":"warn","message":"not so","requestId":"r-1","registry":"consul"}',
      '{"time":"2026-01-02T12:00:00.000Z","level":"info","message":"nobody asked"}',
    ]);
  });

  it('bears the id of the request that led to it, whatever runs at the same time', async () => {
    const { logged, logger } = recordLog();
    const work = async (name: string) => {
      logger.info(name);
      await sleep(1);
      logger.info(name);
      setImmediate(() => logger.info(name));
    };
    await Promise.all(
      ['a', 'b'].map((id) =>
        withRequestId(
          () => id,
          () => work(id),
        ),
      ),
    );
    await sleep(1);
    expect(
      logged.filter(({ message }) => message === 'a').map((line) => line['requestId']),
    ).toEqual(['a', 'a', 'a']);
    expect(
      logged.filter(({ message }) => message === 'b').map((line) => line['requestId']),
    ).toEqual(['b', 'b', 'b']);
  });

  it('goes to standard output as it is, past the console around whose lines Lambda puts fields', () => {
    const consoles = (['log', 'info', 'warn', 'error'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation(() => {}),
    );
    const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    createLogger().error('100 %s of it', { registry: 'consul' });
    const [[line] = []] = stdout.mock.calls;
    expect(String(line)).toMatch(/^\{.*"100 %s of it".*\}\n$/);
    for (const one of consoles) expect(one).not.toHaveBeenCalled();
  });
});

describe('the shape that tests hold lines to', () => {
  const line = {
    time: '2026-01-02T12:00:00.000Z',
    level: 'info',
    message: 'said',
    requestId: '0b0c1d2e-3f40-4a5b-8c6d-7e8f90a1b2c3',
  };
  it('takes a line of the logger', () => {
    expect(shapeFaults(line)).toEqual([]);
  });

  it.each([
    ['time', { time: undefined }],
    ['level', { level: 'INFO' }],
    ['message', { message: '' }],
    ['requestId', { requestId: undefined }],
    ['error', { error: {} }],
    ['else', { else: 'unknown' }],
  ])('refuses one whose %s is wrong', (name, change) => {
    expect(shapeFaults({ ...line, ...change })).toEqual([expect.stringContaining(name)]);
  });
});
