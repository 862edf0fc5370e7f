import { readFile } from 'node:fs/promises';
import { createQueueWorker } from './aws/lambda.ts';
import { matches } from './aws/rule.ts';
import { createSqs } from './aws/sqs.ts';
import { coldStart } from './functions.ts';
import { captureLog } from './log.ts';
import { parseRecording, placeOf, type Recording } from './replay/recording.ts';
import { createReplayRender } from './replay/render.ts';
import { againstAccount, againstSimulator } from './replay/stage.ts';
import { patternsIn } from './rules.ts';

export interface ReplayOptions {
  readonly file: string;
  /** The environment's own account and registries, read only. */
  readonly aws: boolean;
  readonly json: boolean;
}

/**
 * Says what an event would do, and why. Returns the exit code: 1 where the event, or the
 * configuration, is wrong.
 */
export const runReplay = async ({ file, aws, json }: ReplayOptions): Promise<number> => {
  let recording: Recording;
  try {
    recording = parseRecording(await readFile(file, 'utf8'));
  } catch (error) {
    console.error(`${file}: ${inWords(error)}`);
    return 1;
  }
  const stage = aws ? await againstAccount(recording) : await againstSimulator(recording);
  for (const text of [...stage.said, ...ruleSays(recording)]) console.log(text);
  const render = createReplayRender();
  const end = captureLog((line) => {
    const text = json ? JSON.stringify(line) : render.line(line);
    if (text !== undefined) process.stdout.write(`${text}\n`);
  });
  try {
    const handled = await deliver(recording.event);
    if (handled && !json)
      process.stdout.write(`${render.changes() || 'Nothing would be written.'}\n`);
    return handled ? 0 : 1;
  } finally {
    end();
    await stage.stop();
  }
};

const inWords = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  return code === 'EISDIR' ? 'expected a file, got a directory' : error.message;
};

/**
 * Through a queue and the event function, as on AWS. False: the function could not read it, or
 * could not start.
 */
const deliver = async (event: unknown): Promise<boolean> => {
  const sqs = createSqs();
  const queue = sqs.createQueue('replay');
  const { onTaskEvent } = await coldStart();
  // What made the function fail it has said itself.
  const worker = createQueueWorker({
    sqs,
    queueUrl: queue.name,
    handler: onTaskEvent,
    onError: () => {},
  });
  queue.send(JSON.stringify(event));
  await worker.drain();
  return queue.messages().length === 0;
};

const ruleSays = (recording: Recording): string[] =>
  patternsIn(placeOf(recording)).some((pattern) => matches(pattern, recording.event))
    ? []
    : [
        "The stack's rules do not pass this event on. What follows is what the function would make of it.",
      ];
