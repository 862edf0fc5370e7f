import type { Route, Schema } from '../../route.ts';

const header = (description: string, schema: Schema) => ({ description, schema });
const text = { type: 'string' };
const count = { type: 'integer' };

const LOCATION = { location: header('Where to go on.', text) };
const ETAG = { etag: header('For If-None-Match.', text) };
const RETRY_AFTER = { 'retry-after': header('Seconds to wait.', count) };
/** Of every answer that was read from the registry. */
const FRESHNESS = {
  age: header('Seconds since the registry was read.', count),
  'x-rollcall-stale': header('The registry cannot be read: this is what it said last.', text),
};
const BLOCKING_HEADERS = {
  ...RETRY_AFTER,
  'x-consul-index': header('For `index`; rises when the answer changes.', count),
  'x-consul-knownleader': header('false: it is stale.', { type: 'boolean' }),
  'x-consul-lastcontact': header('Milliseconds: the age of what is stale, else 0.', count),
};

/**
 * The headers that may come with an answer, told from what the route does. Left out are those that
 * HTTP itself has for a status, and those about keeping, showing and protecting an answer.
 */
export const headersOf = (
  { method, parameters = [], responses, access }: Route,
  status: number,
) => {
  // What is public tells nothing of what was read.
  const reads = responses[503] && responses[status] && status !== 400 && access !== 'public';
  const isHeld = parameters.some(({ name }) => name === 'index');
  return {
    ...(status > 300 && status < 400 && status !== 304 && LOCATION),
    ...(status < 400 && method === 'GET' && responses[304] && ETAG),
    ...(isHeld && (status === 200 || responses[status]?.isEmpty) && BLOCKING_HEADERS),
    ...((status === 503 || status === 429) && RETRY_AFTER),
    ...(reads && FRESHNESS),
  };
};
