import { modelsFolder } from '../../scripts/real/models.ts';
import { isUnavailable } from '../../scripts/real/unavailable.ts';

/**
 * Before the suites of real servers: with ROLLCALL_REAL=required none of them runs unwatched.
 * Otherwise test/real/models.test.ts fetches the models, and the next run is watched: no other test
 * waits for an installation.
 */
export default async (): Promise<void> => {
  if (process.env['ROLLCALL_REAL'] !== 'required') return;
  const folder = await modelsFolder();
  if (isUnavailable(folder))
    throw new Error(`AWS's service models cannot be had: ${folder.unavailable}`);
};
