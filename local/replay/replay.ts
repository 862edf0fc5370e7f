import { createQueueWorker } from '../aws/lambda.ts';
import { matches } from '../aws/rule.ts';
import { createSqs } from '../aws/sqs.ts';
import { coldStart } from '../functions.ts';
import { captureLog } from '../log.ts';
import { patternsIn } from '../rules.ts';
import { placeOf, type Recording } from './recording.ts';
import { createReplayRender } from './render.ts';
import { againstAccount, againstSimulator } from './stage.ts';

export interface ReplayHow {
  /** The environment's own account and registries, read only. */
  readonly aws: boolean;
  /** The handlers' log lines as they are. */
  readonly json: boolean;
  readonly print: (text: string) => void;
}

/**
 * Says what an event would do, and why. False where the function could not read it, or could not
 * start: it has said why. One at a time in a process, whose environment it sets.
 */
export const replay = async (
  recording: Recording,
  { aws, json, print }: ReplayHow,
): Promise<boolean> => {
  const stage = aws ? await againstAccount(recording) : await againstSimulator(recording);
  for (const text of [...stage.said, ...ruleSays(recording)]) print(text);
  const render = createReplayRender();
  const end = captureLog((line) => {
    const text = json ? JSON.stringify(line) : render.line(line);
    if (text !== undefined) print(text);
  });
  try {
    const handled = await deliver(stage.event);
    if (handled && !json) print(render.changes() || 'Nothing would be written.');
    return handled;
  } finally {
    end();
    await stage.stop();
  }
};

/** Through a queue and the event function, as on AWS. */
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
