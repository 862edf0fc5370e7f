import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from './cache.ts';
import { type Unavailable, unavailable } from './unavailable.ts';

const run = promisify(execFile);

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
/** Milliseconds that Maven may take where its repository is empty: about 20 s on a good line. */
const PATIENCE = 300_000;

export interface JavaProgram {
  /** Of its folder in the cache. */
  readonly name: string;
  /** A Maven project that names libraries; nothing else of it is used. */
  readonly pom: string;
  /** Of the project's profiles. */
  readonly profile?: string;
  readonly source: string;
}

/**
 * The class path of a program of one file with its libraries, by the machine's own Java and Maven;
 * built once.
 */
export const javaClassPath = async (program: JavaProgram): Promise<string | Unavailable> => {
  try {
    await run('javac', ['-version']);
    await run('mvn', ['-version']);
  } catch (error) {
    return unavailable(`a JDK (17 or newer) and Maven are needed: ${toReason(error)}`);
  }
  try {
    const { name, pom, source } = program;
    const files = await Promise.all([pom, source].map((file) => readFile(file)));
    const hash = createHash('sha256').update(Buffer.concat(files)).digest('hex').slice(0, 8);
    const folder = await cachedFolder(`${name}-${hash}`, (empty) => build(program, empty));
    return [join(folder, 'classes'), join(folder, 'lib', '*')].join(':');
  } catch (error) {
    return unavailable(toReason(error));
  }
};

/** Without packaging: the libraries as they are, and the classes. */
const build = async ({ pom, profile, source }: JavaProgram, folder: string): Promise<void> => {
  const lib = join(folder, 'lib');
  const which = profile ? [`-P${profile}`] : [];
  const where = ['-f', pom, `-DoutputDirectory=${lib}`, '-DincludeScope=runtime'];
  await run('mvn', ['-B', '-q', ...which, ...where, COPY], { timeout: PATIENCE });
  // Spring reads names of parameters, which a class holds only if it is told to.
  const how = [
    '--release',
    '17',
    '-parameters',
    '-d',
    join(folder, 'classes'),
    '-cp',
    join(lib, '*'),
  ];
  await run('javac', [...how, source]);
};

/** Maven marks its reasons; of the rest nobody learns anything. */
const toReason = (error: unknown): string => {
  const { stdout = '', stderr = '', message = String(error) } = Object(error);
  const marked = /^\[ERROR\] (.*)/m.exec(stdout)?.[1];
  return marked ?? (String(stderr).trim().split('\n')[0] || message);
};
