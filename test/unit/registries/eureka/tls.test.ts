import { connect } from 'node:net';
import { createServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type EurekaServer, startEureka } from '../../../../local/eureka.ts';
import type { EurekaConfig } from '../../../../shared/config/config.ts';
import { plainSecret, secretByReference } from '../../../../shared/config/secret.ts';
import { createDirectory } from '../../../../shared/registries/eureka/directory.ts';
import { createRegistry } from '../../../../shared/registries/eureka/index.ts';
import { instanceFor } from '../../../contract/instance.ts';
import {
  type Certificate,
  createPrivateCa,
  type PrivateCa,
} from '../../../support/certificates.ts';

const OURS = { owner: 'rollcall:1:eu', cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/prod' };
const signal = new AbortController().signal;

let authority: PrivateCa;
let server: Certificate;
let client: Certificate;
let eureka: EurekaServer;
beforeAll(async () => {
  authority = createPrivateCa();
  server = authority.sign('server', 'subjectAltName=DNS:eureka.internal');
  client = authority.sign('client', 'extendedKeyUsage=clientAuth');
  eureka = await startEureka();
});
afterAll(async () => {
  authority.remove();
  await eureka.stop();
});

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** TLS before the simulated server; returns the address as it is given in `eurekaUrl`. */
const secure = async (options: { readonly requestCert?: boolean } = {}): Promise<string> => {
  const { port, pathname } = new URL(eureka.url);
  const listener = createServer({ ...server, ca: authority.ca, ...options }, (socket) => {
    const inner = connect(Number(port), '127.0.0.1');
    for (const one of [socket, inner]) one.on('error', () => one.destroy());
    socket.pipe(inner).pipe(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  stops.push(() => listener.close());
  const address = listener.address();
  if (typeof address !== 'object' || !address) throw new Error('not listening on TCP');
  return `https://127.0.0.1:${address.port}${pathname}/`;
};

const put = async (config: EurekaConfig) => {
  const registry = createRegistry(config, { owner: OURS.owner });
  const [record] = registry.fit(instanceFor(OURS)).records;
  if (!record) throw new Error('fit gave no record');
  const outcomes = await registry.apply(
    [{ kind: 'upsert', record, reason: 'not registered yet' }],
    signal,
  );
  return { outcomes, service: record.service };
};

const trust = () => ({ ca: plainSecret(authority.ca), tlsServerName: 'eureka.internal' });
const own = () => ({
  clientCert: plainSecret(client.cert),
  clientKey: plainSecret(client.key),
});

test('a server under a CA of one’s own is written and read, by the name that is given', async () => {
  const config = { urls: plainSecret(await secure()), ...trust() };
  const { outcomes, service } = await put(config);
  expect(outcomes).toMatchObject([{ status: 'done' }]);
  const names = (await createDirectory(config).everything(signal)).map((one) => one.name);
  expect(names.map((name) => name.toUpperCase())).toContain(service.toUpperCase());
});

test.each<[string, () => Partial<EurekaConfig>, RegExp]>([
  ['its CA', () => ({ tlsServerName: 'eureka.internal' }), /certificate/],
  ['its name', () => ({ ca: plainSecret(authority.ca) }), /altnames/],
])('a server is not trusted without %s', async (_, given, reason) => {
  const { outcomes } = await put({ urls: plainSecret(await secure()), ...given() });
  expect(outcomes).toMatchObject([{ status: 'retry', reason: expect.stringMatching(reason) }]);
});

test('a client certificate is shown where one is asked for', async () => {
  const urls = plainSecret(await secure({ requestCert: true }));
  expect((await put({ urls, ...trust(), ...own() })).outcomes).toMatchObject([{ status: 'done' }]);
  const { outcomes } = await put({ urls, ...trust() });
  expect(outcomes).toMatchObject([{ status: 'retry' }]);
});

test('a CA that has been rotated is read again, and the write goes through', async () => {
  const texts = [createOther(), authority.ca];
  const ca = await secretByReference('ssm:/eureka/ca.pem', async () => texts.shift() ?? '');
  const config = { urls: plainSecret(await secure()), tlsServerName: 'eureka.internal', ca };
  expect((await put(config)).outcomes).toMatchObject([{ status: 'done' }]);
  expect(texts).toEqual([]);
});

/** A CA that has signed nothing here. */
const createOther = (): string => {
  const { ca, remove } = createPrivateCa();
  remove();
  return ca;
};
