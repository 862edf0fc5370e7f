import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { added, resolverAlone } from '../../../scripts/bundle/added.ts';
import { pureTables } from '../../../scripts/bundle/plugins.ts';
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

  it('loads at most 258 KB at every start', () => {
    expect(made.start.bytes).toBeLessThanOrEqual(258_000);
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

  it('loads at most 100 KB at every start, with every protocol that it speaks', () => {
    expect(made.start.bytes).toBeLessThanOrEqual(100_000);
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
