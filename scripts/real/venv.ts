import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from './cache.ts';
import { type Unavailable, unavailable } from './unavailable.ts';

const run = promisify(execFile);

/** A package as pip names it, with its version: a verdict must not change by itself. */
type Requirement = `${string}==${string}`;

/**
 * The Python of a virtual environment that holds these packages, made once by the machine's own pip
 * and its configuration. Unavailable where there is no Python 3 or pip cannot fetch the packages.
 */
export const venvPython = async (
  name: string,
  requirements: readonly Requirement[],
): Promise<string | Unavailable> => {
  try {
    const home = await cachedFolder(name, async (folder) => {
      await run('python3', ['-m', 'venv', folder]);
      await run(pythonOf(folder), ['-m', 'pip', 'install', '--quiet', ...requirements]);
    });
    return pythonOf(home);
  } catch (error) {
    return unavailable(`${name} cannot be installed from PyPI: ${reasonOf(error)}`);
  }
};

/** Called by path it works wherever the environment is moved; the scripts beside it do not. */
const pythonOf = (home: string) => join(home, 'bin', 'python3');

/** pip says its reason on a line that starts with ERROR; the rest is noise. */
const reasonOf = (error: unknown): string => {
  const text = String(Object(error).stderr || Object(error).message || error).trim();
  return /^ERROR: .*/m.exec(text)?.[0] ?? text.replace(/\n.*/s, '');
};
