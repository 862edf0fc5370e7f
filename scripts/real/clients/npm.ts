import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from '../cache.ts';
import { type Unavailable, unavailable } from '../unavailable.ts';

/** Clients as they are published; no part of Rollcall depends on them. */
const PACKAGES = ['consul@2.0.1', 'eureka-js-client@4.5.0'] as const;

/**
 * A folder whose modules can import the clients. Fetched once, by npm and its configuration; no
 * script of theirs runs.
 */
export const npmClients = async (): Promise<string | Unavailable> => {
  try {
    return await cachedFolder(`npm-${PACKAGES.join('-')}`, async (folder) => {
      await writeFile(join(folder, 'package.json'), '{"private": true, "type": "module"}\n');
      const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--save-exact'];
      await promisify(execFile)('npm', ['install', ...options, ...PACKAGES], { cwd: folder });
    });
  } catch (error) {
    return unavailable(
      `npm cannot fetch ${PACKAGES.join(' and ')}: ${Object(error).stderr || error}`,
    );
  }
};
