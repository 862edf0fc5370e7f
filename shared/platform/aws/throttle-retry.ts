/** Milliseconds between two calls of one kind while AWS throttles them. */
const SHORTEST = 25;
const LONGEST = 1_000;
/** Below this there is no need to wait. */
const NONE = 5;

interface Pace {
  /** Milliseconds from one call to the next; 0: as they come. */
  interval: number;
  /**
   * When the last one went, and when the interval was last made longer (milliseconds since the
   * epoch).
   */
  last: number;
  slowed: number;
  /** Ends when whoever came before has gone. */
  queue: Promise<void>;
}

interface Command {
  readonly constructor: unknown;
}

interface Client {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own `send` is overloaded for each of its commands.
  readonly send: (command: any, options: any) => Promise<any>;
}

/**
 * A client that waits throttling out: what is refused for its rate is asked again, at a pace that
 * AWS takes, until it is answered or its signal ends. The SDK alone gives up after three attempts,
 * and one of some hundred calls that gives up fails them all. Commands are paced apart, since AWS
 * counts them apart. For work that has a deadline of its own and nobody who waits: the event path
 * would rather look again later.
 */
export const withThrottleRetry = <C extends Client>(client: C): Pick<C, 'send'> => {
  const paces = new Map<unknown, Pace>();
  const send = async (command: Command, options: { readonly abortSignal?: AbortSignal } = {}) => {
    const pace = paces.get(command.constructor) ?? {
      interval: 0,
      last: 0,
      slowed: 0,
      queue: Promise.resolve(),
    };
    paces.set(command.constructor, pace);
    for (;;) {
      await turn(pace, options.abortSignal);
      const sent = Date.now();
      try {
        const answer: unknown = await client.send(command, options);
        pace.interval = pace.interval > NONE ? pace.interval * 0.9 : 0;
        return answer;
      } catch (error) {
        if (!isThrottled(error) || options.abortSignal?.aborted) throw error;
        slowDown(pace, sent);
      }
    }
  };
  // `send` is overloaded; what goes through unchanged keeps each overload's promise.
  return { send } as unknown as Pick<C, 'send'>;
};

/** Calls that were under way together are refused together: they count once. */
const slowDown = (pace: Pace, sent: number) => {
  if (sent < pace.slowed) return;
  pace.interval = Math.min(LONGEST, Math.max(SHORTEST, pace.interval * 2));
  pace.slowed = Date.now();
};

/**
 * One after the other, and each at the interval of its own moment: those that wait feel what those
 * before them met.
 */
const turn = (pace: Pace, signal: AbortSignal | undefined): Promise<void> => {
  const own = pace.queue.then(async () => {
    const left = pace.last + pace.interval - Date.now();
    if (left > 0) await pause(left, signal);
    pace.last = Date.now();
  });
  pace.queue = own.catch(() => {});
  return own;
};

/** Rejects with the signal's reason once it has ended. */
export const pause = (milliseconds: number, signal: AbortSignal | undefined) =>
  new Promise<void>((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, milliseconds);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end, { once: true });
  });

/** ECS, Cloud Map and the rest, EC2 and Discover*, and what some gateways before them say. */
const THROTTLED: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'RequestLimitExceeded',
  'Throttling',
  'TooManyRequestsException',
]);

/** AWS refuses for the rate alone: the same call succeeds later. */
export const isThrottled = (error: unknown) => error instanceof Error && THROTTLED.has(error.name);
