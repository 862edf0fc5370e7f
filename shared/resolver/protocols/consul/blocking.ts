import { NO_STORE, type ResolverResponse } from '../../http/message.ts';
import type { Render } from '../../lookup/answers.ts';
import { freshnessHeaders } from '../../pipeline/finalize.ts';
import type { RequestContext } from '../../route.ts';
import { answerKey } from '../list.ts';
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

/** What is rendered, which is JSON. A client that has it already is held until there is another. */
export const blocking = async (
  { request, longPoll }: RequestContext,
  render: Render,
): Promise<ResolverResponse> => {
  const { body, index, freshness, busy } = await longPoll({
    key: answerKey(request, (key) => IGNORED_KEYS.has(key)),
    index: parseIndex(request.query.get('index')),
    wait: parseWait(request.query.get('wait')),
    signal: request.signal,
    render,
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
