import { describe, expect, it } from 'vitest';
import { ask, over, target } from '../support.ts';

const MANY = over({ web: Array.from({ length: 50 }, (_, at) => target({ id: `i-${at}` })) });
const get = (accept: string | undefined, path = '/services/web') =>
  ask(MANY, `GET ${path}`, accept === undefined ? {} : { 'accept-encoding': accept });

describe('an answer', () => {
  it.each([
    'gzip',
    'deflate, gzip;q=0.5',
    'GZIP',
    'br,gzip',
    '*',
    'gzip;q=1.0, identity; q=0.5',
    'x-gzip',
  ])('is compressed for %s', async (accept) => {
    const { headers, body } = await get(accept);
    expect([headers['content-encoding'], body]).toEqual(['gzip', (await get(undefined)).body]);
  });

  it.each([undefined, '', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.000, br', 'notgzip', 'gzipped'])(
    'is left as it is for %s',
    async (accept) => {
      const { headers } = await get(accept);
      expect(headers).not.toHaveProperty('content-encoding');
      expect(headers['vary']).toBe('accept-encoding');
    },
  );

  it('is left as it is where it is small', async () => {
    const { headers } = await get('gzip', '/services');
    expect(headers).not.toHaveProperty('content-encoding');
    expect(headers).not.toHaveProperty('vary');
  });

  it('is not compressed for HEAD, which does not send it', async () => {
    const { status, headers, body } = await ask(MANY, 'HEAD /services/web', {
      'accept-encoding': 'gzip',
    });
    expect([status, body]).toEqual([200, '']);
    expect(headers).toHaveProperty('etag');
    expect(headers).not.toHaveProperty('content-encoding');
  });

  it.each(['GET', 'HEAD'])(
    'varies by what is accepted where its body is left out: %s',
    async (method) => {
      const { headers } = await get('gzip');
      const again = await ask(MANY, `${method} /services/web`, {
        'accept-encoding': 'gzip',
        'if-none-match': headers['etag'] ?? '',
      });
      expect([again.status, again.headers['vary']]).toEqual([304, headers['vary']]);
    },
  );

  it('has one ETag, compressed or not', async () => {
    const [plain, packed] = await Promise.all([get(undefined), get('gzip')]);
    expect(packed.headers['etag']).toBe(plain.headers['etag']);
  });
});
