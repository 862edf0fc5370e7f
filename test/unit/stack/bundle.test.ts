import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { added, resolverAlone } from '../../../scripts/bundle/added.ts';
import { pureTables, withoutRegions } from '../../../scripts/bundle/plugins.ts';
import { type Bundle, bundle } from '../../../scripts/bundle.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-bundle-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inFolder = (name: string, entry: string) =>
  bundle({ entry: join(ROOT, entry), outdir: join(folder, name) });

describe('the event function', () => {
  let made: Bundle;
  beforeAll(async () => {
    made = await inFolder('event', 'functions/on-task-event.ts');
  });

  it('loads at most 256 KB at every start, in two files', () => {
    expect(made.start.bytes).toBeLessThanOrEqual(256_000);
    expect(made.startFiles.length).toBeLessThanOrEqual(2);
  });

  it('loads of Node what it uses, and no more', async () => {
    expect(await textOf(made.startFiles)).not.toMatch(/from\s*"node:/);
    const loaded = await loadedOfNode(made, { ROLLCALL_REGISTRIES: 'cloudmap,consul,eureka' });
    expect(loaded).toContain('https');
    expect(loaded).not.toContain('zlib');
    expect(loaded).not.toContain('internal/fs/streams');
  });

  it('loads each registry as one file, and what several share as one more at most', async () => {
    const names = await readdir(join(folder, 'event'));
    const registries = names.filter((name) => /^(cloudmap|consul|eureka)-/.test(name));
    expect(registries.length).toBe(3);
    const texts = await Promise.all(
      registries.map((name) => textOf([join(folder, 'event', name)])),
    );
    const start = made.startFiles.map((file) => `"./${basename(file)}"`);
    const besides = texts.map((text) =>
      [...text.matchAll(/from\s*("\.\/[^"]+")/g)].filter(([, file]) => !start.includes(file ?? '')),
    );
    expect(besides.filter((files) => files.length > 1)).toEqual([]);
  });

  it('keeps what only some need out of what every start loads: secrets, parameters, ECS services', async () => {
    const clients = ['GetSecretValue', 'DescribeInstanceInformation', 'DescribeServices'];
    const start = await textOf(made.startFiles);
    const all = await textOf(
      (await readdir(join(folder, 'event'))).map((name) => join(folder, 'event', name)),
    );
    expect(clients.filter((name) => all.includes(`"${name}"`))).toEqual(clients);
    expect(clients.filter((name) => start.includes(`"${name}"`))).toEqual([]);
  });

  it('is a module without source maps', async () => {
    expect(JSON.parse(await readFile(join(folder, 'event', 'package.json'), 'utf8'))).toEqual({
      type: 'module',
    });
    expect((await readdir(join(folder, 'event'))).filter((name) => name.endsWith('.map'))).toEqual(
      [],
    );
  });
});

describe('inspect', () => {
  it('loads the client of CloudWatch Logs for history alone, 10 KB at most', async () => {
    const made = await inFolder('inspect', 'functions/inspect.ts');
    const sends = (text: string) => text.includes('"FilterLogEvents"');
    expect(sends(await textOf(made.startFiles))).toBe(false);
    const names = await readdir(join(folder, 'inspect'));
    const texts = await Promise.all(names.map((name) => textOf([join(folder, 'inspect', name)])));
    const [client, ...others] = texts.filter(sends);
    expect(client?.length).toBeLessThanOrEqual(10_000);
    expect(others).toEqual([]);
  });
});

describe('the resolver', () => {
  let made: Bundle;
  beforeAll(async () => {
    made = await inFolder('resolve', 'functions/resolve.ts');
  });

  it('loads at most 95 KB at every start, in two files, with every protocol that it speaks', () => {
    expect(made.start.bytes).toBeLessThanOrEqual(95_000);
    expect(made.startFiles.length).toBeLessThanOrEqual(2);
  });

  it('loads TLS and zlib for whom needs them', async () => {
    const overHttps = { ROLLCALL_REGISTRIES: 'consul', CONSUL_HTTP_ADDR: 'https://127.0.0.1:9' };
    expect(await loadedOfNode(made, overHttps)).toContain('https');
    const loaded = await loadedOfNode(made, { ROLLCALL_REGISTRIES: 'consul' });
    expect(loaded).toContain('http');
    expect(loaded).not.toContain('https');
    expect(loaded).not.toContain('zlib');
  });

  // What is loaded on demand is the page, with 5 KB of valibot, which checks the summary that it
  // reads, 151 KB of re2js, for filters with a pattern, and 17 KB of Lambda's client, with which
  // the page asks for a service's history where it may. No start pays for it, but the one request
  // that first needs a part waits for that: the limit is there for what somebody loads unawares.
  it('pays at most 41 KB at every start for the protocols of others, and 230 KB when asked', async () => {
    const { start, onDemand } = added(made, await resolverAlone(join(folder, 'alone')));
    expect(Math.min(start, onDemand)).toBeGreaterThan(0);
    expect(start).toBeLessThanOrEqual(41_000);
    expect(onDemand).toBeLessThanOrEqual(230_000);
  });
});

describe('the SDK in a bundle', () => {
  let server: Server;
  let said: Record<string, unknown>;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const { status, type, body } = answer(request, await text(request));
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const { file } = await inFolder('clients', 'test/unit/stack/clients.entry.ts');
    const env = {
      ENDPOINT: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 's',
    };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
    said = JSON.parse(stdout);
  });
  afterAll(() => new Promise((done) => server.close(done)));

  it('reads dates, in XML and in JSON', () => {
    expect(said['launched']).toBe('2026-11-21T10:00:00.000Z');
    expect(said['started']).toBe('2026-11-21T10:00:00.000Z');
  });

  it('reads nested XML', () => {
    expect(said['zone']).toBe('eu-west-1a');
    expect(said['addresses']).toEqual(['2001:db8::1', '2001:db8::2']);
  });

  it('reads numbers', () => {
    expect(said['version']).toBe(3);
  });

  it('checks the digest of what SQS took', () => {
    expect([said['sent'], said['garbled']]).toEqual(['m', 'InvalidChecksumError']);
  });

  it('publishes events, signed for one region', () => {
    expect(said['published']).toBe('e-1');
  });

  it('throws exceptions under AWS’s names, with what AWS says, and without a class for each', () => {
    expect(said['unknownHost']).toBe('InvalidInstanceID.NotFound');
    expect(said['unknownCluster']).toBe('ClusterNotFoundException: Cluster not found.');
  });
});

describe('pure tables', () => {
  it('leave no table of EC2 unwrapped', async () => {
    const path = join(ROOT, 'node_modules/@aws-sdk/client-ec2/dist-es/schemas/schemas_0.js');
    const bare = pureTables(await readFile(path, 'utf8'))
      .split('\n')
      .filter((line) => /^(export )?(var|const) [\w$]+ = \[/.test(line));
    expect(bare).toEqual([]);
  });
});

describe('partitions', () => {
  it('take each region where Lambda runs by its pattern, once the names are left out', async () => {
    const file = '@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js';
    const source = await readFile(join(ROOT, 'node_modules', file), 'utf8');
    const read = (text: string) =>
      JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
    const [all, short] = [read(source).partitions, read(withoutRegions(source)).partitions];
    const partitionOf = (region: string) =>
      short.find((one: Partition) => new RegExp(one.regionRegex).test(region))?.id;
    const regions = all.flatMap(({ id, regions }: Partition) =>
      Object.keys(regions)
        .filter((region) => !region.endsWith('-global'))
        .map((region) => [region, id]),
    );
    expect(regions.length).toBeGreaterThan(30);
    expect(regions.map(([region]: string[]) => [region, partitionOf(region ?? '')])).toEqual(
      regions,
    );
    expect(short.flatMap(({ regions }: Partition) => Object.keys(regions))).toEqual([]);
  });
});

interface Partition {
  readonly id: string;
  readonly regionRegex: string;
  readonly regions: Readonly<Record<string, object>>;
}

/** A start on Lambda; it asks nobody. */
const START = {
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_REGION: 'eu-west-1',
  ROLLCALL_OWNER: 'shop:111122223333:eu-west-1',
  ROLLCALL_PLACE: 'aws:eu-west-1:111122223333',
  ROLLCALL_NAMESPACE: 'shop',
  ROLLCALL_RESOLVE_TOKEN: 'secret',
  CONSUL_HTTP_ADDR: 'http://127.0.0.1:9',
  EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: 'http://127.0.0.1:9/eureka',
};

/** Node's modules that there are once it has started, such as `https` and `internal/tls/wrap`. */
const loadedOfNode = async ({ file }: Bundle, env: Readonly<Record<string, string>>) => {
  const script = `const { handler } = await import(${JSON.stringify(file)});
if (typeof handler !== 'function') throw new Error('no handler');
console.log(JSON.stringify(process.moduleLoadList));
process.exit();`;
  const node = ['--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, node, {
    env: { ...START, ...env },
  });
  return (JSON.parse(stdout) as readonly string[]).map((one) => one.replace('NativeModule ', ''));
};

const textOf = async (files: readonly string[]) =>
  (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');

const answer = ({ headers }: IncomingMessage, body: string) => {
  if (String(headers['x-amz-target']).startsWith('AmazonSQS')) return SENT;
  if (String(headers['x-amz-target']).startsWith('AWSEvents'))
    return /Credential=a\/\d+\/eu-west-1\/events\//.test(headers.authorization ?? '')
      ? PUBLISHED
      : NO_CLUSTER;
  if (headers['x-amz-target']) return body.includes('nowhere') ? NO_CLUSTER : TASK;
  return body.includes('i-2') ? NO_HOST : HOST;
};

const xml = (status: number, body: string) => ({ status, type: 'text/xml', body });
const json = (status: number, body: object) => ({
  status,
  type: 'application/x-amz-json-1.1',
  body: JSON.stringify(body),
});
const TASK = json(200, {
  tasks: [{ taskArn: 't', startedAt: Date.UTC(2026, 10, 21, 10) / 1000, version: 3 }],
});
const SENT = json(200, { MessageId: 'm', MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592' });
const PUBLISHED = json(200, { FailedEntryCount: 0, Entries: [{ EventId: 'e-1' }] });
const NO_CLUSTER = json(400, { __type: 'ClusterNotFoundException', message: 'Cluster not found.' });
const NO_HOST = xml(
  400,
  `<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>no i-2</Message></Error></Errors><RequestID>r</RequestID></Response>`,
);
const HOST = xml(
  200,
  `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item><instancesSet><item>
  <instanceId>i-1</instanceId><launchTime>2026-11-21T10:00:00.000Z</launchTime>
  <placement><availabilityZone>eu-west-1a</availabilityZone></placement>
  <networkInterfaceSet><item><ipv6AddressesSet><item><ipv6Address>2001:db8::1</ipv6Address></item>
  <item><ipv6Address>2001:db8::2</ipv6Address></item></ipv6AddressesSet></item></networkInterfaceSet>
  </item></instancesSet></item></reservationSet></DescribeInstancesResponse>`,
);
