import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterArn, DefinitionArn } from '../../../../shared/model/arn.ts';
import { KEY, type Registration } from '../../../../shared/model/registration.ts';
import type { Task } from '../../../../shared/model/task.ts';
import type { Registry } from '../../../../shared/registries/registry.ts';
import { reconcile } from '../../../../shared/sync/reconcile.ts';
import { CLUSTER, container, definition, nameRules, rules } from '../../derive/builders.ts';
import {
  type FakeRegistry,
  fakeRegistry,
  fakeSource,
  live,
  NOW,
  taskOf,
  worldOf,
} from '../fakes.ts';

const PROD = 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod' satisfies ClusterArn;
const arnOf = (family: string) =>
  `arn:aws:ecs:eu-west-1:111122223333:task-definition/${family}:1` satisfies DefinitionArn;

const SAYING = definition({ arn: arnOf('web'), tags: { 'rollcall:name': 'payments' } });
const OWN = definition({ arn: arnOf('payments'), family: 'payments' });
const CHECKED = definition({
  arn: arnOf('checked'),
  family: 'payments',
  containers: [container({ hasHealthCheck: true })],
});

/**
 * `says`: so many tasks of a service that says the name start; `web` is older than `api`. `owner`:
 * one of the service whose name it is.
 */
const anyStep = fc.oneof(
  fc.record({
    kind: fc.constant('says' as const),
    count: fc.constantFrom(1, 3, 12),
    by: fc.constantFrom('web', 'api'),
  }),
  fc.record({ kind: fc.constantFrom('service' as const, 'owner' as const, 'ill' as const) }),
  fc.record({ kind: fc.constantFrom('stop' as const, 'stop-owner' as const) }),
);

interface Step {
  readonly kind: string;
  readonly count?: number;
  readonly by?: string;
}

/** Consul has one record for an id, whatever its name; Cloud Map and Eureka one for each name. */
const registryBy = (isById: boolean): FakeRegistry => {
  const made = fakeRegistry();
  if (!isById) return made;
  const apply: Registry['apply'] = (changes, signal) => {
    const written = new Set(changes.flatMap((one) => (one.kind === 'upsert' ? one.record.id : [])));
    for (const [key, { id }] of made.records) if (written.has(id)) made.records.delete(key);
    return made.apply(changes, signal);
  };
  return { ...made, key: ({ id }) => id, apply };
};

const startWorld = (shared: 'warn' | 'refuse', isById: boolean) => {
  const registry = registryBy(isById);
  const tasks: Task[] = [];
  let hasService = false;
  const source = () =>
    fakeSource(
      { tasks, clusters: [CLUSTER, PROD], definitions: [SAYING, OWN, CHECKED] },
      {
        services: async () => ({
          found: new Map([
            [CLUSTER as ClusterArn, new Set(['web', 'api'])],
            [PROD, new Set(hasService ? ['payments'] : [])],
          ]),
          unread: new Map(),
        }),
        serviceFacts: async (_, names) =>
          new Map(names.map((name) => [name, { createdAt: name === 'api' ? 2 : 1 }])),
      },
    );
  let started = 0;
  const start = (more: Partial<Task>) => tasks.push(taskOf(`t${started++}`, more));
  const stop = (isMeant: (task: Task) => boolean) => {
    const at = tasks.findIndex(isMeant);
    const [gone] = at < 0 ? [] : tasks.splice(at, 1);
    // Its stop has taken it out already.
    for (const [key, { metadata }] of registry.records)
      if (metadata[KEY.task] === gone?.arn) registry.records.delete(key);
  };
  const owners = { clusterArn: PROD as ClusterArn, group: 'service:payments' };
  const isOwner = ({ group }: Pick<Task, 'group'>) => group === owners.group;
  const play = (step: Step) => {
    const { kind, count = 0, by = '' } = step;
    for (let at = 0; at < count; at++) start({ definitionArn: SAYING.arn, group: `service:${by}` });
    if (kind === 'stop') stop((task) => !isOwner(task));
    if (kind === 'stop-owner') stop(isOwner);
    if (kind === 'service' || kind === 'owner' || kind === 'ill') hasService = true;
    if (kind === 'owner') start({ ...owners, definitionArn: OWN.arn });
    if (kind === 'ill') start({ ...owners, definitionArn: CHECKED.arn });
  };
  const round = async () => {
    const made = worldOf({ registries: [registry], source: source() });
    const config = { ...made.context.config, rules: rules({ names: nameRules({ shared }) }) };
    await reconcile({ ...made.context, config }, NOW + 55_000, live());
    return made.counts;
  };
  const bearers = () =>
    [...registry.records.values()].filter(({ service }) => service === 'payments');
  const isSmall = () => registry.records.size <= 10;
  return { play, round, bearers, isSmall, hasService: () => hasService };
};

const idsOf = (records: readonly Registration[]) => records.map(({ id }) => id);
const isOf = (service: string) => (one: Registration) => one.metadata[KEY.serviceName] === service;
const isOwners = isOf('payments');
const isHealthy = ({ health }: Registration) => health === 'healthy';

describe('in whichever order services come, and tasks that say their names', () => {
  it.each([
    { shared: 'warn', isById: false },
    { shared: 'warn', isById: true },
    { shared: 'refuse', isById: false },
    { shared: 'refuse', isById: true },
  ] as const)(
    'no round empties a name, leaves it to others beside its owner, or gives it anew: $shared, $isById',
    async ({ shared, isById }) => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 2, maxLength: 8 }), async (steps) => {
          const { play, round, bearers, isSmall, hasService } = startWorld(shared, isById);
          for (const step of steps) {
            play(step);
            const before = bearers();
            const isServed = before.some((one) => isOwners(one) && isHealthy(one));
            const isUnlimited = shared === 'refuse' || isSmall();
            await round();
            const after = bearers();
            if (before.some(isHealthy)) expect(after.some(isHealthy)).toBe(true);
            if (isServed && isUnlimited) expect(after.filter((one) => !isOwners(one))).toEqual([]);
            const isEldersToo = before.some(isOf('web')) && shared === 'refuse';
            if (isEldersToo && !hasService()) expect(after.filter(isOf('api'))).toEqual([]);
            const known = new Set(idsOf(before));
            const isNew = (one: Registration) => !isOwners(one) && !known.has(one.id);
            if (hasService()) expect(after.filter(isNew)).toEqual([]);
          }
        }),
        { numRuns: 40 },
      );
    },
    20_000,
  );
});

describe('a name whose service runs nothing', () => {
  it('is counted as awaited, and not as withheld: it may be so for good', async () => {
    const { play, round, bearers } = startWorld('warn', false);
    play({ kind: 'says', count: 3, by: 'web' });
    await round();
    play({ kind: 'service' });
    const counts = await round();
    expect(bearers()).toHaveLength(3);
    expect([counts.get('Awaited consul'), counts.get('Withheld consul')]).toEqual([3, 0]);
  });
});
