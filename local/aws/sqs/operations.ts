import { number, records, required, text, texts } from '../input.ts';
import { AwsFault } from '../service.ts';
import { type Message, md5, type Queue, type Received } from './queue.ts';

/** Seconds. */
const MAX_DELAY = 900;
const MAX_VISIBILITY = 43_200;
/** Bytes, of one message and of a whole batch. */
const MAX_SIZE = 1_048_576;

type Input = Readonly<Record<string, unknown>>;
export type Operation = (queue: Queue, input: Input) => Record<string, unknown>;

const invalid = (message: string) => new AwsFault('InvalidParameterValue', message);

const send: Operation = (queue, input) => {
  const body = required(input, 'MessageBody');
  const delay = number(input, 'DelaySeconds');
  if (Buffer.byteLength(body) > MAX_SIZE)
    throw invalid(
      `One or more parameters are invalid. Message must be shorter than ${MAX_SIZE} bytes.`,
    );
  if (delay !== undefined && (delay < 0 || delay > MAX_DELAY))
    throw invalid(
      `Value ${delay} for parameter DelaySeconds is invalid. Must be between 0 and ${MAX_DELAY}.`,
    );
  const message = queue.send(body, { delay, attributes: Object(input['MessageAttributes'] ?? {}) });
  return { MessageId: message.id, MD5OfMessageBody: md5(body) };
};

const remove: Operation = (queue, input) => {
  if (!queue.remove(required(input, 'ReceiptHandle')))
    throw new AwsFault('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
  return {};
};

const changeVisibility: Operation = (queue, input) => {
  const seconds = number(input, 'VisibilityTimeout') ?? -1;
  if (seconds < 0 || seconds > MAX_VISIBILITY)
    throw invalid(
      `Value ${seconds} for parameter VisibilityTimeout is invalid. Must be 0 to 43200.`,
    );
  const done = queue.hide(required(input, 'ReceiptHandle'), seconds);
  if (done === 'invalid handle')
    throw new AwsFault('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
  if (done === 'not in flight')
    throw new AwsFault(
      'MessageNotInflight',
      'The message is not in flight (or its handle is outdated).',
    );
  return {};
};

const receive: Operation = (queue, input) => {
  const max = number(input, 'MaxNumberOfMessages') ?? 1;
  if (max < 1 || max > 10)
    throw invalid(
      `Value ${max} for parameter MaxNumberOfMessages is invalid. Must be between 1 and 10.`,
    );
  const names = [...texts(input, 'MessageSystemAttributeNames'), ...texts(input, 'AttributeNames')];
  const messages = queue.receive(max, number(input, 'VisibilityTimeout'));
  // Real SQS, too, leaves the member out when there is nothing.
  return messages.length > 0
    ? { Messages: messages.map((message) => toReceived(message, names)) }
    : {};
};

const toReceived = (message: Received, names: readonly string[]) => ({
  MessageId: message.id,
  ReceiptHandle: message.receiptHandle,
  Body: message.body,
  MD5OfBody: md5(message.body),
  Attributes: Object.fromEntries(
    Object.entries(toSystemAttributes(message)).filter(
      ([name]) => names.includes('All') || names.includes(name),
    ),
  ),
  MessageAttributes: message.attributes,
});

/** As ReceiveMessage and Lambda's events show them: numbers as text. */
export const toSystemAttributes = (message: Message): Record<string, string> => ({
  ApproximateReceiveCount: String(message.receiveCount),
  SentTimestamp: String(message.sentAt),
  SenderId: 'AIDAROLLCALLLOCAL',
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? ''),
});

/** Runs one operation for each entry of a batch; an entry's fault becomes its own failure. */
const batch =
  (one: Operation): Operation =>
  (queue, input) => {
    const entries = records(input, 'Entries');
    checkBatch(entries);
    const Successful: Record<string, unknown>[] = [];
    const Failed: Record<string, unknown>[] = [];
    for (const entry of entries) {
      const Id = required(entry, 'Id');
      try {
        Successful.push({ Id, ...one(queue, entry) });
      } catch (error) {
        if (!(error instanceof AwsFault)) throw error;
        Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
      }
    }
    return { Successful, Failed };
  };

const checkBatch = (entries: readonly Input[]) => {
  if (entries.length === 0)
    throw new AwsFault('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > 10)
    throw new AwsFault(
      'TooManyEntriesInBatchRequest',
      'Maximum number of entries per request is 10.',
    );
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length)
    throw new AwsFault('BatchEntryIdsNotDistinct', 'Two or more batch entries have the same Id.');
  const size = entries.reduce(
    (sum, entry) => sum + Buffer.byteLength(text(entry, 'MessageBody') ?? ''),
    0,
  );
  if (size > MAX_SIZE)
    throw new AwsFault(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${MAX_SIZE} bytes.`,
    );
};

/** What needs no more than the queue itself. */
export const OPERATIONS: readonly (readonly [string, Operation])[] = [
  ['SendMessage', send],
  ['SendMessageBatch', batch(send)],
  ['ReceiveMessage', receive],
  ['DeleteMessage', remove],
  ['DeleteMessageBatch', batch(remove)],
  ['ChangeMessageVisibility', changeVisibility],
  ['ChangeMessageVisibilityBatch', batch(changeVisibility)],
];
