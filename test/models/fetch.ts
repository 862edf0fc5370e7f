import { modelsFolder } from '../../scripts/real/models.ts';
import { isUnavailable } from '../../scripts/real/unavailable.ts';

/**
 * Before all test files: with ROLLCALL_REAL=required no suite runs unwatched. Otherwise test/real/models.test.ts
 * fetches the models, and the next run is watched: one unit test alone is not to wait for an installation.
 */
export default async (): Promise<void> => {
  if (process.env['ROLLCALL_REAL'] !== 'required') return;
  const folder = await modelsFolder();
  if (isUnavailable(folder)) throw new Error(`AWS's service models cannot be had: ${folder.unavailable}`);
};
