import { createHash, randomUUID } from 'node:crypto';

export interface QueueOptions {
  /** Seconds a received message stays hidden; SQS's default is 30. */
  readonly visibilityTimeout?: number;
  /** Seconds each message waits unless it says otherwise. */
  readonly delay?: number;
  /** After so many receives without deletion a message goes to the dead-letter queue. */
  readonly redrive?: { readonly deadLetter: Queue; readonly maxReceiveCount: number };
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly sentAt: number;
  /** Milliseconds since the epoch; before it the message is delayed or in flight. */
  readonly visibleAt: number;
  readonly receiveCount: number;
  readonly firstReceivedAt?: number;
}

export interface Received extends Message {
  readonly receiptHandle: string;
}

export interface Queue {
  readonly name: string;
  readonly options: QueueOptions;
  send(
    body: string,
    how?: { delay?: number | undefined; attributes?: Message['attributes'] },
  ): Message;
  /** At most `max` visible messages, oldest first; each is hidden for `hide` seconds. */
  receive(max: number, hide?: number): readonly Received[];
  /**
   * False where the handle is not one of this queue. An outdated handle deletes nothing, and is no
   * error.
   */
  remove(receiptHandle: string): boolean;
  /** Hides (or, with 0, shows) a message in flight. */
  hide(receiptHandle: string, seconds: number): 'hidden' | 'invalid handle' | 'not in flight';
  /** Everything in the queue, whether visible or not. */
  messages(): readonly Message[];
  /** When the next message turns visible; undefined when the queue is empty. */
  nextVisibleAt(): number | undefined;
}

/** A standard queue. Time stands still unless the clock moves: nothing in here waits. */
export const createQueue = (name: string, options: QueueOptions, now: () => number): Queue => {
  let messages: Message[] = [];

  const replace = (old: Message, next?: Message) => {
    messages = messages.flatMap((message) => (message !== old ? message : (next ?? [])));
  };
  /** Handles name message and receive, so that the handle of an earlier receive is told apart. */
  const find = (handle: string) => {
    const [queue, id, receive] = Buffer.from(handle, 'base64url').toString().split(' ');
    if (queue !== name) return undefined;
    const message = messages.find((each) => each.id === id);
    return { message, current: String(message?.receiveCount) === receive };
  };
  const receiveOne = (message: Message, hidden: number): Received[] => {
    const { redrive } = options;
    if (redrive && message.receiveCount >= redrive.maxReceiveCount) {
      replace(message);
      redrive.deadLetter.send(message.body, { attributes: message.attributes });
      return [];
    }
    const received = {
      ...message,
      receiveCount: message.receiveCount + 1,
      firstReceivedAt: message.firstReceivedAt ?? now(),
      visibleAt: now() + hidden * 1000,
    };
    replace(message, received);
    const handle = Buffer.from(`${name} ${message.id} ${received.receiveCount}`).toString(
      'base64url',
    );
    return [{ ...received, receiptHandle: handle }];
  };

  return {
    name,
    options,
    send(body, { delay = options.delay ?? 0, attributes = {} } = {}) {
      const sentAt = now();
      const message: Message = {
        id: randomUUID(),
        body,
        attributes,
        sentAt,
        visibleAt: sentAt + delay * 1000,
        receiveCount: 0,
      };
      messages = [...messages, message];
      return message;
    },
    receive(max, hide = options.visibilityTimeout ?? 30) {
      const received: Received[] = [];
      for (const message of messages) {
        if (received.length === max) break;
        if (message.visibleAt <= now()) received.push(...receiveOne(message, hide));
      }
      return received;
    },
    remove(handle) {
      const found = find(handle);
      if (found?.message && found.current) replace(found.message);
      return found !== undefined;
    },
    hide(handle, seconds) {
      const found = find(handle);
      if (!found) return 'invalid handle';
      if (!found.message || !found.current || found.message.visibleAt <= now())
        return 'not in flight';
      replace(found.message, { ...found.message, visibleAt: now() + seconds * 1000 });
      return 'hidden';
    },
    messages: () => messages,
    nextVisibleAt: () =>
      messages.length > 0 ? Math.min(...messages.map(({ visibleAt }) => visibleAt)) : undefined,
  };
};

export const md5 = (body: string) => createHash('md5').update(body).digest('hex');
