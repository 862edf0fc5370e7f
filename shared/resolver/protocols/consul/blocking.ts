import type { ResolverResponse } from '../../http/message.ts';
import type { Reader } from '../../lookup/request-reader.ts';
import { freshnessHeaders } from '../../pipeline/finalize.ts';
import type { Call } from '../../pipeline/router.ts';
import { NO_STORE, pathKey } from '../shared.ts';
import { parseIndex, parseWait } from './query.ts';

/** What says how to answer, and nothing of the answer itself. */
const IGNORED: ReadonlySet<string> = new Set([
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

/** Seconds to pause that an answer asks for which was not held: each that comes at once costs one more. */
const PAUSE = '1';

/** JSON with Consul's headers; held, where the client has it already, until it is another. */
export const blocking = async (
  { request, watch }: Call,
  read: (reader: Reader) => Promise<unknown>,
): Promise<ResolverResponse> => {
  const { body, index, freshness, busy } = await watch({
    key: pathKey(request, IGNORED),
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
      // While the registry answers nothing is late: consul-template else asks each time twice.
      'x-consul-lastcontact': String(freshness.stale ? Math.floor(freshness.age) : 0),
      ...freshnessHeaders(freshness),
      ...(busy && { 'retry-after': PAUSE }),
    },
    body,
  };
};
