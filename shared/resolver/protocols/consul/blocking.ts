import { NO_STORE, type ResolverRequest, type ResolverResponse } from '../../http/message.ts';
import type { RequestReader } from '../../lookup/request-reader.ts';
import { freshnessHeaders } from '../../pipeline/finalize.ts';
import type { RequestContext } from '../../route.ts';
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

/** Seconds that a client is asked to pause whose query could not be held. */
const PAUSE = '1';

/** What `read` gives, as JSON. A client that has it already is held until there is another. */
export const blocking = async (
  { request, longPoll }: RequestContext,
  read: (reader: RequestReader) => Promise<unknown>,
): Promise<ResolverResponse> => {
  const { body, index, freshness, busy } = await longPoll({
    key: answerKey(request),
    index: parseIndex(request.query.get('index')),
    wait: parseWait(request.query.get('wait')),
    signal: request.signal,
    read: async (reader) => JSON.stringify(await read(reader)),
  });
  return {
    status: 200,
    headers: {
      ...NO_STORE,
      'content-type': 'application/json',
      'x-consul-index': String(index),
      'x-consul-knownleader': String(!freshness.stale),
      // 0 while the registry can be read: on any other age, consul-template asks each time twice.
      'x-consul-lastcontact': String(freshness.stale ? Math.floor(freshness.age) : 0),
      ...freshnessHeaders(freshness),
      ...(busy && { 'retry-after': PAUSE }),
    },
    body,
  };
};

/** Requests with the same key get the same answer. */
const answerKey = ({ path, query }: ResolverRequest): string => {
  const counted = [...query].filter(([key]) => !IGNORED_KEYS.has(key));
  return `${path}?${new URLSearchParams(counted.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
};
