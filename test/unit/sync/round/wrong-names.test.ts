import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NameRules } from '../../../../shared/config/config.ts';
import type { ClusterArn, DefinitionArn } from '../../../../shared/model/arn.ts';
import { KEY, type Registration } from '../../../../shared/model/registration.ts';
import type { Definition, Task } from '../../../../shared/model/task.ts';
import { reconcile } from '../../../../shared/sync/reconcile.ts';
import { CLUSTER, container, definition, nameRules, port, rules } from '../../derive/builders.ts';
import { fakeRegistry, fakeSource, live, NOW, taskOf, worldOf } from '../fakes.ts';

const PROD = 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod' satisfies ClusterArn;
const CLUSTERS: readonly ClusterArn[] = [CLUSTER, PROD];
/** Names of services, and those that tags say: some begin with others. */
const NAMES = ['pay', 'pay-roll', 'pay-admin'] as const;

const anyService = fc.record({
  cluster: fc.constantFrom(...CLUSTERS),
  service: fc.constantFrom('web', ...NAMES),
  count: fc.constantFrom(1, 12),
  tag: fc.option(fc.constantFrom(...NAMES), { nil: undefined }),
  hasAdmin: fc.boolean(),
});

const anyTemplates = fc
  .tuple(
    fc.constantFrom('shop', 'prod'),
    fc.constantFrom('{family}', '{cluster}-{service}', '{service}-{cluster}'),
  )
  .map(([cluster, template]) => ({
    templates: [
      { clusters: new RegExp(`^${cluster}$`), template },
      { clusters: /^/, template: '{service}' },
    ],
  }));

const anyPins = fc
  .dictionary(
    fc.constantFrom(...NAMES),
    fc
      .constantFrom('shop', 'prod')
      .chain((cluster) => fc.constantFrom(...NAMES).map((service) => [`${cluster}/${service}`])),
    { minKeys: 1, maxKeys: 2 },
  )
  .map((pins) => ({ pinned: new Map(Object.entries(pins)) }));

/** Names by mistake: whatever was right before, nobody meant this. */
const anyMistake: fc.Arbitrary<Partial<NameRules>> = fc.oneof(anyTemplates, anyPins);

type Service = typeof anyService extends fc.Arbitrary<infer T> ? T : never;

const definitionOf = ({ service, tag, hasAdmin }: Service, at: number): Definition =>
  definition({
    arn: `arn:aws:ecs:eu-west-1:111122223333:task-definition/d${at}:1` satisfies DefinitionArn,
    family: service,
    tags: tag === undefined ? {} : { 'rollcall:name': tag },
    containers: [
      container({ ports: [port(), ...(hasAdmin ? [port(81, { name: 'admin' })] : [])] }),
    ],
  });

const tasksOf = ({ cluster, service, count }: Service, at: number): readonly Task[] =>
  Array.from({ length: count }, (_, of) =>
    taskOf(`t${at}-${of}`, {
      clusterArn: cluster,
      group: `service:${service}`,
      definitionArn: `arn:aws:ecs:eu-west-1:111122223333:task-definition/d${at}:1`,
    }),
  );

const keyOf = ({ service, id }: Registration) => `${service} ${id}`;
const isOwn = ({ service, metadata }: Registration) => {
  const { [KEY.serviceName]: own = '' } = metadata;
  return service === own || service.startsWith(`${own}-`);
};

/** Half of a cluster's records, as the delete limit is by default; it counts above ten. */
const isWithinLimit = (gone: number, held: number) => held <= 10 || gone * 2 <= held;

describe('whatever names a deployment gives by mistake', () => {
  it('a service’s own names go within the delete limit, and no other is emptied above it', async () => {
    const services = fc.uniqueArray(anyService, {
      minLength: 3,
      maxLength: 5,
      selector: ({ cluster, service }) => `${cluster} ${service}`,
    });
    await fc.assert(
      fc.asyncProperty(services, anyMistake, async (all, mistake) => {
        const registry = fakeRegistry();
        const source = fakeSource(
          {
            tasks: all.flatMap(tasksOf),
            clusters: CLUSTERS,
            definitions: all.map(definitionOf),
          },
          {
            services: async () => ({
              found: new Map(
                CLUSTERS.map((arn) => [
                  arn,
                  new Set(all.flatMap((one) => (one.cluster === arn ? one.service : []))),
                ]),
              ),
              unread: new Map(),
            }),
          },
        );
        const { context } = worldOf({ registries: [registry], source });
        const round = async (names: Partial<NameRules>) => {
          const config = { ...context.config, rules: rules({ names: nameRules(names) }) };
          await reconcile({ ...context, config }, NOW + 55_000, live());
          return [...registry.records.values()];
        };
        // At rest under right rules; the ledger of each round counts what went before it.
        await round({});
        const before = await round({});
        const after = await round(mistake);
        const left = new Set(after.map(keyOf));
        for (const cluster of CLUSTERS) {
          const held = before.filter((one) => one.cluster === cluster);
          const gone = held.filter((one) => !left.has(keyOf(one)));
          const own = new Set(gone.filter(isOwn).map(({ id }) => id));
          expect(isWithinLimit(own.size, new Set(held.map(({ id }) => id)).size)).toBe(true);
          for (const [name, ones] of Map.groupBy(gone, ({ service }) => service)) {
            const isServed = after.some(({ service }) => service === name);
            expect(isServed || isWithinLimit(ones.length, held.length)).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  }, 30_000);
});
