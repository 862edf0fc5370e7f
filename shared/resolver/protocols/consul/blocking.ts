import { type Awaitable, andThen } from '../../../platform/awaitable.ts';
import { memoize } from '../../../platform/memoize.ts';
import { NO_STORE, type RequestTarget, type ResolverResponse } from '../../http/message.ts';
import type { Render } from '../../lookup/answers.ts';
import type { Freshness } from '../../lookup/request-reader.ts';
import type { RequestContext } from '../../route.ts';
import { answerKeys } from '../list.ts';
import { parseIndex, parseWait } from './query.ts';

/** Consul's blocking queries: a long poll by `index`, answered with Consul's headers. */

/** Query keys that do not change what is answered. */
const IGNORED_KEYS: ReadonlySet<string> = new Set([
  'index',
  'wait',
  'stale',
  'consistent',
  'cached',
  'token',
  'dc',
  'ns',
  'partition',
  'near',
  'pretty',
]);

/** Seconds that a client is asked to pause where no query is held. */
const PAUSE = { 'retry-after': '1' };

/** The headers that say what is read, and how far it can be relied on. */
const consulHeaders = (index: number, { age, stale }: Freshness) => ({
  ...NO_STORE,
  'x-consul-index': String(index),
  'x-consul-knownleader': String(!stale),
  // 0 while the registry can be read: on any other age, consul-template asks each time twice.
  'x-consul-lastcontact': String(stale ? Math.floor(age) : 0),
});

const answerKey = answerKeys((key) => IGNORED_KEYS.has(key));

/** What a target says of the wait. */
const waitIn = memoize(({ query }: RequestTarget) => ({
  index: parseIndex(query.get('index')),
  wait: parseWait(query.get('wait')),
}));

/** What is rendered, which is JSON. A client that has it already is held until there is another. */
export const blocking = (
  { request, longPoll, caller, reader }: RequestContext,
  render: Render,
): Awaitable<ResolverResponse> => {
  const { index: known, wait } = waitIn(request.target);
  const polled = longPoll({
    key: answerKey(request.target),
    index: known,
    wait,
    signal: request.signal,
    client: caller.name,
    render,
  });
  return andThen(polled, ({ body, index, freshness, busy }) => {
    reader.note(freshness);
    const headers = { ...consulHeaders(index, freshness), 'content-type': 'application/json' };
    return { status: 200, headers: busy ? { ...headers, ...PAUSE } : headers, body };
  });
};

/** Of a store that was never written to. */
const EMPTY_INDEX = 1;

/**
 * Any read of a key-value store that is empty and stays so. Without an index, or answered at once,
 * consul-template would never render, and Fabio ask without a pause.
 */
export const readEmptyStore = async ({
  request,
  holds,
  caller,
}: RequestContext): Promise<ResolverResponse> => {
  const { index, wait } = waitIn(request.target);
  const waits = index >= EMPTY_INDEX;
  const until = holds.deadline({ wait });
  if (waits && holds.isOpen)
    await holds.hold({ signal: request.signal, client: caller.name }, until, async () => ({
      value: undefined,
      isNew: false,
    }));
  return {
    status: 404,
    headers: {
      ...consulHeaders(EMPTY_INDEX, { age: 0, stale: false }),
      ...(waits && !holds.isOpen && PAUSE),
    },
    body: '',
  };
};
