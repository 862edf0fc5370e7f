import { join } from 'node:path';
import { javaClassPath } from '../java.ts';
import type { Unavailable } from '../unavailable.ts';

const FILES = join(import.meta.dirname, 'java');

/** By the library's profile in the pom: the class of the program that uses it. */
const MAIN = {
  netflix: 'Netflix',
  kiwiproject: 'Kiwiproject',
  orbitz: 'Orbitz',
  micronaut: 'Micronaut',
  stork: 'SmallRye',
} as const;

/** A library for the JVM, apart from Spring. */
export type JavaLibrary = keyof typeof MAIN;

/**
 * The command, but for its arguments (a URL, a token and the name of a service), of the library's
 * program, which is built once by the machine's own Java and Maven.
 */
export const javaClient = async (
  library: JavaLibrary,
): Promise<readonly string[] | Unavailable> => {
  const classPath = await javaClassPath({
    name: `client-${library}`,
    pom: join(FILES, 'pom.xml'),
    profile: library,
    source: join(FILES, `${MAIN[library]}.java`),
  });
  if (typeof classPath !== 'string') return classPath;
  const small = ['-Xmx128m', '-XX:TieredStopAtLevel=1'];
  return ['java', ...small, '-cp', classPath, `rollcall.${MAIN[library]}`];
};
