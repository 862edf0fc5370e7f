import { describe, expect, it, vi } from 'vitest';
import type { NameRules } from '../../../../shared/config/config.ts';
import type { AskedName } from '../../../../shared/derive/claim.ts';
import type { ClusterArn } from '../../../../shared/model/arn.ts';
import type { EcsServiceFacts } from '../../../../shared/source/source.ts';
import { type Asking, readClaims } from '../../../../shared/sync/observe/claims.ts';
import { nameRules, rules } from '../../derive/builders.ts';
import { live } from '../fakes.ts';

const PROD = 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod' satisfies ClusterArn;
const STAGE = 'arn:aws:ecs:eu-west-1:111122223333:cluster/stage' satisfies ClusterArn;
const web = (cluster: ClusterArn) => ({ cluster, service: 'web', family: 'web' });
const asks = (cluster: ClusterArn, ...keys: readonly string[]): Asking => ({
  owner: web(cluster),
  keys,
});
const asked = (key: string, cluster: ClusterArn = STAGE): AskedName => ({
  key,
  from: 'label',
  owner: web(cluster),
  plainKey: 'web',
});

/** ECS with these services by cluster, created at these times. */
const ecsOf = (
  services: Readonly<Record<string, Readonly<Record<string, EcsServiceFacts>>>>,
  unread: ReadonlyMap<ClusterArn, unknown> = new Map(),
) => {
  const serviceFacts = vi.fn(async (cluster: string, names: readonly string[]) => {
    const known = services[cluster] ?? {};
    return new Map(names.flatMap((name) => (known[name] ? [[name, known[name]] as const] : [])));
  });
  const lists = [PROD, STAGE].map(
    (cluster) => [cluster as ClusterArn, new Set(Object.keys(services[cluster] ?? {}))] as const,
  );
  const found = new Map(lists.filter(([cluster]) => !unread.has(cluster)));
  return { source: { services: async () => ({ found, unread }), serviceFacts }, serviceFacts };
};

const read = (
  { source }: ReturnType<typeof ecsOf>,
  names: Partial<NameRules>,
  asking: readonly Asking[],
  holders?: Parameters<typeof readClaims>[1]['holders'],
) => {
  const options = {
    source,
    rules: rules({ names: nameRules(names) }),
    isInScope: () => true,
    holders,
  };
  return readClaims(asking, options, live());
};

describe('who claims names', () => {
  it('are services by their clusters’ templates, of which nothing more is asked', async () => {
    const ecs = ecsOf({ [PROD]: { Shop: {} }, [STAGE]: { api: {} } });
    const templates = [
      { clusters: /^stage$/, template: '{cluster}-{service}' },
      { clusters: /^/, template: '{service}' },
    ];
    const claims = await read(ecs, { templates }, [asks(STAGE, 'shop')]);
    expect(claims.faultOf(asked('shop'))).toEqual({
      why: 'it is the name of ECS service prod/Shop',
      owners: ['prod/Shop'],
    });
    expect(claims.faultOf(asked('stage-api'))).toEqual({
      why: 'it is the name of ECS service stage/api',
      owners: ['stage/api'],
    });
    expect(claims.faultOf(asked('api'))).toBeUndefined();
    expect(ecs.serviceFacts).not.toHaveBeenCalled();
  });

  it.each(['{family}', '{family}-{service}'])(
    'are none by the template %s: which families services have is not asked',
    async (template) => {
      const ecs = ecsOf({ [PROD]: { shop: {} } });
      const claims = await read(ecs, { templates: [{ clusters: /^/, template }] }, [
        asks(PROD, 'shop'),
      ]);
      expect(claims.faultOf(asked('shop'))).toBeUndefined();
      expect(claims.faultOf(asked('shop-shop'))).toBeUndefined();
      expect(ecs.serviceFacts).not.toHaveBeenCalled();
    },
  );

  it('are nobody of what is said where a cluster cannot be listed, and unknown where none can', async () => {
    const ecs = ecsOf(
      { [PROD]: { web: {} } },
      new Map([[STAGE as ClusterArn, new Error('AccessDenied')]]),
    );
    const claims = await read(ecs, {}, [asks(PROD, 'canary')]);
    expect(claims.faultOf(asked('canary', PROD))?.why).toContain(
      `does not list the services of ${STAGE}`,
    );
    expect(claims.faultOf({ ...asked('web', PROD), from: 'template' })).toBeUndefined();
    expect(claims.unknown).toEqual(new Error('AccessDenied'));
    const fault = new Error('ThrottlingException');
    const clusters: readonly ClusterArn[] = [PROD, STAGE];
    const none = ecsOf({}, new Map(clusters.map((cluster) => [cluster, fault])));
    await expect(read(none, {}, [asks(PROD, 'canary')])).rejects.toBe(fault);
  });

  it('are unknown where ECS does not say when one of several was created', async () => {
    const ecs = ecsOf({ [PROD]: { web: {} }, [STAGE]: { web: { createdAt: 2 } } });
    const asking = read(ecs, { shared: 'refuse' }, [asks(STAGE, 'web')]);
    await expect(asking).rejects.toThrow('ecs: no createdAt of service prod/web');
  });

  it('are asked when they were created only where that decides', async () => {
    const ecs = ecsOf({
      [PROD]: { web: { createdAt: 2 } },
      [STAGE]: { web: { createdAt: 1 }, lone: { createdAt: 3 } },
    });
    const asking = [asks(PROD, 'web'), { ...asks(STAGE, 'lone') }];
    const claims = await read(ecs, { shared: 'refuse' }, asking);
    expect(claims.faultOf(asked('web', PROD))?.why).toContain('stage/web, created');
    expect(claims.faultOf(asked('web', STAGE))).toBeUndefined();
    expect(ecs.serviceFacts.mock.calls.map(([cluster, names]) => [cluster, names])).toEqual([
      [PROD, ['web']],
      [STAGE, ['web', 'lone']],
    ]);
  });

  it('are, with refuse, those on record too, unless ECS knows their service no more', async () => {
    const ecs = ecsOf({ [PROD]: { web: { createdAt: 1 } }, [STAGE]: { web: { createdAt: 2 } } });
    const gone = { ...web(PROD), service: 'gone' };
    const of = (...owners: readonly ReturnType<typeof web>[]) => new Map([['shop', owners]]);
    const asking = [asks(STAGE, 'shop')];
    const shared = { shared: 'refuse' } as const;
    const held = await read(ecs, shared, asking, of(web(PROD)));
    expect(held.faultOf(asked('shop'))?.why).toContain('goes before stage/web');
    const stale = await read(ecs, shared, asking, of(gone));
    expect(stale.faultOf(asked('shop'))).toBeUndefined();
    const warned = await read(ecs, {}, asking, of(web(PROD)));
    expect(warned.faultOf(asked('shop'))).toBeUndefined();
  });

  it('are unknown where ECS cannot say', async () => {
    const ecs = ecsOf({ [PROD]: { web: {} }, [STAGE]: { web: {} } });
    ecs.serviceFacts.mockRejectedValue(new Error('Rate exceeded'));
    await expect(read(ecs, { shared: 'refuse' }, [asks(PROD, 'web')])).rejects.toThrow(
      'Rate exceeded',
    );
  });

  it.each([
    ['tasks of one service', (count: number) => [[PROD, 'web', count] as const]],
    [
      'services that ask for one name',
      (count: number) =>
        Array.from({ length: count / 10 }, (_, at) => [STAGE, `web${at}`, 10] as const),
    ],
  ])('are looked through once a name, however many %s there are', async (_, servicesOf) => {
    const timesOf = async (count: number) => {
      const services = servicesOf(count);
      const facts = services.map(([, service]) => [service, { createdAt: 1 }] as const);
      const ecs = ecsOf({ [services[0]?.[0] ?? PROD]: Object.fromEntries(facts) });
      let times = 0;
      const owners = services.flatMap(([cluster, service, tasks]) =>
        Array.from({ length: tasks }, () => ({
          get cluster() {
            times++;
            return cluster;
          },
          service,
          family: service,
        })),
      );
      const asking = owners.map((owner) => ({ owner, keys: ['web'] }));
      const claims = await read(ecs, { shared: 'refuse' }, asking);
      for (const owner of owners)
        claims.faultOf({ key: 'web', from: 'template', owner, plainKey: 'web' });
      return times;
    };
    const [few, many] = [await timesOf(100), await timesOf(1_000)];
    expect(many).toBeLessThanOrEqual(10 * few);
  });
});
