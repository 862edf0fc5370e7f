import type { Config } from '../../config/config.ts';
import { once } from '../../platform/once.ts';
import { createDirectory } from '../../registries/index.ts';

/** What the page shows besides the resolver's own registry; each is opened when somebody first looks. */
export const pageSources = (config: Config) => {
  const reader = once(async () =>
    (await import('../../source/summary.ts')).summaryReader(config.stack.summaryParameter),
  );
  return {
    owner: config.owner,
    directories: once(() => Promise.all(config.registries.map((name) => createDirectory(name, config)))),
    summary: async (signal: AbortSignal) => (await reader())(signal),
    // The local run knows its address later than its settings.
    get admin() {
      return adminIn(process.env);
    },
  };
};

/** How `admin` is reached from a shell; nothing where only the stack's outputs say it. */
const adminIn = ({
  AWS_LAMBDA_FUNCTION_NAME: own,
  AWS_REGION: region,
  LOCAL_ADMIN_URL: url,
}: NodeJS.ProcessEnv) => {
  if (url) return { url };
  // The stack names its functions alike.
  return own?.endsWith('-resolve') && region
    ? { name: own.replace(/-resolve$/, '-admin'), region }
    : undefined;
};
