import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerProcess {
  readonly pid: number;
  /** Ends it by its id: SIGTERM unless told otherwise. Resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** It answers nothing until it is resumed: SIGSTOP, SIGCONT. */
  pause(): void;
  resume(): void;
  /** The end of what it has written, errors included. */
  output(): string;
  isAlive(): boolean;
}

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Asked again until it resolves to true; a rejection is a no. */
  readonly ready: () => Promise<boolean>;
  /** Milliseconds until it must be ready. Default 60,000. */
  readonly within?: number;
  /** All of it. Default: this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
}

const running = new Set<ChildProcess>();

const abandon = () => {
  for (const child of running) child.kill('SIGKILL');
};

/**
 * Nothing outlives this process: neither where it ends by itself nor where a test runner ends it.
 */
const watchOverChildren = (): void => {
  if (process.listeners('exit').includes(abandon)) return;
  process.on('exit', abandon);
  process.once('SIGTERM', () => {
    abandon();
    if (process.listenerCount('SIGTERM') === 0) process.kill(process.pid, 'SIGTERM');
  });
};

/** Whether a child still runs; while it does it is watched over. */
export const watched = (child: ChildProcess): (() => boolean) => {
  watchOverChildren();
  running.add(child);
  for (const end of ['error', 'exit']) child.once(end, () => running.delete(child));
  return () => running.has(child);
};

/** Characters of its output that are kept, to say why it ended. */
const KEPT = 4_000;

/**
 * Starts a server and resolves when it is ready. It ends with this process at the latest. Rejects
 * with the end of its output where it ends before it is ready or takes too long.
 */
export const startProcess = async (options: ServerCommand): Promise<ServerProcess> => {
  const { command, args, ready, within = 60_000, environment = process.env } = options;
  const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output = `${output}${chunk}`.slice(-KEPT);
    });
  child.once('error', (error) => {
    output += error.message;
  });
  const isAlive = watched(child);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (!isAlive()) return;
    child.kill(signal);
    await once(child, 'exit');
  };

  const deadline = Date.now() + within;
  while (!(await ready().catch(() => false))) {
    const ended = !isAlive();
    if (!ended && Date.now() < deadline) {
      await sleep(50);
      continue;
    }
    const what = ended ? 'ended before it was ready' : `was not ready within ${within / 1000} s`;
    await stop('SIGKILL');
    throw new Error(`${command} ${what}:\n${output}`);
  }
  return {
    pid: child.pid ?? 0,
    stop,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    output: () => output,
    isAlive,
  };
};

/** All or none: where one cannot start, the others are stopped. */
export const startTogether = async <T extends { stop(): Promise<void> }>(
  starts: readonly Promise<T>[],
): Promise<readonly T[]> => {
  const results = await Promise.allSettled(starts);
  const failed = results.find((result) => result.status === 'rejected');
  const started = results.flatMap((result) =>
    result.status === 'fulfilled' ? [result.value] : [],
  );
  if (!failed) return started;
  await Promise.all(started.map((server) => server.stop()));
  throw failed.reason;
};

/** For a program that starts servers for a person: resolves at Ctrl-C or SIGTERM. */
export const untilInterrupted = (): Promise<void> =>
  new Promise((resolve) => {
    // A signal listener alone keeps no process alive.
    const alive = setInterval(() => {}, 60_000);
    const end = () => {
      clearInterval(alive);
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  });
