import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { createDirectory } from '../../../../shared/registries/consul/directory.ts';
import { useVirtualTime } from '../../../support/use-virtual-time.ts';

useVirtualTime();

const live = () => new AbortController().signal;

/**
 * A server whose two lists have these indexes: one holds a query for as long as its index is not
 * above that of the query, but no longer than 30 ms.
 */
const serverOf = async (services: number, checks: number) => {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://consul');
    const [index, body] = pathname === '/v1/catalog/services' ? [services, '{}'] : [checks, '[]'];
    const held = index > Number(searchParams.get('index')) ? 0 : 30;
    setTimeout(() => response.setHeader('x-consul-index', index).end(body), held);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return createDirectory({ addresses: [`http://127.0.0.1:${Object(server.address()).port}`] });
};

it.each([
  ['services that come, go or are written anew', { services: 9, checks: 4, since: '7', next: '9' }],
  ['health alone', { services: 4, checks: 9, since: '7', next: '9' }],
  ['nothing', { services: 4, checks: 7, since: '7', next: '7' }],
  ['a server that begins again', { services: 2, checks: 3, since: '7', next: '3' }],
])('the whole of Consul tells of %s', async (_, { services, checks, since, next }) => {
  const directory = await serverOf(services, checks);
  expect(await directory.changed?.(undefined, since, live())).toBe(next);
});
