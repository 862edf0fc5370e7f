import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from './cache.ts';
import { startProcess } from './process.ts';
import { startRuntimeApi } from './runtime-api.ts';
import { type Unavailable, unavailable } from './unavailable.ts';

const run = promisify(execFile);
const VERSION = '4.0.2';
const PRELOAD = resolve(import.meta.dirname, 'ric', 'preload.mjs');

/**
 * AWS's runtime interface client for Node.js, what runs handlers in Lambda: one self-contained
 * file. It is fetched by npm and its configuration, once, and never installed: its install script
 * would compile.
 */
export const ricFile = async (): Promise<string | Unavailable> => {
  try {
    const home = await cachedFolder(`aws-lambda-ric-${VERSION}`, async (folder) => {
      await run('npm', ['pack', '--silent', `aws-lambda-ric@${VERSION}`], { cwd: folder });
      await run('tar', ['-xzf', `aws-lambda-ric-${VERSION}.tgz`], { cwd: folder });
    });
    return join(home, 'package', 'index.mjs');
  } catch (error) {
    return unavailable(`aws-lambda-ric cannot be fetched by npm: ${error}`);
  }
};

export interface FunctionOptions {
  /** What `ricFile` gave. */
  readonly ric: string;
  /** The unpacked zip. What the function writes goes to a file beside it. */
  readonly folder: string;
  /** As in the function's configuration: `.build/resolve/index.handler`. */
  readonly handler: string;
  readonly name: string;
  /** All that the function sees, apart from what Lambda itself sets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly region?: string;
}

export interface RunningFunction {
  /** As `RuntimeApi.invoke`: 30 s unless told otherwise. */
  invoke(event: unknown, timeout?: number): Promise<unknown>;
  /** All that it has written so far, the runtime's own lines included. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** The shell turns into the program, so that its id is the program's. */
const INTO_FILE = 'exec "$@" >"$0" 2>&1';

/**
 * Starts a deployed function in a process of its own, in which nothing of this environment is left.
 */
export const startFunction = async (options: FunctionOptions): Promise<RunningFunction> => {
  const { ric, folder, handler, name, environment, region = 'eu-central-1' } = options;
  const api = await startRuntimeApi(`arn:aws:lambda:${region}:123456789012:function:${name}`);
  const set: Readonly<Record<string, string>> = {
    ...environment,
    AWS_REGION: region,
    AWS_LAMBDA_RUNTIME_API: api.address,
    AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: handler,
  };
  const file = `${folder}.log`;
  const log = () => readFile(file, 'utf8');
  const variables = Object.entries(set).map(([key, value]) => `${key}=${value}`);
  try {
    const server = await startProcess({
      command: 'sh',
      args: [
        '-c',
        INTO_FILE,
        file,
        'env',
        '-i',
        ...variables,
        process.execPath,
        '--import',
        PRELOAD,
        ric,
      ],
      ready: async () => api.isIdle(),
    });
    return {
      invoke: api.invoke,
      log,
      stop: async () => {
        await server.stop('SIGKILL');
        await api.stop();
      },
    };
  } catch (error) {
    await api.stop();
    throw new Error(`${error}\n${await log()}`, { cause: error });
  }
};
