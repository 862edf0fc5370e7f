import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { readConfig } from '../shared/config/load.ts';
import { createHandler } from '../shared/platform/lambda-handler.ts';
import { createLogger } from '../shared/platform/log.ts';
import { onceAtStart } from '../shared/platform/once.ts';
import { reach } from '../shared/platform/reach.ts';
import { createDirectory } from '../shared/registries/directories.ts';
import { resolveHandler } from '../shared/resolver/http-api.ts';
import { pageSources } from '../shared/resolver/page/sources.ts';
import { createResolver } from '../shared/resolver/resolver.ts';

const runtime = await onceAtStart(async () => {
  const config = await readConfig('reader');
  const directory = await createDirectory(config.resolve.from, config);
  const resolver = createResolver({
    config: config.resolve,
    directory,
    page: pageSources(config, directory),
    concurrency: concurrencyOf(process.env),
    logger: createLogger({ level: config.logLevel }),
    // Lambda writes three lines of its own for each invocation: a fourth says who asked.
    requestLevel: 'info',
  });
  // It counts nothing.
  return {
    answer: resolveHandler(resolver),
    flush: async () => {},
    check: async (signal: AbortSignal) => ({
      rollcall: 1,
      kind: 'check',
      reached: [
        await reach(config.resolve.from, () => directory.instances('rollcall-check', signal)),
      ],
    }),
  };
});

/**
 * 1, but for functions on managed instances, whose environments answer several requests at once.
 */
const concurrencyOf = ({ AWS_LAMBDA_MAX_CONCURRENCY: most }: NodeJS.ProcessEnv) =>
  /^[1-9]\d{0,4}$/.test(most ?? '') ? Number(most) : 1;

/** HTTP: answers clients that cannot read DNS SRV records. */
export const handler = createHandler(runtime, (event: APIGatewayProxyEventV2, { answer }) =>
  answer(event),
);
