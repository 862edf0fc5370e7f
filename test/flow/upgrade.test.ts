import { describe, expect, it } from 'vitest';
import { readConfig } from '../../shared/config/load.ts';
import { type Change, operationsOf } from '../../shared/model/plan.ts';
import { KEY } from '../../shared/model/registration.ts';
import { createRegistries } from '../../shared/registries/index.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import { container, type Flow, startFlow } from './stage.ts';

const live = () => new AbortController().signal;

/** By the name that a record has now, the one that the version before gave it. */
type Before = Readonly<Record<string, string>>;

/**
 * Turns all that is registered into what the version before wrote: its names, the version of its
 * naming rules, and none of the metadata that came later.
 */
const asBefore = async (before: Before) => {
  for (const registry of await createRegistries(await readConfig())) {
    const { records } = await registry.list(live());
    const changes = records.flatMap((record): readonly Change[] => {
      const { [KEY.deployment]: _, [KEY.revision]: __, ...metadata } = record.metadata;
      const service = oldName(record.service, before);
      const old = { ...record, service, metadata: { ...metadata, [KEY.naming]: '1' } };
      const removal: Change = { kind: 'remove', ref: record, reason: 'planted' };
      const isOneWrite = registry.key(old) === registry.key(record);
      const write: Change = { kind: 'upsert', record: old, reason: 'planted' };
      return isOneWrite ? [write] : [write, removal];
    });
    await applyToEnd(registry, changes);
  }
};

/** Eureka has names in capitals. */
const oldName = (service: string, before: Before) => {
  const name = before[service.toLowerCase()] ?? service;
  return service === service.toUpperCase() ? name.toUpperCase() : name;
};

const applyToEnd = async (registry: Registry, changes: readonly Change[]) => {
  const outcomes = await registry.apply(changes, live());
  let open = outcomes.flatMap(operationsOf);
  while (open.length > 0) {
    const followed = (await registry.follow?.(open, live())) ?? [];
    open = followed.filter(({ status }) => status === 'pending').map(({ operation }) => operation);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};

/** What each registry holds: names in lower case, with how many instances. */
const counts = async (flow: Flow) => {
  const places = await flow.places();
  return Object.fromEntries(
    Object.entries(places).map(([registry, all]) => {
      const byName = Map.groupBy(all, (place) => place.split(' ')[0]?.toLowerCase() ?? '');
      return [registry, Object.fromEntries([...byName].map(([name, one]) => [name, one.length]))];
    }),
  );
};

const port = (containerPort: number) => ({ containerPort });

/** A fleet of few records, so that no share of them would be withheld. */
const standing = async () => {
  const flow = await startFlow({
    environment: { ROLLCALL_TASKS: 'all', ROLLCALL_SHARED_NAMES: 'allow' },
  });
  const two = { containerDefinitions: [container({ portMappings: [port(8080), port(9090)] })] };
  const shops = [flow.run({ ...two, family: 'shop' }), flow.run({ ...two, family: 'shop' })];
  flow.run({
    family: 'basket',
    containerDefinitions: [
      container(),
      container({ name: 'xray', essential: false, portMappings: [port(2000)] }),
    ],
  });
  flow.run({ family: 'plain' });
  flow.stack.world.runTask({ cluster: 'shop', taskDefinition: 'plain', startedBy: 'nightly' });
  await flow.settle();
  await asBefore({
    shop: 'shop-8080',
    'shop-9090': 'shop-9090',
    basket: 'basket-8080',
    'basket-xray-2000': 'basket-2000',
  });
  await flow.stack.redeploy({ ROLLCALL_TASKS: 'services', ROLLCALL_SHARED_NAMES: 'warn' });
  return { flow, shops };
};

const OLD = { 'shop-8080': 2, 'shop-9090': 2, 'basket-8080': 1, 'basket-2000': 1, plain: 2 };
const NEW = { shop: 2, 'shop-9090': 2, basket: 1, 'basket-xray-2000': 1, plain: 1 };

describe('an upgrade over a standing fleet of the version before', () => {
  it('takes no name from any task until the plan is released, and tells', async () => {
    const { flow } = await standing();
    expect(await counts(flow)).toEqual({ cloudmap: OLD, consul: OLD, eureka: OLD });

    const summary = await flow.stack.reconcile.invoke();
    await flow.settle();
    const both = { ...NEW, ...OLD };
    // In Consul a record has one name: the old one, as long as it is not released.
    expect(await counts(flow)).toEqual({ cloudmap: both, consul: OLD, eureka: both });
    expect(summary.withheld).toMatchObject([{ why: 'renamed' }]);
    const [told] = flow.saying('an older version of Rollcall gave the names');
    expect(told?.['message']).toContain(`rollcall release ${summary.withheld[0]?.plan}`);

    // A minute later nothing is different, and nothing is written again.
    const next = await flow.stack.reconcile.invoke();
    expect(next.registries.consul).toMatchObject({ written: 0, removed: 0 });
    expect(next.withheld).toEqual(summary.withheld);

    await flow.stack.operate({ command: 'release', plan: summary.withheld[0]?.plan });
    await flow.stack.reconcile.invoke();
    await flow.settle();
    expect(await counts(flow)).toEqual({ cloudmap: NEW, consul: NEW, eureka: NEW });
  });

  it('renames no task by an event that comes later than its start', async () => {
    const { flow, shops } = await standing();
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    for (const { taskArn } of shops) flow.stack.world.changeTask(taskArn, {});
    await flow.settle();
    expect((await counts(flow))['consul']).toEqual(OLD);
  });

  it('takes no name for the service that it belongs to either, though that one runs', async () => {
    const flow = await startFlow();
    for (let at = 0; at < 3; at++) flow.run({ tags: [{ key: 'rollcall:name', value: 'basket' }] });
    await flow.settle();
    await asBefore({});
    flow.run({ family: 'basket' });
    await flow.settle();
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    const summary = await flow.stack.reconcile.invoke();
    await flow.settle();
    const held = {
      cloudmap: { basket: 4, web: 3 },
      consul: { basket: 4 },
      eureka: { basket: 4, web: 3 },
    };
    expect(await counts(flow)).toEqual(held);
    await flow.stack.operate({ command: 'release', plan: summary.withheld[0]?.plan });
    await flow.stack.reconcile.invoke();
    await flow.settle();
    const after = { basket: 1, web: 3 };
    expect(await counts(flow)).toEqual({ cloudmap: after, consul: after, eureka: after });
  });

  it('releases one renaming, and no other of the same tasks', async () => {
    const { flow } = await standing();
    const { withheld } = await flow.stack.reconcile.invoke();
    await flow.stack.operate({ command: 'release', plan: withheld[0]?.plan });
    await flow.stack.redeploy({ ROLLCALL_PROFILE: 'registrator' });
    const next = await flow.stack.reconcile.invoke();
    await flow.settle();
    expect(next.withheld[0]?.plan).not.toBe(withheld[0]?.plan);
    expect((await counts(flow))['consul']).toEqual(OLD);
  });

  it('writes no record anew for what this version says besides', async () => {
    const { flow } = await standing();
    const { registries } = await flow.stack.reconcile.invoke();
    // The new names in Cloud Map and Eureka, of the four ports that have another.
    expect(registries).toMatchObject({
      cloudmap: { written: 4 },
      consul: { written: 0 },
      eureka: { written: 4 },
    });
  });

  it('takes a task that stops out under both names within a round', async () => {
    const { flow, shops } = await standing();
    await flow.stack.reconcile.invoke();
    flow.stack.world.stopTask(shops[0]?.taskArn ?? '');
    await flow.settle();
    await flow.stack.reconcile.invoke();
    await flow.settle();
    const { cloudmap, consul, eureka } = await counts(flow);
    for (const held of [cloudmap, consul, eureka]) expect(held).toMatchObject({ 'shop-8080': 1 });
    for (const held of [cloudmap, eureka]) expect(held).toMatchObject({ shop: 1 });
  });

  it('gives a task that starts its new name alone', async () => {
    const { flow } = await standing();
    await flow.stack.reconcile.invoke();
    flow.stack.world.runTask({ cluster: 'shop', taskDefinition: 'shop', service: 'shop' });
    await flow.settle();
    const { consul } = await counts(flow);
    expect(consul).toMatchObject({ 'shop-8080': 2, shop: 1, 'shop-9090': 3 });
  });
});
