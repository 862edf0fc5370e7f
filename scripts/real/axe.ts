import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from './cache.ts';
import { type Unavailable, unavailable } from './unavailable.ts';

const run = promisify(execFile);

const VERSION = '4.14.1';
/** As npm's own `integrity` has it. */
const SHA512 = 'FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==';

/** The path of axe-core's script, which runs in a page and tells what people with other abilities would stumble over. */
export const axePath = async (): Promise<string | Unavailable> => {
  try {
    const folder = await cachedFolder(`axe-core-${VERSION}`, fetchAxe);
    return join(folder, 'package/axe.min.js');
  } catch (error) {
    return unavailable(error instanceof Error ? error.message : String(error));
  }
};

/** By npm, from wherever it is told to take packages; nothing of it is installed or run here. */
const fetchAxe = async (folder: string): Promise<void> => {
  const wanted = [`axe-core@${VERSION}`, '--pack-destination', folder, '--silent'];
  await run('npm', ['pack', ...wanted], { cwd: folder, timeout: 120_000 });
  const file = join(folder, `axe-core-${VERSION}.tgz`);
  const came = createHash('sha512')
    .update(await readFile(file))
    .digest('base64');
  if (came !== SHA512) throw new Error(`axe-core ${VERSION}: expected SHA-512 ${SHA512}, came ${came}`);
  await run('tar', ['-xzf', file, 'package/axe.min.js'], { cwd: folder });
};
