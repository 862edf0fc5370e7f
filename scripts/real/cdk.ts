import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from './cache.ts';
import { type Unavailable, unavailable } from './unavailable.ts';

const CDK = 'aws-cdk-lib@2.276.0';
const CONSTRUCTS = 'constructs@10.8.1';

/** The folder `node_modules` that has AWS's CDK; it is none of the project's own packages. */
export const cdkModules = async (): Promise<string | Unavailable> => {
  try {
    const home = await cachedFolder('aws-cdk-lib-2.276.0', async (folder) => {
      const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts'];
      await promisify(execFile)('npm', [...args, CDK, CONSTRUCTS], { cwd: folder });
    });
    return join(home, 'node_modules');
  } catch (error) {
    return unavailable(`aws-cdk-lib cannot be had: ${error}`);
  }
};
