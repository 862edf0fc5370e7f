import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watched } from './process.ts';

/** A line of a program: the places that it would connect to, sorted, and all else that it sees. */
export interface Sight {
  readonly places: readonly string[];
  readonly [more: string]: unknown;
}

export interface LineProgram {
  /** What its last whole line says. */
  sight(): Sight | undefined;
  /** The end of what it wrote to its standard error. */
  complaints(): string;
  isAlive(): boolean;
  stop(): Promise<void>;
}

/** Characters of its output that are kept. */
const KEPT = 100_000;

/** Starts a program that writes a line of JSON for whatever it sees. */
export const startLineProgram = ([command = '', ...args]: readonly string[]): LineProgram => {
  const child = spawn(command, args);
  let [said, complained] = ['', ''];
  child.stdout.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-KEPT);
  });
  child.stderr.on('data', (chunk) => {
    complained = `${complained}${chunk}`.slice(-KEPT);
  });
  // One that cannot be started complains too.
  child.once('error', (error) => {
    complained += error.message;
  });
  const isAlive = watched(child);
  return {
    sight() {
      const lines = said.split('\n').slice(0, -1);
      const line = lines.findLast((one) => one.startsWith('{"'));
      return line === undefined ? undefined : JSON.parse(line);
    },
    complaints: () => complained,
    isAlive,
    async stop() {
      if (!isAlive()) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};
