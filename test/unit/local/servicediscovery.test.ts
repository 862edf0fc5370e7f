import { describe, expect, it } from 'vitest';
import { AwsFault } from '../../../local/aws/service.ts';
import {
  createServiceDiscovery,
  type ServiceDiscoveryOptions,
} from '../../../local/aws/servicediscovery.ts';

type Shape = Record<string, unknown>;

const start = (options: ServiceDiscoveryOptions = {}, type: 'HTTP' | 'DNS_PRIVATE' = 'HTTP') => {
  const simulator = createServiceDiscovery(options);
  const NamespaceId = simulator.addNamespace('test', type);
  const call = (operation: string, input: Shape = {}): Promise<Shape> =>
    simulator.handle(operation, input);
  const createService = async (more: Shape = {}) => {
    const { Service } = await call('CreateService', { Name: 'web', NamespaceId, ...more });
    return (Service as { Id: string }).Id;
  };
  const register = (
    ServiceId: string,
    InstanceId: string,
    Attributes: Shape = { AWS_INSTANCE_IPV4: '10.0.0.1' },
  ) => call('RegisterInstance', { ServiceId, InstanceId, Attributes });
  return { simulator, NamespaceId, call, createService, register };
};

const faultOf = async (call: Promise<unknown>): Promise<AwsFault> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AwsFault) return error;
  throw new Error(`expected an AWS fault, got ${error}`);
};

const CUSTOM = { HealthCheckCustomConfig: { FailureThreshold: 1 } };
const dns = (...types: readonly string[]) => ({
  DnsConfig: { RoutingPolicy: 'MULTIVALUE', DnsRecords: types.map((Type) => ({ Type, TTL: 10 })) },
});

describe('registrations', () => {
  it('show once their operation has ended, and until then the instance is not found', async () => {
    let now = 0;
    const { call, createService, register } = start({ operationDelayMs: 100, now: () => now });
    const ServiceId = await createService(CUSTOM);
    const { OperationId } = await register(ServiceId, 'i');
    const status = async () =>
      ((await call('GetOperation', { OperationId })).Operation as Shape)['Status'];
    const named = { ServiceId, InstanceId: 'i' };
    expect(await status()).toBe('SUBMITTED');
    expect((await faultOf(call('GetInstance', named))).code).toBe('InstanceNotFound');
    expect(
      (await faultOf(call('UpdateInstanceCustomHealthStatus', { ...named, Status: 'HEALTHY' })))
        .code,
    ).toBe('InstanceNotFound');
    now = 60;
    expect(await status()).toBe('PENDING');
    now = 100;
    expect(await status()).toBe('SUCCESS');
    expect(await call('GetInstance', named)).toMatchObject({ Instance: { Id: 'i' } });
  });

  it('of one instance come one at a time, but for a resend of the same request', async () => {
    const { call, createService, simulator } = start();
    const ServiceId = await createService();
    simulator.hold();
    const input = {
      ServiceId,
      InstanceId: 'i',
      Attributes: { AWS_INSTANCE_IPV4: '10.0.0.1' },
      CreatorRequestId: 'a',
    };
    const first = await call('RegisterInstance', input);
    expect(await call('RegisterInstance', input)).toEqual(first);
    for (const [operation, more] of [
      ['RegisterInstance', { CreatorRequestId: 'b' }],
      ['DeregisterInstance', {}],
    ] as const) {
      const fault = await faultOf(call(operation, { ...input, ...more }));
      expect(fault).toMatchObject({
        code: 'DuplicateRequest',
        members: { DuplicateOperationId: first['OperationId'] },
      });
    }
  });

  it('keep nothing of an earlier one', async () => {
    const { call, createService, register } = start();
    const ServiceId = await createService();
    await register(ServiceId, 'i', { a: '1', b: '2' });
    await register(ServiceId, 'i', { a: '3' });
    expect(await call('ListInstances', { ServiceId })).toMatchObject({
      Instances: [{ Id: 'i', Attributes: { a: '3' } }],
    });
  });

  it('can fail, and then nothing has changed', async () => {
    const { call, createService, register, simulator } = start();
    const ServiceId = await createService();
    simulator.failOperations(1);
    const { OperationId } = await register(ServiceId, 'i');
    expect(await call('GetOperation', { OperationId })).toMatchObject({
      Operation: { Status: 'FAIL', ErrorCode: 'THROTTLED_REQUEST' },
    });
    expect(await call('ListInstances', { ServiceId })).toEqual({
      Instances: [],
      NextToken: undefined,
    });
  });

  it('move the revision, health does not', async () => {
    const { call, createService, register } = start();
    const ServiceId = await createService(CUSTOM);
    const revision = async () =>
      (await call('DiscoverInstances', { NamespaceName: 'test', ServiceName: 'web' }))[
        'InstancesRevision'
      ];
    const before = await revision();
    await register(ServiceId, 'i');
    const after = await revision();
    expect(after).not.toBe(before);
    await call('UpdateInstanceCustomHealthStatus', {
      ServiceId,
      InstanceId: 'i',
      Status: 'UNHEALTHY',
    });
    expect(await revision()).toBe(after);
    await call('DeregisterInstance', { ServiceId, InstanceId: 'i' });
    expect(await revision()).not.toBe(after);
  });

  it('end at 1,000 in a service', async () => {
    const { createService, register } = start();
    const ServiceId = await createService();
    for (let at = 0; at < 1_000; at++) await register(ServiceId, `i${at}`);
    await register(ServiceId, 'i0');
    expect((await faultOf(register(ServiceId, 'one-more'))).code).toBe('ResourceLimitExceeded');
  });

  const many = (count: number, value = 'v') =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, value]));

  it.each([
    ['31 custom attributes', {}, many(31)],
    ['more than 5,000 characters', {}, many(6, 'v'.repeat(1_000))],
    ['a key with a space', {}, { 'a b': 'c' }],
    ['a value that starts with a space', {}, { a: ' b' }],
    ['a value of 1,025 characters', {}, { a: 'b'.repeat(1_025) }],
    ['a value that is not ASCII', {}, { a: 'ß' }],
    ['an unknown AWS_ attribute', {}, { AWS_INSTANCE: 'x' }],
    ['a bad address', {}, { AWS_INSTANCE_IPV4: '10.0.0.256' }],
    ['a bad port', {}, { AWS_INSTANCE_PORT: '65536' }],
    ['an initial status without custom health', {}, { AWS_INIT_HEALTH_STATUS: 'HEALTHY' }],
    ['an alias with an address', {}, { AWS_ALIAS_DNS_NAME: 'lb', AWS_INSTANCE_IPV4: '10.0.0.1' }],
    ['no IPv4 address for an A record', dns('A'), { AWS_INSTANCE_IPV6: '2001:db8::1' }],
    ['no IPv6 address for an AAAA record', dns('A', 'AAAA'), { AWS_INSTANCE_IPV4: '10.0.0.1' }],
    ['no port for an SRV record', dns('SRV'), { AWS_INSTANCE_IPV4: '10.0.0.1' }],
    ['no address for an SRV record', dns('SRV'), { AWS_INSTANCE_PORT: '80' }],
  ])('are refused with %s', async (_, service, attributes) => {
    const { createService, register } = start({}, 'DNS_PRIVATE');
    const ServiceId = await createService(service);
    expect((await faultOf(register(ServiceId, 'i', attributes))).code).toBe('InvalidInput');
  });
});

describe('services', () => {
  it.each([
    ['A and SRV', dns('A', 'SRV')],
    ['no records in DnsConfig', dns()],
    ['CNAME with multivalue answers', dns('CNAME')],
    ['both kinds of health checks', { ...CUSTOM, HealthCheckConfig: { Type: 'HTTP' } }],
    ['a Route 53 health check in a private namespace', { HealthCheckConfig: { Type: 'HTTP' } }],
    ['a name that ends with a dash', { Name: 'web-' }],
    ['a name with a space', { Name: 'a b' }],
  ])('are refused with %s', async (_, more) => {
    expect((await faultOf(start({}, 'DNS_PRIVATE').createService(more))).code).toBe('InvalidInput');
  });

  it('share no name, in DNS not even in another case', async () => {
    const inDns = start({}, 'DNS_PRIVATE');
    const Id = await inDns.createService();
    expect(await faultOf(inDns.createService({ Name: 'WEB' }))).toMatchObject({
      code: 'ServiceAlreadyExists',
      members: { ServiceId: Id },
    });
    const http = start();
    await http.createService();
    expect(await http.createService({ Name: 'WEB' })).toMatch(/^srv-/);
  });

  it('are deleted when they are empty and nothing is on its way', async () => {
    const { call, createService, register, simulator } = start();
    const Id = await createService();
    simulator.hold();
    await register(Id, 'i');
    expect((await faultOf(call('DeleteService', { Id }))).code).toBe('ResourceInUse');
    simulator.release();
    expect((await faultOf(call('DeleteService', { Id }))).code).toBe('ResourceInUse');
    await call('DeregisterInstance', { ServiceId: Id, InstanceId: 'i' });
    await call('DeleteService', { Id });
    expect((await faultOf(call('GetService', { Id }))).code).toBe('ServiceNotFound');
  });

  it('come in pages that are cut before they are filtered', async () => {
    const { call, createService, simulator } = start();
    const other = simulator.addNamespace('other', 'HTTP');
    for (const Name of ['a', 'b', 'c']) await createService({ Name });
    await createService({ Name: 'd', NamespaceId: other });
    const Filters = [{ Name: 'NAMESPACE_ID', Values: [other] }];
    const first = await call('ListServices', { Filters, MaxResults: 3 });
    expect(first).toMatchObject({ Services: [], NextToken: expect.any(String) });
    const second = await call('ListServices', {
      Filters,
      MaxResults: 3,
      NextToken: first['NextToken'],
    });
    expect(second).toMatchObject({ Services: [{ Name: 'd' }], NextToken: undefined });
  });
});

describe('custom health', () => {
  it('shows late, and a repeat does not hasten it', async () => {
    let now = 0;
    const { call, createService, register } = start({ healthDelayMs: 30_000, now: () => now });
    const ServiceId = await createService(CUSTOM);
    await register(ServiceId, 'i');
    const set = () =>
      call('UpdateInstanceCustomHealthStatus', { ServiceId, InstanceId: 'i', Status: 'UNHEALTHY' });
    const read = async () => (await call('GetInstancesHealthStatus', { ServiceId }))['Status'];
    await set();
    now = 20_000;
    await set();
    expect(await read()).toEqual({ i: 'HEALTHY' });
    now = 30_000;
    expect(await read()).toEqual({ i: 'UNHEALTHY' });
  });

  it('is UNKNOWN, and cannot be set, where a service has none', async () => {
    const { call, createService, register } = start();
    const ServiceId = await createService();
    await register(ServiceId, 'i');
    const set = call('UpdateInstanceCustomHealthStatus', {
      ServiceId,
      InstanceId: 'i',
      Status: 'HEALTHY',
    });
    expect((await faultOf(set)).code).toBe('CustomHealthNotFound');
    expect(await call('GetInstancesHealthStatus', { ServiceId })).toMatchObject({
      Status: { i: 'UNKNOWN' },
    });
  });

  it('chooses what is discovered', async () => {
    const { call, createService, register } = start();
    const ServiceId = await createService(CUSTOM);
    await register(ServiceId, 'well', { color: 'blue' });
    await register(ServiceId, 'sick', { AWS_INIT_HEALTH_STATUS: 'UNHEALTHY' });
    const found = async (more: Shape) => {
      const answer = await call('DiscoverInstances', {
        NamespaceName: 'test',
        ServiceName: 'web',
        ...more,
      });
      return (answer['Instances'] as readonly { InstanceId: string }[])
        .map(({ InstanceId }) => InstanceId)
        .sort();
    };
    expect(await found({})).toEqual(['well']);
    expect(await found({ HealthStatus: 'ALL' })).toEqual(['sick', 'well']);
    expect(await found({ HealthStatus: 'UNHEALTHY' })).toEqual(['sick']);
    expect(await found({ HealthStatus: 'ALL', QueryParameters: { color: 'blue' } })).toEqual([
      'well',
    ]);
    expect(
      await found({ HealthStatus: 'HEALTHY_OR_ELSE_ALL', QueryParameters: { color: 'red' } }),
    ).toEqual([]);
  });
});

describe('namespaces', () => {
  it('are told apart in Discover* by a hash where they share a name', async () => {
    const { call } = start({}, 'DNS_PRIVATE');
    await call('CreateHttpNamespace', { Name: 'test' });
    const { Namespaces } = await call('ListNamespaces', {
      Filters: [{ Name: 'NAME', Values: ['test'] }],
    });
    const httpNames = (
      Namespaces as { Properties: { HttpProperties: { HttpName: string } } }[]
    ).map(({ Properties }) => Properties.HttpProperties.HttpName);
    expect(httpNames).toEqual(['test', expect.stringMatching(/^test-[0-9a-f]{8}$/)]);
    expect((await faultOf(call('CreateHttpNamespace', { Name: 'test' }))).code).toBe(
      'NamespaceAlreadyExists',
    );
  });

  it('are deleted only without services', async () => {
    const { call, createService, NamespaceId } = start();
    const Id = await createService();
    expect((await faultOf(call('DeleteNamespace', { Id: NamespaceId }))).code).toBe(
      'ResourceInUse',
    );
    await call('DeleteService', { Id });
    await call('DeleteNamespace', { Id: NamespaceId });
    expect((await faultOf(call('GetNamespace', { Id: NamespaceId }))).code).toBe(
      'NamespaceNotFound',
    );
  });
});
