import { describe, expect, it } from 'vitest';
import { toRequest } from '../../../shared/resolver/http/message.ts';
import { target as aTarget, directoryOf, fakeClock, resolverOver, secret } from './support.ts';

const PATHS = [
  '/services',
  '/services/web',
  '/resolve/web',
  '/go/web/',
  '/prometheus/sd',
  '/v1/catalog/services',
  '/v1/catalog/service/web',
  '/v1/health/service/web?passing',
  '/v1/health/service/web?index=1&wait=1s',
  '/eureka/apps',
  '/eureka/apps/web',
];
const TOKEN = 'a-token';
const TARGETS = { web: Array.from({ length: 50 }, (_, at) => aTarget({ id: `web-${at}` })) };

describe.each(['iam', 'token'] as const)('with access by %s', (access) => {
  const resolver = resolverOver(directoryOf(TARGETS).directory, {
    now: fakeClock().now,
    random: () => 0,
    config: { access, ...(access === 'token' && { token: secret(TOKEN) }) },
  });
  const headers = { 'x-consul-token': TOKEN, 'accept-encoding': 'gzip' };

  it.each(PATHS)('%s waits for nothing, once it was asked for', async (target) => {
    const ask = () => resolver(toRequest({ method: 'GET', target, headers }));
    const first = await ask();
    const again = ask();
    expect(again).not.toBeInstanceOf(Promise);
    expect(await again).toStrictEqual(first);
  });

  it.each([
    ['/resolve/other', 404],
    ['/nowhere', 404],
    ['/services?limit=x', 400],
  ])('%s is refused with %i without a wait', async (target, status) => {
    const ask = () => resolver(toRequest({ method: 'GET', target, headers }));
    await ask();
    const again = ask();
    expect(again).not.toBeInstanceOf(Promise);
    expect(await again).toMatchObject({ status });
  });
});
