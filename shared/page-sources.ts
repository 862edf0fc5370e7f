import type { Config } from './config/config.ts';
import { once } from './once.ts';
import { createDirectory } from './registries/index.ts';

/** What the page shows besides the resolver's own registry; each is opened when somebody first looks. */
export const pageSources = (config: Config) => {
  const board = once(async () => (await import('./aws/ssm-board.ts')).ssmBoard(config.stack));
  const { AWS_LAMBDA_FUNCTION_NAME: own } = process.env;
  return {
    owner: config.owner,
    directories: once(() => Promise.all(config.registries.map((name) => createDirectory(name, config)))),
    summary: async (signal: AbortSignal) => (await board()).summary(signal),
    // The stack names its functions alike.
    ...(own?.endsWith('-resolve') && { admin: own.replace(/-resolve$/, '-admin') }),
  };
};
