import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { takeDown } from '../../local/outage.ts';
import { httpApiEvent } from '../support/http-api-event.ts';
import { container, type Flow, startFlow } from './stage.ts';

/** Each test says what the attacker holds, and what comes of it. docs/security.md lists them. */

const METADATA_SERVICE = '169.254.169.254';
/** As deployed: the local run alone allows loopback. */
const DEPLOYED = { ROLLCALL_LOOPBACK: 'refuse', ROLLCALL_RESOLVE_TTL: '0' };

const get = async ({ stack }: Flow, path: string, headers: Record<string, string> = {}) => {
  const [rawPath = '', rawQueryString = ''] = path.split('?');
  const {
    statusCode,
    headers: answered,
    body = '',
  } = await stack.resolve(httpApiEvent('GET', rawPath, { rawQueryString, headers }));
  return { status: statusCode, location: answered?.['location'], body };
};

/** Every protocol that tells where instances are. */
const EVERYWHERE = [
  '/services/evil',
  '/resolve/evil',
  '/go/evil/latest/meta-data/',
  '/prometheus/sd',
  '/v1/catalog/service/evil',
  '/v1/health/service/evil',
  '/v1/catalog/nodes',
  '/v1/health/state/any',
  '/eureka/apps',
  '/eureka/apps/EVIL',
  '/eureka/vips/evil',
];

const expectNowhere = async (flow: Flow, what: string) => {
  for (const path of EVERYWHERE) {
    const { location, body } = await get(flow, path, { accept: 'application/json' });
    expect([path, location, body]).toEqual([path, undefined, expect.not.stringContaining(what)]);
  }
  const page = await get(flow, '/', { accept: 'text/html' });
  expect(page.body).toContain('not given to clients');
};

describe('who may write one record in a registry', () => {
  const registerInConsul = (flow: Flow, address: string, meta = {}) =>
    fetch(`${flow.stack.consul?.url}/v1/catalog/register`, {
      method: 'PUT',
      body: JSON.stringify({
        Node: 'evil',
        Address: '10.0.0.66',
        Service: { ID: 'evil', Service: 'evil', Address: address, Port: 80, Meta: meta },
      }),
    });

  it.each([
    [METADATA_SERVICE],
    ['::ffff:169.254.169.254'],
    ['64:ff9b::a9fe:a9fe'],
    ['2002:a9fe:a9fe::'],
    ['0xa9.0xfe.0xa9.0xfe'],
    ['127.0.0.1'],
    ['localhost'],
    ['[::1]'],
    ['0.0.0.0'],
    ['fd00:ec2::254'],
  ])('sends nobody to its own host by way of Consul: %s', async (address) => {
    const flow = await startFlow({
      environment: { ...DEPLOYED, ROLLCALL_RESOLVE_FROM: 'consul' },
    });
    await registerInConsul(flow, address);
    await expectNowhere(flow, address);
  });

  it.each([
    ['eureka_ipaddr', METADATA_SERVICE],
    ['eureka_healthcheckurl', `http://${METADATA_SERVICE}/latest/meta-data/`],
  ])('sends no client of Eureka there by metadata in Consul: %s', async (key, value) => {
    const flow = await startFlow({
      environment: { ...DEPLOYED, ROLLCALL_RESOLVE_FROM: 'consul' },
    });
    await registerInConsul(flow, '10.0.0.66', { [key]: value });
    await expectNowhere(flow, METADATA_SERVICE);
  });

  it('sends nobody to its own host by way of Eureka', async () => {
    const flow = await startFlow({
      environment: { ...DEPLOYED, ROLLCALL_RESOLVE_FROM: 'eureka' },
    });
    await fetch(`${flow.stack.eureka?.url}/apps/EVIL`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        instance: {
          instanceId: 'evil',
          app: 'EVIL',
          hostName: METADATA_SERVICE,
          ipAddr: METADATA_SERVICE,
          status: 'UP',
          port: { $: 80, '@enabled': 'true' },
          vipAddress: 'evil',
          dataCenterInfo: {
            '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
            name: 'MyOwn',
          },
        },
      }),
    });
    await expectNowhere(flow, METADATA_SERVICE);
  });

  it('sends nobody outside of the networks that are allowed, nor to a name', async () => {
    const flow = await startFlow({
      environment: {
        ...DEPLOYED,
        ROLLCALL_RESOLVE_FROM: 'consul',
        ROLLCALL_RESOLVE_CIDRS: '10.0.0.0/8',
      },
    });
    await registerInConsul(flow, '203.0.113.66');
    await expectNowhere(flow, '203.0.113.66');
    await registerInConsul(flow, 'attacker.example');
    await expectNowhere(flow, 'attacker.example');
    await registerInConsul(flow, '10.9.9.9');
    expect((await get(flow, '/go/evil/')).location).toBe('http://10.9.9.9:80/');
  });
});

describe('who may register a task definition', () => {
  it('sends no client of Eureka to its own host by a label', async () => {
    const flow = await startFlow({ environment: DEPLOYED });
    flow.run({
      family: 'evil',
      containerDefinitions: [
        container({
          dockerLabels: {
            SERVICE_EUREKA_IPADDR: METADATA_SERVICE,
            SERVICE_EUREKA_HEALTHCHECKURL: `http://${METADATA_SERVICE}/`,
          },
        }),
      ],
    });
    await flow.settle();
    const { eureka, consul } = flow.stack;
    const apps = await fetch(`${eureka?.url}/apps`, { headers: { accept: 'application/json' } });
    expect(await apps.text()).toMatch(/^(?!.*169\.254).*evil/is);
    const services = await fetch(`${consul?.url}/v1/health/service/evil`);
    expect(await services.text()).toMatch(/^(?!.*169\.254).*evil/is);
  });
});

/** Until the test is over. */
const serve = async (answer: RequestListener): Promise<string> => {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

describe('who answers in place of Consul or Eureka', () => {
  const MB = 2 ** 20;
  const ANSWERS: readonly (readonly [string, RequestListener])[] = [
    [
      'without end',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = () => response.write(Buffer.alloc(MB, ' ')) || response.once('drain', more);
        response.on('drain', more);
        more();
      },
    ],
    ['with 10 MB of brackets', (_, response) => response.end('['.repeat(10 * MB))],
    ['with nothing', (_, response) => response.end()],
    ['with a page', (_, response) => response.end('<html><script>alert(1)</script>')],
    [
      'with a way to the metadata service',
      (_, response) =>
        response.writeHead(302, { location: `http://${METADATA_SERVICE}/latest/meta-data/` }).end(),
    ],
    ['with the wrong JSON', (_, response) => response.end('{"applications":7,"x":[[[[]]]]}')],
    ['with what is not UTF-8', (_, response) => response.end(Buffer.from([0x5b, 0xff, 0xfe]))],
  ];

  it.each(ANSWERS)('%s stops neither a round nor the other registries', async (_, answer) => {
    const url = await serve(answer);
    const flow = await startFlow({
      environment: {
        ...DEPLOYED,
        CONSUL_HTTP_ADDR: url,
        EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: `${url}/eureka/`,
      },
    });
    flow.run();
    const summary = await flow.stack.reconcile.invoke();
    expect(summary?.registries.consul?.unknown ?? summary?.failures.join()).toMatch(/consul/i);
    expect(
      (await flow.places().catch(() => flow.stack)) && summary?.registries.cloudmap?.written,
    ).toBe(1);
    for (const path of ['/services', '/resolve/web']) {
      const { status } = await get(flow, path);
      expect([200, 503]).toContain(status);
    }
    const page = await get(flow, '/', { accept: 'text/html' });
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('cannot be read')]);
  });

  it('and sends back what it was sent, reads no secret of ours in our log', async () => {
    const url = await serve((request, response) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(JSON.stringify(request.headers));
    });
    const flow = await startFlow({
      environment: {
        ...DEPLOYED,
        CONSUL_HTTP_ADDR: url,
        CONSUL_HTTP_TOKEN: 'canary-token',
        EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: `${url.replace('://', '://user:canary-password@')}/`,
      },
    });
    flow.run();
    await flow.settle();
    const summary = await flow.stack.reconcile.invoke();
    const basic = Buffer.from('user:canary-password').toString('base64');
    expect(JSON.stringify([flow.lines, summary])).not.toMatch(/canary/);
    expect(JSON.stringify([flow.lines, summary])).not.toContain(basic);
    expect(JSON.stringify(flow.lines)).toContain('[secret]');
  });
});

describe('who reads all that Rollcall shows', () => {
  const CANARY = /canary|Y2FuYXJ5|dTpjYW5hcnk/;
  const PEM = '-----BEGIN CERTIFICATE-----\ncanary-certificate\n-----END CERTIFICATE-----';
  const TOKENS = JSON.stringify({ fabio: 'canary-fabio', prometheus: 'canary-prometheus' });

  it('finds no secret in any log line, page, problem, summary or answer', async () => {
    const flow = await startFlow({
      environment: {
        ...DEPLOYED,
        CONSUL_HTTP_TOKEN: 'canary-consul',
        ROLLCALL_RESOLVE_CONSUL_TOKEN: 'canary-consul-read',
        CONSUL_CACERT: PEM,
        CONSUL_CLIENT_CERT: PEM,
        CONSUL_CLIENT_KEY: PEM,
        ROLLCALL_RESOLVE_ACCESS: 'token',
        ROLLCALL_RESOLVE_TOKEN: TOKENS,
        ROLLCALL_RESOLVE_ORIGIN_SECRET: 'canary-origin',
        ROLLCALL_LOG_LEVEL: 'debug',
      },
    });
    const { stack } = flow;
    const seen: string[] = [];
    const origin = { 'x-rollcall-origin': 'canary-origin' };
    const asked = async (path: string, headers: Record<string, string> = {}) => {
      const { status, location = '', body } = await get(flow, path, { ...origin, ...headers });
      seen.push(String(location), body);
      return status;
    };
    const askAll = async () => {
      const token = { 'x-consul-token': 'canary-fabio', accept: 'application/json' };
      for (const path of [...EVERYWHERE, '/', '/services', '/metrics', '/openapi.json', '/ready'])
        await asked(path.replaceAll('evil', 'web'), token);
      await asked('/', { authorization: 'Bearer canary-fabio', accept: 'text/html' });
      await asked('/v1/health/service/web?token=canary-fabio');
      // In every wrong place, and wrong ones.
      for (const path of [
        '/services/canary-fabio',
        '/canary-fabio',
        '/services?token=canary-fabio',
        '/go/web/?token=canary-fabio',
        '/v1/health/service/web?token=canary-wrong',
        '/login?token=canary-fabio',
        '/?token=canary-fabio',
      ])
        expect([path, await asked(path)]).toEqual([path, expect.toBeOneOf([401, 303])]);
      await asked('/services', { authorization: 'canary-fabio' });
      await asked('/services', { cookie: '__Host-rollcall=canary-fabio' });
    };
    const rounds = async () => {
      flow.run();
      await flow.settle();
      seen.push(JSON.stringify(await stack.reconcile.invoke()));
      await stack.renew.invoke().catch((error) => seen.push(String(error)));
      for (const command of ['plan', 'parity', 'explain', 'nonsense'])
        await stack.inspect({ command, task: 'x' }).then(
          (answer) => seen.push(JSON.stringify(answer)),
          (error) => seen.push(String(error)),
        );
      await stack.operate({ command: 'purge', dryRun: true }).then(
        (answer) => seen.push(JSON.stringify(answer)),
        (error) => seen.push(String(error)),
      );
    };
    await rounds();
    await askAll();
    for (const registry of ['cloudmap', 'consul', 'eureka'] as const) takeDown(stack, registry);
    await rounds();
    await askAll();
    expect(flow.lines.length).toBeGreaterThan(20);
    expect(seen.filter((text) => CANARY.test(withoutPaths(text)))).toEqual([]);
    expect(flow.lines.filter((line) => CANARY.test(JSON.stringify(line)))).toEqual([]);
  }, 60_000);

  /** A problem repeats the path that was asked for, to who asked: nobody else sees it. */
  const withoutPaths = (text: string) => text.replace(/"instance":"[^"]*"/g, '');
});
