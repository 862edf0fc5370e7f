import { required, texts } from './input.ts';
import { AwsFault, type AwsService } from './service.ts';
import { OPERATIONS, type Operation } from './sqs/operations.ts';
import { createQueue, type Queue, type QueueOptions } from './sqs/queue.ts';

export interface Sqs extends AwsService {
  createQueue(name: string, options?: QueueOptions): Queue;
  queue(nameOrUrl: string): Queue | undefined;
  /** With the server's URL in front, since the SDK sends to where the queue's URL points. */
  queueUrl(name: string): string;
  now(): number;
}

export interface SqsOptions {
  readonly now?: () => number;
  /** The server's URL, asked when a queue's URL is; services exist before their server. */
  readonly origin?: () => string;
  readonly account?: string;
  readonly region?: string;
}

/**
 * SQS's standard queues. Long polling answers at once, and the MD5 of message attributes is not
 * computed (the SDK checks only the body's).
 */
export const createSqs = (options: SqsOptions = {}): Sqs => {
  const { now = Date.now, origin = () => 'http://127.0.0.1', account = '111122223333' } = options;
  const region = options.region ?? 'eu-central-1';
  const queues = new Map<string, Queue>();
  const queue = (nameOrUrl: string) => queues.get(nameOrUrl.slice(nameOrUrl.lastIndexOf('/') + 1));
  const queueUrl = (name: string) => `${origin()}/${account}/${name}`;
  const toArn = (name: string) => `arn:aws:sqs:${region}:${account}:${name}`;

  const find = (nameOrUrl: string): Queue => {
    const found = queue(nameOrUrl);
    if (!found) throw new AwsFault('QueueDoesNotExist', 'The specified queue does not exist.');
    return found;
  };
  const getAttributes: Operation = (found, input) => {
    const all = toAttributes(found, { now: now(), toArn });
    const names = texts(input, 'AttributeNames');
    const wanted = Object.entries(all).filter(
      ([name]) => names.includes('All') || names.includes(name),
    );
    return { Attributes: Object.fromEntries(wanted) };
  };
  const operations = new Map<string, Operation>([
    ...OPERATIONS,
    ['GetQueueAttributes', getAttributes],
  ]);

  return {
    target: 'AmazonSQS',
    now,
    queue,
    queueUrl,
    createQueue(name, queueOptions = {}) {
      const created = createQueue(name, queueOptions, now);
      queues.set(name, created);
      return created;
    },
    async handle(operation, input) {
      if (operation === 'GetQueueUrl')
        return { QueueUrl: queueUrl(find(required(input, 'QueueName')).name) };
      const act = operations.get(operation);
      if (!act)
        throw new AwsFault('UnknownOperationException', `SQS ${operation} is not simulated.`);
      return act(find(required(input, 'QueueUrl')), input);
    },
  };
};

const toAttributes = (queue: Queue, at: { now: number; toArn: (name: string) => string }) => {
  const { visibilityTimeout = 30, delay = 0, redrive } = queue.options;
  const messages = queue.messages();
  const visible = messages.filter(({ visibleAt }) => visibleAt <= at.now).length;
  const delayed = messages.filter(
    (each) => each.visibleAt > at.now && each.receiveCount === 0,
  ).length;
  return {
    QueueArn: at.toArn(queue.name),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(messages.length - visible - delayed),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(visibilityTimeout),
    DelaySeconds: String(delay),
    ...(redrive && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: at.toArn(redrive.deadLetter.name),
        maxReceiveCount: redrive.maxReceiveCount,
      }),
    }),
  };
};
