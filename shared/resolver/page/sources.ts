import type { Config } from '../../config/config.ts';
import { adminIn } from '../../platform/admin.ts';
import { once } from '../../platform/once.ts';
import { createDirectory } from '../../registries/directories.ts';
import type { HistoryReader } from '../../source/history.ts';

type Directory = Awaited<ReturnType<typeof createDirectory>>;

/**
 * The page's sources from the configuration, each opened when somebody first opens the page. `own`
 * is the registry that is read for clients. The only file here that may import the registries'
 * index and shared/source.
 */
export const pageSources = (config: Config, own: Directory) => {
  const summaryOf = once(async () =>
    (await import('../../source/summary.ts')).summaryReader(config.stack.summaryParameter),
  );
  return {
    owner: config.owner,
    stage: config.stack.stage,
    region: process.env['AWS_REGION'],
    // npm sets it for its scripts, and the bundle has it filled in.
    version: process.env['npm_package_version'],
    directories: once(() =>
      Promise.all(
        config.registries.map((name) => (name === own.name ? own : createDirectory(name, config))),
      ),
    ),
    summary: async (signal: AbortSignal) => (await summaryOf())(signal),
    historyOf: historyIn(config),
    // Read late: the local run sets the address after the configuration was loaded.
    get admin() {
      return adminIn(process.env);
    },
  };
};

/** Undefined where the page may not ask for it. */
const historyIn = ({ stack: { inspectFunction } }: Config): HistoryReader | undefined => {
  if (!inspectFunction) return undefined;
  const reader = once(async () =>
    (await import('../../source/history.ts')).historyReader(inspectFunction),
  );
  return async (service, signal) => (await reader())(service, signal);
};
