import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface Serverless {
  readonly version: string;
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
}

/** As its package.json has it. */
const SUPPORTED = 'osls';

/**
 * Other frameworks read the same file and make something else of it: the one published as
 * `serverless` has not known `recursiveLoop` before its 4.37, so that Lambda may take looks for a
 * runaway loop. serverless.yml asks for a version; whose it is can only be asked here.
 */
export default class Framework {
  constructor(serverless: Serverless) {
    const name = packageOf(serverless.constructor);
    if (name === SUPPORTED) return;
    throw new serverless.classes.Error(
      [
        `This is deployed and packaged by ${SUPPORTED} 4 alone; what runs is ${name ?? 'another framework'}, ${serverless.version}.`,
        `\`npm ci\` installs it under the name of serverless: call it as \`npx serverless\` in this folder, with no other installed beside it.`,
        'docs/operations.md, "Which framework", says why.',
      ].join('\n'),
      'FRAMEWORK_UNSUPPORTED',
    );
  }
}

/**
 * The package whose file defines this class, by name: the code that runs, whichever command led to
 * it. Undefined where no module is known for it.
 */
export const packageOf = (framework: unknown): string | undefined => {
  const { cache } = createRequire(import.meta.url);
  const file = Object.values(cache).find((one) => one?.exports === framework)?.filename;
  return file === undefined ? undefined : nameAbove(dirname(file));
};

const nameAbove = (folder: string): string | undefined => {
  const file = join(folder, 'package.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')).name;
  return dirname(folder) === folder ? undefined : nameAbove(dirname(folder));
};
