import { afterAll, expect } from 'vitest';
import { output } from '../../shared/platform/log.ts';

/** What test files may change in a process that they share. */
const shared = () => ({
  environment: { ...process.env },
  folder: process.cwd(),
  clock: [
    Date,
    Date.now,
    AbortSignal.timeout,
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
  ],
  output: [console.log, console.info, console.warn, console.error, output.write],
  network: [fetch],
});

/**
 * For every test file that runs in one process with others: it leaves that as it found it, or
 * fails.
 */
const found = shared();
afterAll(() => expect(shared(), 'left behind in the process').toEqual(found));
