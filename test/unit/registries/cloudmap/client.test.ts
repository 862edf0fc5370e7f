import {
  DiscoverInstancesCommand,
  ListNamespacesCommand,
  ListServicesCommand,
  RegisterInstanceCommand,
  ServiceDiscoveryClient,
  ServiceDiscoveryServiceException,
} from '@aws-sdk/client-servicediscovery';
import { mockClient } from 'aws-sdk-client-mock';
import 'aws-sdk-client-mock-vitest/extend';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { refusal } from '../../../../local/aws/refusal.ts';
import { startAws } from '../../../../local/aws/server.ts';
import { createPulse } from '../../../../shared/platform/http/pulse.ts';
import { createClient, withPromptAbort } from '../../../../shared/registries/cloudmap/client.ts';
import { createDirectory as createCloudMapDirectory } from '../../../../shared/registries/cloudmap/directory.ts';
import { createRegistry as createCloudMap } from '../../../../shared/registries/cloudmap/index.ts';
import { instanceFor } from '../../../contract/instance.ts';
import { quiet, upserts } from '../../../contract/stage.ts';
import { reasonOf } from '../../../support/outcomes.ts';
import { startVirtualTime } from '../../../support/virtual-time.ts';

const OWNER = 'stack:123456789012:eu-west-1';
const WHOSE = { owner: OWNER, cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/main' };
const mock = mockClient(ServiceDiscoveryClient);
const registry = () =>
  createCloudMap(
    { namespace: 'prod', dns: 'auto' },
    { owner: OWNER, client: new ServiceDiscoveryClient({}) },
  );

afterAll(() => mock.restore());
beforeEach(() => {
  mock.reset();
  mock.on(ListNamespacesCommand).resolves({
    Namespaces: [
      {
        Id: 'ns-1',
        Name: 'prod',
        Type: 'HTTP',
        Properties: { HttpProperties: { HttpName: 'prod' } },
      },
    ],
  });
  mock.on(ListServicesCommand).resolves({
    Services: [
      {
        Id: 'srv-1',
        Arn: 'arn:srv-1',
        Name: 'web',
        HealthCheckCustomConfig: { FailureThreshold: 1 },
      },
    ],
  });
});

const exception = (name: string, httpStatusCode: number) =>
  new ServiceDiscoveryServiceException({
    name,
    message: 'no',
    $fault: httpStatusCode < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode },
  });

describe('a failed registration', () => {
  it.each([
    ['retry', exception('DuplicateRequest', 400)],
    ['retry', exception('ResourceInUse', 400)],
    ['retry', exception('ThrottlingException', 400)],
    ['retry', exception('RequestLimitExceeded', 400)],
    ['retry', exception('ExpiredTokenException', 403)],
    ['retry', exception('InternalFailure', 500)],
    ['retry', exception('UnknownError', 429)],
    ['retry', exception('ServiceNotFound', 400)],
    ['retry', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
    ['refused', exception('InvalidInput', 400)],
    ['refused', exception('AccessDeniedException', 400)],
    ['refused', exception('ResourceLimitExceeded', 400)],
    ['refused', exception('UnrecognizedClientException', 403)],
  ])('is %s after %s', async (status, error) => {
    mock.on(RegisterInstanceCommand).rejects(error);
    const { records } = registry().fit(instanceFor(WHOSE));
    const [outcome] = await registry().apply(upserts(records), quiet());
    expect(outcome?.status).toBe(status);
    expect(reasonOf(outcome)).toBe(
      error instanceof ServiceDiscoveryServiceException
        ? `cloudmap: registering web/${records[0]?.id}: ${error.$metadata.httpStatusCode} ${error.name}: no`
        : `cloudmap: registering web/${records[0]?.id}: Error: connect ECONNREFUSED`,
    );
  });

  it('says once what AWS has no words for', async () => {
    const error = Object.assign(exception('InternalFailure', 500), { message: 'InternalFailure' });
    mock.on(RegisterInstanceCommand).rejects(error);
    const [outcome] = await registry().apply(
      upserts(registry().fit(instanceFor(WHOSE)).records),
      quiet(),
    );
    expect(reasonOf(outcome)).toMatch(/: 500 InternalFailure$/);
  });

  it('is no success for an answer without an operation', async () => {
    mock.on(RegisterInstanceCommand).resolves({});
    const [outcome] = await registry().apply(
      upserts(registry().fit(instanceFor(WHOSE)).records),
      quiet(),
    );
    expect(outcome).toMatchObject({
      status: 'retry',
      reason: expect.stringContaining('OperationId'),
    });
  });
});

describe('the namespace', () => {
  const listed = (...names: readonly { Id: string; Name: string }[]) =>
    mock.on(ListNamespacesCommand).resolves({ Namespaces: [...names] });

  it('is found behind pages that its filter left empty', async () => {
    mock
      .on(ListNamespacesCommand)
      .resolvesOnce({ Namespaces: [], NextToken: 'a' })
      .resolvesOnce({ Namespaces: [{ Id: 'ns-9', Name: 'prod', Type: 'HTTP' }] });
    mock.on(RegisterInstanceCommand).resolves({ OperationId: 'op-1' });
    const [outcome] = await registry().apply(
      upserts(registry().fit(instanceFor(WHOSE)).records),
      quiet(),
    );
    expect(outcome).toMatchObject({ status: 'pending', operation: 'op-1' });
    expect(mock).toHaveReceivedCommandWith(ListServicesCommand, {
      Filters: [{ Name: 'NAMESPACE_ID', Values: ['ns-9'] }],
    });
  });

  it.each([
    ['is missing', [], /ROLLCALL_NAMESPACE: no Cloud Map namespace prod/],
    [
      'shares its name',
      [
        { Id: 'ns-1', Name: 'prod' },
        { Id: 'ns-2', Name: 'prod' },
      ],
      /ROLLCALL_NAMESPACE: 2 namespaces are called prod; give the id of one: ns-1, ns-2/,
    ],
  ])('refuses everything with the name of the setting when it %s', async (_, found, expected) => {
    listed(...found);
    const [outcome] = await registry().apply(
      upserts(registry().fit(instanceFor(WHOSE)).records),
      quiet(),
    );
    expect(outcome?.status).toBe('refused');
    expect(reasonOf(outcome)).toMatch(expected);
    await expect(registry().list(quiet())).rejects.toThrow(expected);
  });

  it('is taken by its id even where another has that name', async () => {
    listed({ Id: 'ns-2', Name: 'x' }, { Id: 'ns-1', Name: 'ns-2' });
    const byId = createCloudMap(
      { namespace: 'ns-2', dns: 'auto' },
      { owner: OWNER, client: new ServiceDiscoveryClient({}) },
    );
    mock.on(RegisterInstanceCommand).resolves({ OperationId: 'op-1' });
    await byId.apply(upserts(byId.fit(instanceFor(WHOSE)).records), quiet());
    expect(mock).toHaveReceivedCommandWith(ListServicesCommand, {
      Filters: [{ Name: 'NAMESPACE_ID', Values: ['ns-2'] }],
    });
  });

  it('refuses both kinds of records where there is no DNS', async () => {
    listed({ Id: 'ns-1', Name: 'prod' });
    mock
      .on(ListNamespacesCommand)
      .resolves({ Namespaces: [{ Id: 'ns-1', Name: 'prod', Type: 'HTTP' }] });
    const both = createCloudMap(
      { namespace: 'prod', dns: 'both' },
      { owner: OWNER, client: new ServiceDiscoveryClient({}) },
    );
    await expect(both.list(quiet())).rejects.toThrow(/ROLLCALL_DNS=both needs a DNS namespace/);
  });
});

describe('the client', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_SERVICEDISCOVERY'])(
    'sends Discover* to the host itself where %s is set',
    async (name) => {
      vi.stubEnv('AWS_REGION', 'eu-west-1');
      expect(createClient().config.disableHostPrefix).toBe(false);
      vi.stubEnv(name, 'http://127.0.0.1:1');
      expect(createClient().config.disableHostPrefix).toBe(true);
    },
  );

  it('gives up connecting after 1 s and waiting after 3 s', async () => {
    mock.restore();
    const server = await startAws([]);
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ENDPOINT_URL', server.url);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    const client = createClient();
    // The handler reads its settings with its first request.
    await expect(client.send(new ListNamespacesCommand({}))).rejects.toThrow('No service');
    await server.stop();
    expect(client.config.requestHandler).toMatchObject({
      config: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
    });
  });
});

describe('the pulse of the client', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('feels each answer, a refusal for the rate too, and no pause between two attempts', async () => {
    mock.restore();
    const server = await startAws([]);
    server.faults.inject(
      refusal('Route53AutoNaming_v20170314', 'ThrottlingException', { times: 2 }),
    );
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ENDPOINT_URL', server.url);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    const time = startVirtualTime();
    const pulse = createPulse();
    const sent = createClient(pulse).send(new ListNamespacesCommand({}));
    await expect(time.during(sent)).rejects.toThrow('No service');
    time.stop();
    await server.stop();
    expect(pulse.ended()).toBe(3);
    expect(pulse.hasEndedSilent()).toBe(false);
  });

  it('does not keep whoever gives up waiting until the next attempt', async () => {
    const never = { send: () => new Promise<never>(() => {}) };
    const limit = new AbortController();
    const sent = withPromptAbort(never).send(new ListNamespacesCommand({}), {
      abortSignal: limit.signal,
    });
    limit.abort(new Error('enough'));
    await expect(sent).rejects.toThrow('enough');
  });
});

describe('the page of services', () => {
  it('asks a service whose number of instances is not told, which the API allows', async () => {
    mock.on(DiscoverInstancesCommand).resolves({
      Instances: [
        {
          InstanceId: 'a',
          HealthStatus: 'HEALTHY',
          Attributes: { AWS_INSTANCE_IPV4: '10.0.0.1', AWS_INSTANCE_PORT: '80' },
        },
      ],
    });
    const client = new ServiceDiscoveryClient({});
    const directory = createCloudMapDirectory({ namespace: 'prod', dns: 'auto' }, { client });
    expect(await directory.everything(quiet())).toMatchObject([
      { name: 'web', targets: [{ id: 'a', healthy: true }] },
    ]);
  });
});
