import { readConfig } from '../shared/config/load.ts';
import { errorText } from '../shared/platform/error-text.ts';
import { createLogger } from '../shared/platform/log.ts';
import { createDirectory } from '../shared/registries/directories.ts';
import { pageSources } from '../shared/resolver/page/sources.ts';
import { createResolver } from '../shared/resolver/resolver.ts';
import { serve } from '../shared/resolver/server.ts';

/** Requests that one process answers at once; of these, blocking queries may hold their share. */
const CONCURRENCY = 10_000;
/** Milliseconds: less than the 30 s that ECS leaves between SIGTERM and SIGKILL. */
const STOP_WITHIN = 10_000;
const PORT = '8080';

/**
 * The resolver as one plain process, configured as the functions are. Stops on SIGTERM and SIGINT.
 */
const main = async () => {
  // Where it listens is this process's own: the functions' configuration knows no such settings,
  // and refuses them.
  const { ROLLCALL_PORT: given, ROLLCALL_HOST: host, ...environment } = process.env;
  const port = Number(given || PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`ROLLCALL_PORT: expected a port, got ${JSON.stringify(given)}`);
  const config = await readConfig('reader', environment);
  if (config.resolve.access === 'iam')
    throw new Error(
      'ROLLCALL_RESOLVE_ACCESS: expected token or open, got iam: it is API Gateway that checks signatures, and none stands before this process',
    );
  const logger = createLogger({ level: config.logLevel });
  const directory = await createDirectory(config.resolve.from, config);
  const resolver = createResolver({
    config: config.resolve,
    directory,
    page: pageSources(config, directory),
    concurrency: CONCURRENCY,
    followsChanges: true,
    logger,
  });
  const server = await serve(resolver, { port, ...(host && { host }) });
  const { from, access } = config.resolve;
  logger.info('listening', { host: host || 'all', port: server.port, from, access });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info(`stopping: ${signal}`);
      void server.stop(STOP_WITHIN).then(() => process.exit(0));
    });
  }
};

main().catch((error: unknown) => {
  createLogger().error('the resolver cannot start: docs/resolver-process.md has its settings', {
    error: errorText(error),
  });
  process.exitCode = 1;
});
