import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder, findCached } from '../cache.ts';
import { type Unavailable, unavailable } from '../unavailable.ts';

const run = promisify(execFile);

const MODULE = 'github.com/hashicorp/consul';
/**
 * The newest whose parts are all published as Go modules of their own: of later ones some are found
 * only in Consul's own repository, which is also why `go install` refuses every version.
 */
const VERSION = '1.19.2';
const NAME = `consul-${VERSION}`;

/**
 * Consul built from its Go module, where that was done before: it takes some nine minutes on two
 * cores.
 */
export const newerConsul = async (): Promise<string | Unavailable> => {
  const folder = await findCached(NAME);
  return folder
    ? join(folder, 'consul')
    : unavailable(
        'it is not built yet: npx node scripts/real/consul.ts --newer does it, which takes minutes',
      );
};

/** The same, built now if need be. */
export const buildNewerConsul = async (): Promise<string | Unavailable> => {
  try {
    return join(await cachedFolder(NAME, build), 'consul');
  } catch (error) {
    return unavailable(`Go cannot build it: ${Object(error).stderr || error}`);
  }
};

const build = async (folder: string): Promise<void> => {
  const go = (...args: readonly string[]) =>
    run('go', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  await go('mod', 'init', 'rollcall/consul');
  await go('get', `${MODULE}@v${VERSION}`);
  await go('build', '-trimpath', '-o', 'consul', MODULE);
};
