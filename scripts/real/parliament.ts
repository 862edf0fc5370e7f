import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Unavailable } from './unavailable.ts';
import { venvPython } from './venv.ts';

const SCRIPT = resolve(import.meta.dirname, 'parliament', 'audit.py');

/**
 * The Python of an environment that holds parliament, the linter of IAM policies. It needs no
 * network to judge.
 */
export const parliamentPython = (): Promise<string | Unavailable> =>
  venvPython('parliament-1.6.4', ['parliament==1.6.4', 'setuptools==75.8.0']);

export interface Finding {
  /** The name that was given to the document. */
  readonly name: string;
  readonly issue: string;
  readonly detail: string;
}

/**
 * What parliament finds in policy documents without intrinsics. Rejects with its words where it
 * cannot read one.
 */
export const audit = async (
  python: string,
  documents: Readonly<Record<string, unknown>>,
): Promise<readonly Finding[]> => {
  const child = spawn(python, [SCRIPT]);
  child.stdin.end(JSON.stringify(documents));
  const [findings, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (findings === '') throw new Error(complaint);
  return JSON.parse(findings);
};
