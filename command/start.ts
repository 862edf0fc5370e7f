import { text } from 'node:stream/consumers';
import { main } from './main.ts';

/** Ctrl-C, as shells have it. */
const INTERRUPTED = 130;

/** The command as a process: arguments, streams and signals are its own. */
export const start = async (): Promise<void> => {
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
  const exit = await main(process.argv.slice(2), {
    out: (line) => void stdout.write(`${line}\n`),
    err: (line) => void stderr.write(`${line}\n`),
    columns: stdout.isTTY ? stdout.columns : undefined,
    stdin: () => text(stdin),
    env,
    signal: controller.signal,
  });
  process.exitCode = controller.signal.aborted ? INTERRUPTED : exit;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
};
