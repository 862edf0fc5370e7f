import { readFile } from 'node:fs/promises';
import { createQueueWorker } from './aws/lambda.ts';
import { matches } from './aws/rule.ts';
import { type AwsServer, startAws } from './aws/server.ts';
import { createServiceDiscovery } from './aws/servicediscovery.ts';
import { createSqs } from './aws/sqs.ts';
import { startConsul } from './consul.ts';
import { replaceEnvironment, SIMULATED_ACCOUNT, type Variables } from './environment.ts';
import { startEureka } from './eureka.ts';
import { coldStart } from './functions.ts';
import { captureLog, type Line } from './log.ts';
import { type Account, createAccount } from './replay/account.ts';
import { parseRecording, type Recording } from './replay/recording.ts';
import { createReplayRender, type ReplayRender } from './replay/render.ts';
import { PATTERNS } from './rules.ts';
import { NAMESPACE } from './servers.ts';

export interface ReplayOptions {
  readonly file: string;
  /** The environment's own account and registries, read only. */
  readonly aws: boolean;
  readonly json: boolean;
}

/** Says what an event would do, and why. Returns the exit code: 1 where the event, or the configuration, is wrong. */
export const runReplay = async ({ file, aws, json }: ReplayOptions): Promise<number> => {
  let recording: Recording;
  try {
    recording = parseRecording(await readFile(file, 'utf8'));
  } catch (error) {
    console.error(`${file}: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
  const stage = aws ? againstAccount() : await againstSimulator(recording);
  for (const text of [...stage.said, ...ruleSays(recording.event)]) console.log(text);
  const render = createReplayRender();
  const end = captureLog((line) => {
    const text = json && 'json' in line ? JSON.stringify(line.json) : show(line, render);
    if (text !== undefined) process.stdout.write(`${text}\n`);
  });
  try {
    const handled = await deliver(recording.event);
    if (handled && !json && render.changes() === 0) process.stdout.write('Nothing would be written.\n');
    return handled ? 0 : 1;
  } finally {
    end();
    await stage.stop();
  }
};

const show = (line: Line, render: ReplayRender): string | undefined =>
  'text' in line ? line.text : render.line(line.json);

/** Through a queue and the event function, as on AWS. False: the function could not read it, or could not start. */
const deliver = async (event: unknown): Promise<boolean> => {
  const sqs = createSqs();
  const queue = sqs.createQueue('replay');
  const { onTaskEvent } = await coldStart();
  // What made the function fail it has said itself.
  const worker = createQueueWorker({ sqs, queueUrl: queue.name, handler: onTaskEvent, onError: () => {} });
  queue.send(JSON.stringify(event));
  await worker.drain();
  return queue.messages().length === 0;
};

const ruleSays = (event: unknown): string[] =>
  PATTERNS.some((pattern) => matches(pattern, event))
    ? []
    : ["The stack's rules do not pass this event on. What follows is what the function would make of it."];

interface Stage {
  readonly said: readonly string[];
  stop(): Promise<void>;
}

/** Nothing is written under observe; without a queue no look is sent, and without parameters nothing is kept. */
const READ_ONLY: Variables = { ROLLCALL_POLICY: 'observe' };
const WRITTEN_TO = [
  'ROLLCALL_QUEUE_URL',
  'ROLLCALL_RENEW_QUEUE_URL',
  'ROLLCALL_SUMMARY_PARAMETER',
  'ROLLCALL_RELEASE_PARAMETER',
];

const againstAccount = (): Stage => {
  for (const name of WRITTEN_TO) delete process.env[name];
  Object.assign(process.env, READ_ONLY);
  const owner = process.env['ROLLCALL_OWNER'];
  process.env['ROLLCALL_OWNER'] = owner || 'replay';
  return {
    said: [
      "Reading the account of the environment's credentials; nothing is written.",
      ...(owner ? [] : ['ROLLCALL_OWNER is not set, so no record there counts as ours.']),
    ],
    stop: async () => {},
  };
};

const againstSimulator = async (recording: Recording): Promise<Stage> => {
  const account: Account = createAccount(recording);
  const cloudmap = createServiceDiscovery();
  cloudmap.addNamespace(NAMESPACE, 'HTTP');
  const aws: AwsServer = await startAws([...account.services, cloudmap]);
  const [consul, eureka] = await Promise.all([startConsul(), startEureka()]);
  const restore = replaceEnvironment({
    ...SIMULATED_ACCOUNT,
    ...READ_ONLY,
    AWS_ENDPOINT_URL: aws.url,
    CONSUL_HTTP_ADDR: consul.url,
    EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: `${eureka.url}/`,
    ROLLCALL_REGISTRIES: 'cloudmap,consul,eureka',
    ROLLCALL_NAMESPACE: NAMESPACE,
    ROLLCALL_OWNER: 'replay',
  });
  return {
    said: [
      'Registries are taken to be empty, and nothing is written.',
      ...account.assumed.map((what) => `Assumed: ${what}.`),
    ],
    async stop() {
      await Promise.all([aws, consul, eureka].map((server) => server.stop()));
      restore();
    },
  };
};
