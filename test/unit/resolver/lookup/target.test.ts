import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapePath } from '../../../../shared/resolver/http/message.ts';
import { authorityOf, locationOf } from '../../../../shared/resolver/lookup/target.ts';
import { ask, over, target } from '../support.ts';

describe('locationOf', () => {
  it.each([
    ['', '', 'http://10.0.0.1:8080/'],
    ['a/b', 'x=1&y', 'http://10.0.0.1:8080/a/b?x=1&y'],
    ['a%2Fb%20c', 'q=%22a+b%22', 'http://10.0.0.1:8080/a%2Fb%20c?q=%22a+b%22'],
    ["a;b=1,2/(c)'!*~:@$&", 'f[0]=x/y?z', "http://10.0.0.1:8080/a;b=1,2/(c)'!*~:@$&?f[0]=x/y?z"],
  ])('keeps path %j and query %j as they came', (path, query, expected) => {
    expect(locationOf(target(), path, query)).toBe(expected);
  });

  it.each([
    ['a b', 'http://10.0.0.1:8080/a%20b'],
    ['é', 'http://10.0.0.1:8080/%C3%A9'],
    ['a?b#c', 'http://10.0.0.1:8080/a%3Fb%23c'],
    ['100%', 'http://10.0.0.1:8080/100%25'],
    ['\r\nSet-Cookie: x', 'http://10.0.0.1:8080/%0D%0ASet-Cookie:%20x'],
    ['\\evil', 'http://10.0.0.1:8080/%5Cevil'],
    ['/evil.example', 'http://10.0.0.1:8080//evil.example'],
    ['@evil.example', 'http://10.0.0.1:8080/@evil.example'],
    ['\ud800', 'http://10.0.0.1:8080/%EF%BF%BD'],
    ['\u212a\u017f', 'http://10.0.0.1:8080/%E2%84%AA%C5%BF'],
  ])('escapes what may not stand in a path: %j', (path, expected) => {
    expect(locationOf(target(), path, '')).toBe(expected);
  });

  it.each([
    [{ scheme: 'https' }, 'https:'],
    [{ secure: 'true' }, 'https:'],
    [{ secure: 'false' }, 'http:'],
    [{ scheme: 'javascript' }, 'http:'],
    [{}, 'http:'],
  ])('with metadata %j speaks %s', (metadata, protocol) => {
    expect(new URL(locationOf(target({ metadata }), '', '')).protocol).toBe(protocol);
  });

  it('leads to the target, whatever path and query', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.webPath(),
      fc.webQueryParameters(),
    );
    fc.assert(
      fc.property(text, text, (path, query) => {
        const location = locationOf(target(), path, query);
        const url = new URL(location);
        expect([url.origin, url.username, url.hash]).toEqual(['http://10.0.0.1:8080', '', '']);
        expect(location).toMatch(/^[!-~]+$/);
      }),
      { numRuns: 500 },
    );
  });

  it('escapes nothing a second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => {
        expect(escapePath(escapePath(path))).toBe(escapePath(path));
      }),
    );
  });
});

describe('authorityOf', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1:8080'],
    ['fd00::1', '[fd00::1]:8080'],
    ['ip-10-0-0-1.eu-central-1.compute.internal', 'ip-10-0-0-1.eu-central-1.compute.internal:8080'],
    ['host_1', 'host_1:8080'],
    ['localhost', 'localhost:8080'],
    ['1a', '1a:8080'],
  ])('takes %s', (address, expected) => {
    expect(authorityOf(target({ address }))).toBe(expected);
  });

  it.each([
    '',
    ' ',
    '127.1',
    '2130706433',
    '0x7f.1',
    'a.0x',
    '10.0.0.256',
    'fe80::1%eth0',
    '[::1]',
    'evil.example/x',
    'evil.example:80',
    'user@evil.example',
    'evil.example?',
    'evil.example#',
    'evil\\.example',
    'evil\r\n',
    '-a',
    'a-',
    'a..b',
    'bücher.example',
    'a'.repeat(254),
  ])('refuses %j', (address) => {
    expect(() => authorityOf(target({ address }))).toThrow('no valid address');
  });

  it.each([0, -1, 65_536, 1.5, Number.NaN])('refuses port %s', (port) => {
    expect(() => authorityOf(target({ port }))).toThrow('no valid port');
  });

  it('never names another host than the registry did', () => {
    const address = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.domain(),
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6(),
    );
    fc.assert(
      fc.property(address, (address) => {
        const one = target({ address });
        let authority: string;
        try {
          authority = authorityOf(one);
        } catch {
          return;
        }
        const { hostname, port } = new URL(`http://${authority}/`);
        const canonical = address.includes(':')
          ? new URL(`http://[${address}]/`).hostname
          : address.toLowerCase();
        expect([hostname, port]).toEqual([canonical, '8080']);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('/go, fuzzed', () => {
  it('answers every request line, and redirects nowhere but to the target', async () => {
    const resolver = over({ web: [target()] });
    const rest = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.webPath());
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'OPTIONS', 'X'),
        rest,
        async (method, text) => {
          const { status, headers } = await ask(resolver, `${method} /go/web/${text}`);
          expect([307, 400]).toContain(status);
          if (status === 307)
            expect(new URL(headers['location'] ?? '').origin).toBe('http://10.0.0.1:8080');
        },
      ),
      { numRuns: 500 },
    );
  });
});
