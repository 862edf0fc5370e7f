import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from '../cache.ts';
import { type Unavailable, unavailable } from '../unavailable.ts';

const run = promisify(execFile);

const POM = join(import.meta.dirname, 'pom.xml');
const SOURCE = join(import.meta.dirname, 'Server.java');
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
/** Milliseconds that Maven may take where its repository is empty: about 20 s on a good line. */
const PATIENCE = 300_000;

/** The class path of the server in `pom.xml` and `Server.java`, by the machine's own Java and Maven; built once. */
export const eurekaClassPath = async (): Promise<string | Unavailable> => {
  try {
    await run('javac', ['-version']);
    await run('mvn', ['-version']);
  } catch (error) {
    return unavailable(`a JDK (17 or newer) and Maven are needed: ${toReason(error)}`);
  }
  try {
    const sources = await Promise.all([POM, SOURCE].map((file) => readFile(file)));
    const hash = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 8);
    const folder = await cachedFolder(`eureka-${hash}`, build);
    return [join(folder, 'classes'), join(folder, 'lib', '*')].join(':');
  } catch (error) {
    return unavailable(toReason(error));
  }
};

/** Without packaging: the libraries as they are, and one class. */
const build = async (folder: string): Promise<void> => {
  const lib = join(folder, 'lib');
  const where = ['-f', POM, `-DoutputDirectory=${lib}`, '-DincludeScope=runtime'];
  await run('mvn', ['-B', '-q', ...where, COPY], { timeout: PATIENCE });
  await run('javac', ['--release', '17', '-d', join(folder, 'classes'), '-cp', join(lib, '*'), SOURCE]);
};

/** Maven marks its reasons; of the rest nobody learns anything. */
const toReason = (error: unknown): string => {
  const { stdout = '', stderr = '', message = String(error) } = Object(error);
  const marked = /^\[ERROR\] (.*)/m.exec(stdout)?.[1];
  return marked ?? (String(stderr).trim().split('\n')[0] || message);
};
