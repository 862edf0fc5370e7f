import {
  CreateServiceCommand,
  DeleteServiceCommand,
  ListServicesCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-servicediscovery';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CloudMapConfig } from '../../../../shared/config/config.ts';
import type { Change, Outcome } from '../../../../shared/model/plan.ts';
import type { Instance, Registration } from '../../../../shared/model/registration.ts';
import { createDirectory as createCloudMapDirectory } from '../../../../shared/registries/cloudmap/directory.ts';
import { createRegistry as createCloudMap } from '../../../../shared/registries/cloudmap/index.ts';
import { instanceFor } from '../../../contract/instance.ts';
import { eventually, quiet, removals, settle, upserts } from '../../../contract/stage.ts';
import { type CloudMapStageOptions, startCloudMap } from '../../../fixtures/cloudmap.ts';
import { operationOf, reasonOf } from '../../../support/outcomes.ts';
import { useVirtualTime } from '../../../support/use-virtual-time.ts';

useVirtualTime();

const OWNER = 'stack:123456789012:eu-west-1';
const WHOSE = { owner: OWNER, cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/main' };

const start = async (options: CloudMapStageOptions & { dns?: CloudMapConfig['dns'] } = {}) => {
  const { dns = 'auto', ...rest } = options;
  const stage = await startCloudMap(rest);
  onTestFinished(() => stage.stop());
  const registry = createCloudMap(
    { namespace: stage.namespace, dns },
    { owner: OWNER, client: stage.client },
  );
  const one = (over: Partial<Instance> = {}): Registration => {
    const [record] = registry.fit(instanceFor(WHOSE, over)).records;
    if (!record) throw new Error('fit gave no record');
    return record;
  };
  const apply = async (...changes: readonly Change[]): Promise<readonly Outcome[]> =>
    registry.apply(changes, quiet());
  const settled = async (...changes: readonly Change[]) =>
    settle({ registry }, await apply(...changes));
  const serviceOf = async (name: string) => {
    const { Services } = await stage.client.send(new ListServicesCommand({}));
    return Services?.find(({ Name }) => Name === name);
  };
  /** A service as somebody else made it. */
  const plant = async (
    name: string,
    more: Partial<ConstructorParameters<typeof CreateServiceCommand>[0]> = {},
  ) => {
    const command = new CreateServiceCommand({
      Name: name,
      NamespaceId: stage.namespaceId,
      ...more,
    });
    return (await stage.client.send(command)).Service?.Id;
  };
  return { ...stage, registry, one, apply, settled, serviceOf, plant };
};

const upsert = (record: Registration, before?: Registration): Change => ({
  kind: 'upsert',
  record,
  reason: 'test',
  ...(before && { before }),
});
const health = (record: Registration, to: 'healthy' | 'unhealthy' | 'starting'): Change => ({
  kind: 'health',
  record,
  health: to,
  reason: 'test',
});
const statuses = (outcomes: readonly Outcome[]) => outcomes.map(({ status }) => status);

describe('a registration', () => {
  it('is one call when the service is known', async () => {
    const { apply, one, calls } = await start();
    await apply(upsert(one()));
    expect(calls()).toEqual({
      ListNamespaces: 2,
      ListServices: 1,
      CreateService: 1,
      RegisterInstance: 1,
    });
    expect(statuses(await apply(upsert(one())))).toEqual(['pending']);
    expect(calls()).toEqual({ RegisterInstance: 1 });
  });

  it('makes the service with owner, custom health and, where there is DNS, multivalue answers of 10 s', async () => {
    const { apply, one, serviceOf, client } = await start({ type: 'DNS_PRIVATE' });
    await apply(upsert(one({ service: 'web' })));
    const service = await serviceOf('web');
    expect(service).toMatchObject({
      DnsConfig: { RoutingPolicy: 'MULTIVALUE', DnsRecords: [{ Type: 'A', TTL: 10 }] },
      HealthCheckCustomConfig: { FailureThreshold: 1 },
    });
    const { Tags } = await client.send(
      new ListTagsForResourceCommand({ ResourceARN: service?.Arn }),
    );
    expect(Tags).toEqual([{ Key: 'rollcall:owner', Value: OWNER }]);
  });

  it('makes a service once, however many of its instances come together', async () => {
    const { apply, one, calls } = await start();
    const outcomes = await apply(
      ...Array.from({ length: 20 }, () => upsert(one({ service: 'new' }))),
    );
    expect(new Set(statuses(outcomes))).toEqual(new Set(['pending']));
    expect(calls()).toMatchObject({ CreateService: 1, RegisterInstance: 20 });
  });

  it('uses the service that another function instance made a moment before', async () => {
    const { registry, one, settled, plant } = await start();
    await settled(upsert(one({ service: 'first' })));
    await plant('Second', { HealthCheckCustomConfig: {} });
    const record = one({ service: 'second' });
    expect(statuses(await settled(upsert(record)))).toEqual(['done']);
    expect(await registry.get([record], quiet())).toMatchObject([
      { service: 'Second', id: record.id },
    ]);
  });

  it('finds a service again that was deleted and made anew', async () => {
    const { settled, one, apply, client, serviceOf, plant } = await start();
    const record = one({ service: 'web' });
    await settled(upsert(record));
    await settled(...removals([record]));
    await client.send(new DeleteServiceCommand({ Id: (await serviceOf('web'))?.Id }));
    await plant('web', { HealthCheckCustomConfig: {} });
    expect(statuses(await apply(upsert(record)))).toEqual(['pending']);
  });

  it('finds a namespace again that was deleted and made anew', async () => {
    const { settled, one, apply, simulator, registry } = await start();
    const record = one();
    await settled(upsert(record));
    await settled(...removals([record]));
    simulator.deleteEmptyServices();
    const { Namespaces } = await simulator.handle('ListNamespaces', {});
    const [{ Id, Name }] = Namespaces as [{ Id: string; Name: string }];
    await simulator.handle('DeleteNamespace', { Id });
    await simulator.handle('ListNamespaces', {});
    await expect(registry.list(quiet())).rejects.toThrow('ROLLCALL_NAMESPACE');
    simulator.addNamespace(Name, 'HTTP');
    expect(statuses(await apply(upsert(record)))).toEqual(['pending']);
  });

  it.each(['starting', 'unhealthy'] as const)(
    'waits while an absent instance is %s, and makes nothing',
    async (state) => {
      const { apply, one, calls } = await start();
      const [outcome] = await apply(upsert(one({ health: state })));
      expect(outcome).toMatchObject({ status: 'pending' });
      expect(operationOf(outcome)).toBeUndefined();
      expect(Object.keys(calls())).toEqual(['ListNamespaces', 'ListServices']);
    },
  );

  it.each([
    ['healthy', 'starting', 'healthy'],
    ['unhealthy', 'starting', 'unhealthy'],
    ['healthy', 'unhealthy', 'unhealthy'],
    ['unhealthy', 'healthy', 'healthy'],
  ] as const)('of one that is %s, sent again as %s, leaves it %s', async (held, sent, expected) => {
    const { settled, one, registry } = await start();
    const record = one();
    await settled(upsert(record));
    await settled(health(record, held));
    await settled(upsert({ ...record, health: sent }));
    expect(await registry.get([record], quiet())).toMatchObject([{ health: expected }]);
  });

  it('keeps the order of changes to one record, and reports what is under way as retry, never as success', async () => {
    const { apply, one, simulator, registry } = await start({ operationDelayMs: 60_000 });
    const record = one();
    const [registered, removed] = await apply(upsert(record), ...removals([record]));
    expect(registered?.status).toBe('pending');
    expect(removed).toMatchObject({
      status: 'retry',
      failed: false,
      reason: expect.stringContaining('DuplicateRequest'),
    });
    const again = await apply(upsert(record));
    expect(again).toMatchObject([
      { status: 'retry', reason: expect.stringContaining('already in progress') },
    ]);
    simulator.release();
    expect(await registry.get([record], quiet())).toEqual([]);
  });
});

describe('a removal that comes upon another', () => {
  it('follows the other to its end instead of coming again: five functions may be told of one stop', async () => {
    const { apply, one, simulator, registry } = await start();
    const record = one();
    await apply(upsert(record));
    await eventually(async () => expect(await registry.get([record], quiet())).toHaveLength(1));
    simulator.hold();
    const [first] = await apply(...removals([record]));
    const [second] = await apply(...removals([record]));
    expect(second).toMatchObject({ status: 'pending', operation: operationOf(first) });
  });
});

describe('an operation', () => {
  it('is pending until Cloud Map has ended it', async () => {
    const { apply, one, registry, simulator } = await start();
    simulator.hold();
    const record = one();
    const [outcome] = await apply(upsert(record));
    const operation = operationOf(outcome) ?? '';
    expect(await registry.follow?.([operation], quiet())).toEqual([
      { operation, status: 'pending' },
    ]);
    simulator.release();
    await eventually(async () =>
      expect(await registry.follow?.([operation], quiet())).toEqual([
        { operation, status: 'done' },
      ]),
    );
    expect(await registry.get([record], quiet())).toEqual([record]);
  });

  it('that failed says why, and what it was for is looked up anew', async () => {
    const { apply, one, registry, simulator, calls } = await start();
    simulator.failOperations(1, { code: 'INVALID_CHANGE_BATCH', message: 'the zone is gone' });
    const record = one();
    const [outcome] = await apply(upsert(record));
    expect(await registry.follow?.([operationOf(outcome) ?? ''], quiet())).toMatchObject([
      {
        status: 'failed',
        reason: expect.stringMatching(/INVALID_CHANGE_BATCH: the zone is gone$/),
      },
    ]);
    calls();
    await apply(upsert(record));
    expect(calls()).toMatchObject({ ListNamespaces: 1, ListServices: 1, RegisterInstance: 1 });
  });

  it('that AWS has forgotten is over; one that cannot be asked for is pending', async () => {
    const { registry, server } = await start();
    expect(await registry.follow?.(['long-ago'], quiet())).toEqual([
      { operation: 'long-ago', status: 'forgotten' },
    ]);
    server.faults.inject({ times: Number.POSITIVE_INFINITY, status: 403, body: '{}' });
    expect(await registry.follow?.(['op'], quiet())).toMatchObject([{ status: 'pending' }]);
  });
});

describe('health', () => {
  it('of an instance that the health side does not know yet is retried, of one that is absent is gone', async () => {
    const { apply, one, settled, server } = await start();
    const [there, absent] = [one(), one()];
    await settled(upsert(there));
    const body = '{"__type":"InstanceNotFound","message":"not propagated"}';
    server.faults.inject({
      times: 1,
      status: 400,
      body,
      match: (_, url) => url === '/UpdateInstanceCustomHealthStatus',
    });
    expect(await apply(health(there, 'unhealthy'))).toMatchObject([
      { status: 'retry', failed: false },
    ]);
    expect(statuses(await apply(health(absent, 'unhealthy')))).toEqual(['gone']);
  });

  it('that is not known yet is left as it is', async () => {
    const { apply, one, settled, calls } = await start();
    const record = one();
    await settled(upsert(record));
    calls();
    expect(statuses(await apply(health(record, 'starting')))).toEqual(['unchanged']);
    expect(calls()).toEqual({});
  });

  it('is neither written nor read where the service has no custom health, and one note says so', async () => {
    const { apply, one, settled, plant, registry } = await start();
    await plant('theirs');
    const [a, b] = [one({ service: 'theirs' }), one({ service: 'theirs' })];
    const outcomes = await settled(upsert(a), upsert(b), health(a, 'unhealthy'));
    expect(statuses(outcomes)).toEqual(['done', 'done', 'unchanged']);
    expect(outcomes.flatMap(({ notes }) => notes ?? [])).toEqual([
      expect.stringContaining('service theirs'),
    ]);
    expect(await registry.get([a], quiet())).toEqual([{ ...a, health: undefined }]);
    expect(statuses(await apply(health(b, 'unhealthy')))).toEqual(['unchanged']);
  });

  it('that Cloud Map does not take after all is left as it is, with a note', async () => {
    const { apply, one, settled, server } = await start();
    const record = one();
    await settled(upsert(record));
    server.faults.inject({ times: 1, status: 400, body: '{"__type":"CustomHealthNotFound"}' });
    const [outcome] = await apply(health(record, 'unhealthy'));
    expect(outcome).toMatchObject({
      status: 'unchanged',
      notes: [expect.stringContaining('service web')],
    });
  });

  it('shows as starting while Cloud Map has none to tell', async () => {
    const { one, settled, registry, server } = await start();
    const record = one();
    await settled(upsert(record));
    server.faults.inject({
      times: 2,
      status: 400,
      body: '{"__type":"InstanceNotFound"}',
      match: (_, url) => url === '/GetInstancesHealthStatus',
    });
    expect(await registry.get([record], quiet())).toEqual([{ ...record, health: 'starting' }]);
  });
});

describe('record types', () => {
  const v4 = { address: '10.0.0.1', ipv4: '10.0.0.1' };
  const v6 = { address: '2001:db8::1', ipv6: '2001:db8::1' };
  /** instanceFor gives an IPv4 address unless told otherwise. */
  const only6 = (instance: Registration): Registration => ({
    ...instance,
    detail: { ipv6: '2001:db8::1', networkMode: instance.detail['networkMode'] ?? '' },
  });

  it.each([
    ['auto', 'awsvpc', v4, ['A']],
    ['auto', 'awsvpc', { ...v4, ipv6: '2001:db8::1' }, ['A', 'AAAA']],
    ['auto', 'bridge', v4, ['SRV']],
    ['auto', 'host', v4, ['SRV']],
    ['srv', 'awsvpc', v4, ['SRV']],
    ['a', 'bridge', v4, ['A']],
  ] as const)(
    'of a service made under %s for a task in %s mode',
    async (dns, networkMode, addresses, types) => {
      const { apply, one, serviceOf } = await start({ type: 'DNS_PRIVATE', dns });
      expect(statuses(await apply(upsert(one({ networkMode, ...addresses }))))).toEqual([
        'pending',
      ]);
      expect((await serviceOf('web'))?.DnsConfig?.DnsRecords?.map(({ Type }) => Type)).toEqual(
        types,
      );
    },
  );

  it('of a service made for an IPv6 address alone are AAAA', async () => {
    const { apply, one, serviceOf } = await start({ type: 'DNS_PRIVATE' });
    await apply(upsert(only6(one({ ...v6 }))));
    expect((await serviceOf('web'))?.DnsConfig?.DnsRecords).toMatchObject([{ Type: 'AAAA' }]);
  });

  it('are A for the name and SRV for its twin under both', async () => {
    const { registry, apply, serviceOf } = await start({ type: 'DNS_PRIVATE', dns: 'both' });
    const { records } = registry.fit(instanceFor(WHOSE, { networkMode: 'bridge' }));
    expect(statuses(await apply(...upserts(records)))).toEqual(['pending', 'pending']);
    expect((await serviceOf('web'))?.DnsConfig?.DnsRecords).toMatchObject([{ Type: 'A' }]);
    expect((await serviceOf('_web._tcp'))?.DnsConfig?.DnsRecords).toMatchObject([{ Type: 'SRV' }]);
  });

  const dnsRecords = (...types: readonly ('A' | 'AAAA' | 'SRV' | 'CNAME')[]) => ({
    DnsConfig: {
      RoutingPolicy: types.includes('CNAME') ? ('WEIGHTED' as const) : ('MULTIVALUE' as const),
      DnsRecords: types.map((Type) => ({ Type, TTL: 60 })),
    },
  });

  it.each([
    ['SRV', dnsRecords('SRV'), 'auto', 'awsvpc', 'pending'],
    ['SRV', dnsRecords('SRV'), 'a', 'bridge', 'pending'],
    ['A', dnsRecords('A'), 'a', 'bridge', 'pending'],
    ['A', dnsRecords('A'), 'auto', 'awsvpc', 'pending'],
    ['no', {}, 'srv', 'bridge', 'pending'],
    ['A', dnsRecords('A'), 'auto', 'bridge', 'refused'],
    ['A', dnsRecords('A'), 'srv', 'awsvpc', 'refused'],
    ['A and AAAA', dnsRecords('A', 'AAAA'), 'auto', 'awsvpc', 'refused'],
    ['CNAME', dnsRecords('CNAME'), 'auto', 'awsvpc', 'refused'],
  ] as const)(
    '%s of a service that exists, under %s%s, for a task in %s mode: %s',
    async (...row) => {
      const [, records, dns, networkMode, expected] = row;
      const { apply, one, plant } = await start({ type: 'DNS_PRIVATE', dns });
      await plant('web', records);
      const [outcome] = await apply(upsert(one({ networkMode })));
      expect(outcome?.status).toBe(expected);
      if (expected === 'refused')
        expect(reasonOf(outcome)).toMatch(/^cloudmap: registering web.*ROLLCALL_DNS=srv or both/);
    },
  );
});

describe('a purge', () => {
  it('deletes this owner’s empty services, and no others', async () => {
    const { settled, one, registry, plant, serviceOf } = await start();
    const record = one({ service: 'left' });
    await settled(upsert(one({ service: 'used' })), upsert(record));
    await settled(...removals([record]));
    await plant('foreign');
    await plant('alike', { Tags: [{ Key: 'rollcall:owner', Value: `${OWNER}-2` }] });
    expect(await registry.removeEmptyServices?.(quiet())).toEqual(['left']);
    for (const name of ['used', 'foreign', 'alike']) expect(await serviceOf(name)).toBeDefined();
  });
});

describe('a namespace that another account shares', () => {
  const OTHER = '999988887777';

  it('is passed over for one of our own by the same name', async () => {
    const { simulator, registry, one, settled, namespace, client } = await start();
    simulator.addNamespace(namespace, 'HTTP', OTHER);
    await settled(upsert(one()));
    expect(simulator.instances()).toHaveLength(1);
    expect((await registry.list(quiet())).records).toHaveLength(1);
    const directory = createCloudMapDirectory({ namespace, dns: 'auto' }, { client });
    expect(await directory.everything(quiet())).toMatchObject([{ targets: [{}] }]);
  });

  it.each(['name', 'id'] as const)(
    'is refused by its %s, with its owner, by writer and directory',
    async (by) => {
      const { simulator, one, client } = await start();
      const id = simulator.addNamespace('theirs', 'HTTP', OTHER);
      const config = { namespace: by === 'id' ? id : 'theirs', dns: 'auto' } as const;
      const registry = createCloudMap(config, { owner: OWNER, client });
      const why = `ROLLCALL_NAMESPACE: expected a Cloud Map namespace of this account, got ${config.namespace} (${id}), which account ${OTHER} shares with it: shared namespaces are not supported`;
      const [outcome] = await registry.apply([upsert(one())], quiet());
      expect(outcome).toMatchObject({ status: 'refused', reason: expect.stringContaining(why) });
      await expect(registry.list(quiet())).rejects.toThrow(why);
      const directory = createCloudMapDirectory(config, { client });
      await expect(directory.everything(quiet())).rejects.toThrow(why);
      await expect(directory.instances('web', quiet())).rejects.toThrow(why);
    },
  );
});
