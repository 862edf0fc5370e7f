import { DeleteServiceCommand } from '@aws-sdk/client-servicediscovery';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Change } from '../../../../shared/model/plan.ts';
import type { Instance, Registration } from '../../../../shared/model/registration.ts';
import { singleFlight } from '../../../../shared/platform/single-flight.ts';
import { createDirectory as createCloudMapDirectory } from '../../../../shared/registries/cloudmap/directory.ts';
import { createRegistry as createCloudMap } from '../../../../shared/registries/cloudmap/index.ts';
import { instanceFor } from '../../../contract/instance.ts';
import { quiet, removals, settle, upserts } from '../../../contract/stage.ts';
import { type CloudMapStageOptions, startCloudMap } from '../../../fixtures/cloudmap.ts';
import { useVirtualTime } from '../../../support/use-virtual-time.ts';

useVirtualTime();

const OWNER = 'stack:123456789012:eu-west-1';
const WHOSE = { owner: OWNER, cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/main' };

const start = async (options: CloudMapStageOptions = {}) => {
  const stage = await startCloudMap(options);
  onTestFinished(() => stage.stop());
  const clock = { now: 0 };
  const config = { namespace: stage.namespace, dns: 'auto' } as const;
  const instance = () =>
    createCloudMap(config, { owner: OWNER, client: stage.client, now: () => clock.now });
  const registry = instance();
  const put = async (...over: readonly Partial<Instance>[]) => {
    const records = over.flatMap((one) => registry.fit(instanceFor(WHOSE, one)).records);
    await write(...upserts(records));
    return records;
  };
  const write = async (...changes: readonly Change[]) =>
    settle({ registry }, await registry.apply(changes, quiet()));
  const directory = createCloudMapDirectory(config, { client: stage.client });
  return { ...stage, registry, another: instance(), directory, clock, put, write };
};

const list = async ({
  registry,
}: {
  registry: { list: ReturnType<typeof createCloudMap>['list'] };
}) => (await registry.list(quiet())).records;

const byId = (records: readonly Registration[]) =>
  records.toSorted((a, b) => (a.id < b.id ? -1 : 1));

describe('a listing', () => {
  it('asks an unchanged namespace for its services, and Discover* for the revision and health of each', async () => {
    const stage = await start();
    const records = await stage.put({ service: 'a' }, { service: 'b' }, { service: 'b' });
    expect(byId(await list(stage))).toEqual(byId(records));
    stage.calls();
    expect(byId(await list(stage))).toEqual(byId(records));
    expect(stage.calls()).toEqual({ ListServices: 1, DiscoverInstances: 2 });
  });

  it('shows a change of health though the revision does not move', async () => {
    const stage = await start();
    const [record] = await stage.put({});
    if (!record) throw new Error('fit gave no record');
    await list(stage);
    await stage.another.apply(
      [{ kind: 'health', record, health: 'unhealthy', reason: 'test' }],
      quiet(),
    );
    expect(await list(stage)).toEqual([{ ...record, health: 'unhealthy' }]);
  });

  it('lists the one service again that another function instance has written to', async () => {
    const stage = await start();
    const [first] = await stage.put({ service: 'a' });
    await stage.put({ service: 'b' });
    await list(stage);
    if (!first) throw new Error('fit gave no record');
    await settle(
      { registry: stage.another },
      await stage.another.apply(removals([first]), quiet()),
    );
    stage.calls();
    expect((await list(stage)).map(({ service }) => service)).toEqual(['b']);
    expect(stage.calls()).toMatchObject({ ListInstances: 1, DiscoverInstances: 2 });
  });

  it.each([true, false])(
    'shows its own change of a record, whether (%s) or not that moves the revision',
    async (revisionOnUpdate) => {
      const stage = await start({ revisionOnUpdate });
      const [record] = await stage.put({});
      if (!record) throw new Error('fit gave no record');
      await list(stage);
      await stage.write(...upserts([{ ...record, port: 9999 }]));
      expect(await list(stage)).toMatchObject([{ port: 9999 }]);
    },
  );

  it('believes an unchanged revision for five minutes at least, and ten at most', async () => {
    const stage = await start({ revisionOnUpdate: false });
    const [record] = await stage.put({});
    if (!record) throw new Error('fit gave no record');
    await list(stage);
    const changed = { ...record, port: 9999 };
    await settle(
      { registry: stage.another },
      await stage.another.apply(upserts([changed]), quiet()),
    );
    stage.clock.now = 5 * 60_000 - 1;
    expect(await list(stage)).toEqual([record]);
    stage.clock.now = 10 * 60_000;
    expect(await list(stage)).toEqual([changed]);
  });

  it('is whole where Discover* fails', async () => {
    const stage = await start();
    const records = await stage.put({}, {});
    stage.server.faults.inject({
      times: Number.POSITIVE_INFINITY,
      status: 403,
      body: '{"__type":"AccessDeniedException"}',
      match: (_, url) => url.startsWith('/Discover'),
    });
    for (const _ of ['cold', 'warm']) expect(byId(await list(stage))).toEqual(byId(records));
  });

  it('takes a service for empty that was deleted while it was listed', async () => {
    const stage = await start();
    await stage.put({});
    stage.server.faults.inject({
      times: 1,
      status: 400,
      body: '{"__type":"ServiceNotFound"}',
      match: (_, url) => url === '/ListInstances',
    });
    expect(await list(stage)).toEqual([]);
  });

  it('keeps what it read before it failed: the next one reads the rest', async () => {
    const stage = await start();
    for (const service of ['a', 'b', 'c']) await stage.put({ service });
    stage.calls();
    let listed = 0;
    stage.server.faults.inject({
      times: 1,
      status: 403,
      body: '{"__type":"AccessDeniedException"}',
      match: (_, url) => url === '/ListInstances' && ++listed === 2,
    });
    await expect(list(stage)).rejects.toThrow();
    stage.calls();
    expect(await list(stage)).toHaveLength(3);
    expect(stage.calls()).toMatchObject({ ListInstances: 1 });
  });

  it('goes through every page, empty ones too', async () => {
    const stage = await start();
    for (let at = 0; at < 101; at++)
      await stage.simulator.handle('CreateService', {
        Name: `s${at}`,
        NamespaceId: stage.namespaceId,
      });
    const records = await stage.put({ service: 'last' });
    expect(await list(stage)).toEqual(records);
    stage.calls();
    await list(stage);
    expect(stage.calls()).toMatchObject({ ListServices: 2 });
  });
});

describe('reading named records', () => {
  it('costs one call each and one for their health, up to ten of a service, and pages above', async () => {
    const stage = await start();
    const records = await stage.put(...Array.from({ length: 11 }, () => ({})));
    stage.calls();
    expect(await stage.registry.get(records.slice(0, 2), quiet())).toHaveLength(2);
    expect(stage.calls()).toEqual({ GetInstance: 2, GetInstancesHealthStatus: 1 });
    expect(byId(await stage.registry.get(records, quiet()))).toEqual(byId(records));
    expect(stage.calls()).toEqual({ ListInstances: 1, GetInstancesHealthStatus: 1 });
  });

  it.each([2, 11])(
    'finds %d of a service that was deleted and made anew meanwhile',
    async (count) => {
      const stage = await start();
      const records = await stage.put(...Array.from({ length: count }, () => ({})));
      const settleIn = async (changes: readonly Change[]) =>
        settle({ registry: stage.another }, await stage.another.apply(changes, quiet()));
      await settleIn(removals(records));
      stage.simulator.deleteEmptyServices();
      await settleIn(upserts(records));
      expect(byId(await stage.registry.get(records, quiet()))).toEqual(byId(records));
    },
  );

  it('finds a record by its name in any case, as DNS does', async () => {
    const stage = await start({ type: 'DNS_PRIVATE' });
    const [record] = await stage.put({ service: 'Web' });
    if (!record) throw new Error('fit gave no record');
    expect(await stage.registry.get([{ ...record, service: 'wEB' }], quiet())).toEqual([record]);
    expect(stage.registry.key({ ...record, service: 'wEB' })).toBe(stage.registry.key(record));
  });
});

describe('the directory', () => {
  it('takes one call for the instances of a service it knows', async () => {
    const { directory, put, calls } = await start();
    await put({ service: 'web' }, { service: 'web' });
    await directory.everything(quiet());
    calls();
    expect(await directory.instances('web', quiet())).toHaveLength(2);
    expect(calls()).toEqual({ DiscoverInstances: 1 });
  });

  it('shows all of a service of 300, healthy and not', async () => {
    const { directory, put, write } = await start();
    const [sick] = await put(...Array.from({ length: 300 }, () => ({ service: 'web' })));
    if (!sick) throw new Error('fit gave no record');
    await write({ kind: 'health', record: sick, health: 'unhealthy', reason: 'test' });
    const targets = await directory.instances('web', quiet());
    expect(targets).toHaveLength(300);
    expect(targets?.filter(({ healthy }) => !healthy).map(({ id }) => id)).toEqual([sick.id]);
    expect(await directory.everything(quiet())).toEqual([{ name: 'web', targets }]);
  });

  it('calls every instance healthy where nobody checks', async () => {
    const { directory, put, simulator, namespaceId } = await start();
    await simulator.handle('CreateService', { Name: 'plain', NamespaceId: namespaceId });
    await put({ service: 'plain' });
    expect(await directory.instances('plain', quiet())).toMatchObject([{ healthy: true }]);
  });

  it('finds a service in any case, one that is new, and not one that is gone', async () => {
    const { directory, put, write, client, simulator } = await start();
    const records = await put({ service: 'Web' });
    expect(await directory.instances('web', quiet())).toHaveLength(1);
    await put({ service: 'later' });
    expect(await directory.instances('later', quiet())).toHaveLength(1);
    await write(...removals(records));
    const { Services } = await simulator.handle('ListServices', {});
    const [{ Id }] = Services as [{ Id: string }];
    await client.send(new DeleteServiceCommand({ Id }));
    expect(await directory.instances('web', quiet())).toBeUndefined();
  });

  it('counts the others where one service is gone since they were listed', async () => {
    const { directory, put, server } = await start();
    await put({ service: 'a' }, { service: 'b' });
    server.faults.inject({
      times: 1,
      status: 400,
      body: '{"__type":"ServiceNotFound"}',
      match: (_, url) => url.startsWith('/DiscoverInstances'),
    });
    const counts = (await directory.everything(quiet())).map(({ targets }) => targets.length);
    expect(counts.toSorted()).toEqual([0, 1]);
  });

  it('does not list all services for each name that nobody registered', async () => {
    const { directory, put, calls } = await start();
    await put({});
    await directory.everything(quiet());
    calls();
    for (const name of ['a', 'b', '../c'])
      expect(await directory.instances(name, quiet())).toBeUndefined();
    expect(calls()).toEqual({ DiscoverInstances: 3 });
  });

  it('gives a weight of 1 to whoever has none that is a number', async () => {
    const { directory, put } = await start();
    await put(
      { service: 'a', metadata: { weight: '' } },
      { service: 'b', metadata: { weight: '0' } },
    );
    expect(await directory.instances('a', quiet())).toMatchObject([{ weight: 1 }]);
    expect(await directory.instances('b', quiet())).toMatchObject([{ weight: 0 }]);
  });
});

describe('a shared read', () => {
  const reader = () => {
    const count = { reads: 0 };
    const read = singleFlight(async (signal) => {
      count.reads++;
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      if (count.reads > 2) throw new Error('down');
      return count.reads;
    });
    return { count, read };
  };

  it('answers all who come while it is under way, and fails them alike', async () => {
    const { count, read } = reader();
    expect(await Promise.all([read(quiet()), read(quiet())])).toEqual([1, 1]);
    expect(await read(quiet())).toBe(2);
    expect(await Promise.allSettled([read(quiet()), read(quiet())])).toMatchObject([
      { reason: { message: 'down' } },
      { reason: { message: 'down' } },
    ]);
    expect(count.reads).toBe(3);
  });

  it('does not end for one caller because another gave up', async () => {
    const { read } = reader();
    const [gaveUp, stays] = await Promise.allSettled([read(AbortSignal.abort()), read(quiet())]);
    expect(gaveUp.status).toBe('rejected');
    expect(stays).toEqual({ status: 'fulfilled', value: 2 });
  });
});
