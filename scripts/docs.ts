import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { renderPages } from './docs/pages.ts';

const ROOT = resolve(import.meta.dirname, '..');

/**
 * Writes the generated tables; with `--check` it writes nothing, and names what is stale. Exit 1
 * then.
 */
const main = async () => {
  const stale = (await renderPages()).filter((page) => page.isStale);
  const names = stale.map(({ path }) => path).join(', ');
  if (!process.argv.includes('--check')) {
    await Promise.all(stale.map(({ path, text }) => writeFile(join(ROOT, path), text)));
    console.log(stale.length > 0 ? `written: ${names}` : 'nothing has changed');
  } else if (stale.length > 0) {
    console.error(`stale: ${names}; run: npm run docs`);
    process.exitCode = 1;
  }
};

await main();
