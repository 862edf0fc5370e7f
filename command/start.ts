import { basename, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { browse } from './browse.ts';
import type { Io } from './io.ts';
import { main } from './main.ts';

/** Ctrl-C, as shells have it. */
const INTERRUPTED = 130;

/** The command as a process: arguments, streams and signals are its own. */
export const start = async (): Promise<void> => {
  process.exitCode = await runCommand(process.argv.slice(2));
};

/**
 * npm says that `npx` was typed; a link of it on the PATH bears its name; else Node was given the
 * file.
 */
const calledBy = (file = '', env: Io['env']): string => {
  if (env['npm_lifecycle_event'] === 'npx') return 'npx --no-install rollcall';
  return basename(file) === 'rollcall' ? 'rollcall' : `node ${relative('', file)}`;
};

/** The same with other arguments. Gives the exit code. */
export const runCommand = async (args: readonly string[]): Promise<number> => {
  const { stdout, stderr, stdin, env } = process;
  const controller = new AbortController();
  const interrupt = () => {
    // The second time nobody waits for what is still to be put back.
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  // The reader may go (`rollcall plan | head`): then there is nobody to tell.
  stdout.on('error', () => process.exit());
  const exit = await main(args, {
    out: (line) => void stdout.write(`${line}\n`),
    err: (line) => void stderr.write(`${line}\n`),
    columns: stdout.isTTY ? stdout.columns : undefined,
    calledBy: calledBy(process.argv[1], env),
    stdin: () => text(stdin),
    env,
    now: Date.now,
    sleep: (milliseconds) =>
      setTimeout(milliseconds, undefined, { signal: controller.signal }).catch(() => {}),
    browse,
    signal: controller.signal,
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  return controller.signal.aborted ? INTERRUPTED : exit;
};
