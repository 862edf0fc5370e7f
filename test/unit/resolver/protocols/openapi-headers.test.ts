import { describe, expect, it } from 'vitest';
import type { SentResponse } from '../../../../shared/resolver/http/message.ts';
import { toOpenApi } from '../../../../shared/resolver/protocols/openapi/document.ts';
import type { Route } from '../../../../shared/resolver/route.ts';
import { ROUTES } from '../../../../shared/resolver/routes.ts';
import { type Asking, CONTENT, requestFor } from '../asking.ts';
import { directoryOf, fakeClock, resolverOver, secret, target } from '../support.ts';

const paths = Object(toOpenApi(ROUTES, true)['paths']);

/**
 * How an answer is kept, shown and protected, and what HTTP has for its status, or had: Warning
 * says what X-Rollcall-Stale says.
 */
const NOT_DESCRIBED = new Set([
  ...['www-authenticate', 'warning'],
  ...['cache-control', 'content-type', 'vary', 'x-content-type-options', 'clear-site-data'],
  ...['content-security-policy', 'referrer-policy', 'x-frame-options'],
  ...['cross-origin-opener-policy', 'cross-origin-resource-policy'],
]);
const NOBODY = {
  name: 'sick',
  app: 'NONE',
  id: 'none',
  vip: 'none',
  node: 'none',
  state: 'none',
  path: '',
};
const ABSENT = { ...NOBODY, name: 'none' };
const UDP = { ...NOBODY, name: 'dns' };
const EVERYTHING = { ...CONTENT, sick: [target({ service: 'sick', healthy: false })] };

/** What a route answers in each case that there is. */
const everyAnswer = async (route: Route): Promise<readonly SentResponse[]> => {
  const { state, directory } = directoryOf(EVERYTHING);
  const clock = fakeClock();
  // Nobody is held: who would be is asked to pause.
  const resolver = resolverOver(directory, { now: clock.now, config: { wait: 0 } });
  const closed = resolverOver(directory, { config: { access: 'token', token: secret('t') } });
  const get = (asking?: Asking) => resolver(requestFor(route, asking));
  const inEachCase = async () => {
    const known = await get();
    const body = String(known.body);
    const { version_info } = body.startsWith('{') ? JSON.parse(body) : {};
    return [
      known,
      await get({
        headers: { 'if-none-match': known.headers['etag'] ?? '*' },
        body: { version_info },
      }),
      await get({ query: `?index=${known.headers['x-consul-index'] ?? 0}` }),
      ...(await Promise.all([NOBODY, ABSENT, UDP].map((values) => get({ values })))),
    ];
  };
  const fresh = await inEachCase();
  state.failure = new Error('down');
  clock.advance(90);
  const stale = await inEachCase();
  return [
    ...fresh,
    ...stale,
    await closed(requestFor(route)),
    await resolverOver(directory)(requestFor(route)),
  ];
};

describe('the headers of an answer', () => {
  it.each(ROUTES)('to $method $path are those that are described', async (route) => {
    const { responses } =
      paths[route.path.replace('+}', '}')][route.method === 'POST' ? 'post' : 'get'];
    const answers = Map.groupBy(await everyAnswer(route), ({ status }) => status);
    for (const [status, all] of answers) {
      const names = new Set(all.flatMap(({ headers }) => Object.keys(headers)));
      const sent = [...names].filter((name) => !NOT_DESCRIBED.has(name));
      const described = Object.keys(responses[status]?.headers ?? {});
      expect({ status, beyond: sent.filter((name) => !described.includes(name)) }).toEqual({
        status,
        beyond: [],
      });
      // A refusal or a failure may have no age.
      if (status < 400)
        expect({ status, sent: sent.sort() }).toEqual({ status, sent: described.sort() });
    }
  });
});
