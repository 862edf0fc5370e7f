import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { browse } from './browse.ts';
import { main } from './main.ts';

/** Ctrl-C, as shells have it. */
const INTERRUPTED = 130;

/** The command as a process: arguments, streams and signals are its own. */
export const start = async (): Promise<void> => {
  process.exitCode = await runCommand(process.argv.slice(2));
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
