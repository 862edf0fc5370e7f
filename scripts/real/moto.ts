import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePorts } from './ports.ts';
import { startProcess, untilInterrupted } from './process.ts';
import { isUnavailable, type Unavailable } from './unavailable.ts';
import { venvPython } from './venv.ts';

const SERVER = resolve(import.meta.dirname, 'moto', 'server.py');

/** moto's own account; nothing changes it. */
export const MOTO_ACCOUNT = '123456789012';

export interface Moto {
  /**
   * By address, never `localhost`: with an address the SDK asks S3 for `/bucket`, not for a host
   * `bucket.localhost`.
   */
  readonly url: string;
  /** For a process that is to take moto for AWS: endpoint, region and credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Adds tasks in the shape of DescribeTasks; of a task that is there, changes the members given.
   */
  pushTasks(tasks: readonly PushedTask[]): Promise<void>;
  /** Lets tasks vanish, as ECS does an hour after they stopped. */
  forgetTasks(taskArns: readonly string[]): Promise<void>;
  /** How many things of which class every service holds: `{ 'sqs.Queue': 4 }`. */
  inventory(): Promise<Readonly<Record<string, number>>>;
  /** Empties every service. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A new one needs clusterArn, taskDefinitionArn, desiredStatus and lastStatus; times are seconds
 * since the epoch.
 */
export interface PushedTask {
  readonly taskArn: string;
  readonly [member: string]: unknown;
}

/**
 * The Python in whose environment moto lives, and botocore with AWS's service models. It is
 * installed once, which takes about a minute and 320 MB.
 */
export const motoPython = (): Promise<string | Unavailable> =>
  venvPython('moto-5.2.5', ['moto[server]==5.2.5', 'boto3==1.44.5', 'botocore==1.44.5']);

/** With the Python of `motoPython`. Resolves when it answers. */
export const startMoto = async (python: string): Promise<Moto> => {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const { stop } = await startProcess({
    command: python,
    args: [SERVER, String(port)],
    ready: async () => (await fetch(`${url}/moto-api/data.json`)).ok,
  });
  const control = (method: string, values: readonly unknown[]) =>
    send(`${url}/control/ecs/tasks`, { method, body: JSON.stringify(values) });
  return {
    url,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'moto',
      AWS_SECRET_ACCESS_KEY: 'moto',
    },
    pushTasks: (tasks) => control('POST', tasks),
    forgetTasks: (taskArns) => control('DELETE', taskArns),
    inventory: async () => JSON.parse(await (await fetch(`${url}/control/inventory`)).text()),
    reset: () => send(`${url}/moto-api/reset`, { method: 'POST' }),
    stop: () => stop(),
  };
};

const send = async (url: string, init: RequestInit): Promise<void> => {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`moto answered ${response.status} to ${init.method} ${url}`);
  await response.body?.cancel();
};

const show = async (): Promise<void> => {
  const python = await motoPython();
  if (isUnavailable(python)) {
    console.error(`moto cannot be had here: ${python.unavailable}`);
    process.exitCode = 1;
    return;
  }
  const moto = await startMoto(python);
  console.log(`moto answers at ${moto.url} until you press Ctrl-C. In another terminal:\n`);
  for (const [name, value] of Object.entries(moto.environment))
    console.log(`  export ${name}=${value}`);
  console.log(`\nIt takes tasks too: curl ${moto.url}/control/ecs/tasks -d '[{"taskArn": "…"}]'`);
  await untilInterrupted();
  await moto.stop();
};

if (import.meta.url === pathToFileURL(join(process.argv[1] ?? '')).href) await show();
