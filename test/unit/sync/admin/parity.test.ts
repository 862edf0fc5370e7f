import { describe, expect, test } from 'vitest';
import type { Target } from '../../../../shared/model/registration.ts';
import type { Task } from '../../../../shared/model/task.ts';
import type { Source } from '../../../../shared/source/source.ts';
import { inspect } from '../../../../shared/sync/admin/inspect.ts';
import { answered, CLUSTER, fakeRegistry, fakeSource, live, taskOf, worldOf } from '../fakes.ts';
import { held } from './held.ts';

const OTHER = 'arn:aws:ecs:eu-west-1:111122223333:cluster/other';

/**
 * A cluster `shop` with a task of `web` at 10.0.1.163, and a cluster `other` with one of `api` at
 * 10.0.2.2.
 */
const tasks: readonly Task[] = [
  taskOf('a'),
  taskOf('b', { clusterArn: OTHER, group: 'service:api', eni: { id: 'eni-2', ipv4: '10.0.2.2' } }),
];

const ask = async (command: object, catalog: readonly Target[], source = {}) => {
  const { context } = worldOf({
    source: fakeSource({ tasks, clusters: [CLUSTER, OTHER] }, source),
    config: { policy: 'observe' },
  });
  return inspect(
    { command: 'parity', ...command },
    { ...context, catalog: async () => catalog },
    live(),
  );
};

const counts = (given: {
  same?: number;
  different?: number;
  missing?: number;
  added?: number;
  other?: number;
}) => ({
  same: 0,
  different: 0,
  missing: 0,
  added: 0,
  other: 0,
  ...given,
});

test('compares what Consul holds with what ECS runs, as a table and as values', async () => {
  const { text, json } = await ask({}, [
    held({ tags: ['old'] }),
    held({ service: 'gone', port: 9090, id: 'host-1:ecs-gone-1-app-9af2:9090' }),
    held({ service: 'consul', id: 'consul', address: '10.0.0.5', port: 8300 }),
  ]);
  expect(text.split('\n')).toEqual([
    '1 missing, 1 different, 1 added, 0 same, 1 other (profile ecs)',
    '           service  in Consul            by Rollcall',
    'missing    gone     10.0.1.163:9090/tcp  -                    host-1:ecs-gone-1-app-9af2:9090',
    'different  web      10.0.1.163:8080/tcp  10.0.1.163:8080/tcp  tags',
    'added      api      -                    10.0.2.2:8080/tcp',
    'other      consul   10.0.0.5:8300/tcp    -                    consul',
  ]);
  expect(json).toMatchObject({
    profile: 'ecs',
    counts: counts({ missing: 1, different: 1, added: 1, other: 1 }),
    rows: [
      { kind: 'missing', held: { service: 'gone', port: 9090 } },
      { kind: 'different', differs: [{ field: 'tags', held: ['old'], desired: [] }] },
      { kind: 'added', desired: { service: 'api', cluster: OTHER } },
      { kind: 'other', held: { id: 'consul' } },
    ],
    skips: [],
    unread: [],
  });
});

describe('asked for one', () => {
  const catalog = [
    held(),
    held({ service: 'api', address: '10.0.2.2', id: 'host-2:ecs-api-1-app-1:8080' }),
    held({ service: 'left', address: '10.0.1.163', port: 1, id: 'host-1:ecs-left-1-app-1:1' }),
    held({ service: 'far', address: '10.0.9.9', port: 1, id: 'host-9:ecs-far-1-app-1:1' }),
  ];

  test('cluster, it tells of its tasks, and of records under its names or at its addresses', async () => {
    const { json } = await ask({ cluster: 'shop' }, catalog);
    expect(json).toMatchObject({
      rows: [
        { kind: 'missing', held: { service: 'left' } },
        { kind: 'same', held: { service: 'web' } },
      ],
    });
  });

  test('cluster, it does not miss there what another cluster runs', async () => {
    const { json } = await ask({ cluster: 'shop' }, [
      held(),
      held({ address: '10.0.2.2', id: 'h:c:8080' }),
    ]);
    expect(json).toMatchObject({ counts: counts({ same: 1 }) });
  });

  test('cluster out of scope, it says which there are', () =>
    expect(ask({ cluster: 'shopp' }, catalog)).rejects.toThrow(
      `cluster: expected one in scope (${tasks[0]?.clusterArn}, ${OTHER}), got shopp`,
    ));

  test('service, it tells of that name on either side', async () => {
    const renamed = held({ service: 'web-8080' });
    for (const service of ['web', 'web-8080'])
      expect((await ask({ service }, [renamed])).text).toContain('name (web)');
    expect((await ask({ service: 'api' }, [renamed])).json).toMatchObject({
      counts: counts({ added: 1 }),
    });
  });
});

describe('what is not derived', () => {
  const withoutAddress = [taskOf('a', { eni: { id: 'eni-1' } })];

  test('is told with its reason where something is missing', async () => {
    const source = fakeSource({ tasks: withoutAddress });
    const { text } = await ask({}, [held()], source);
    expect(text).toContain('left out (no-address): container app, port 8080/tcp');
  });

  test('because its definition cannot be read is told, so that nobody takes the answer for whole', async () => {
    const definition = async () => Promise.reject(new Error('throttled'));
    const { text, json } = await ask({}, [], { definition });
    expect(text).toContain('cannot be derived now: throttled');
    expect(json).toMatchObject({
      unread: [expect.stringContaining('/a:'), expect.stringContaining('/b:')],
    });
  });

  test('because ECS describes it unreadably is told', async () => {
    const arn = taskOf('odd').arn;
    const source = fakeSource({ tasks: [taskOf('a')] });
    const describeTasks: Source['describeTasks'] = async (...given) => ({
      ...(await source.describeTasks(...given)),
      unreadable: [{ arn, fault: 'lastStatus: expected a text' }],
    });
    const { json } = await ask({}, [held()], { ...source, describeTasks });
    expect(json).toMatchObject({ unread: [`${arn}: DescribeTasks: lastStatus: expected a text`] });
  });

  test('with certainty, as its host cannot be read, is told', async () => {
    const arn = 'arn:aws:ecs:eu-west-1:1:container-instance/shop/x';
    const onHost = taskOf('a', { containerInstanceArn: arn });
    const hosts = async () => answered<never>({}, { [arn]: 'RequestLimitExceeded' });
    const { json } = await ask({}, [held()], { ...fakeSource({ tasks: [onHost] }), hosts });
    expect(json).toMatchObject({
      unread: [
        expect.stringMatching(/\/a: its host cannot be read now, .*: RequestLimitExceeded$/),
      ],
    });
  });

  test('because ECS does not know its definition is told too', async () => {
    const { text } = await ask({}, [], { definition: async () => undefined });
    expect(text).toContain('is not known to ECS');
  });
});

test('a task that is listed and not described is told, since its record would else be missing', async () => {
  const listTasks = async () => [taskOf('a').arn, taskOf('lost').arn];
  const source = fakeSource({ tasks: [taskOf('a')], missing: [taskOf('lost').arn] }, { listTasks });
  const { json } = await ask({}, [held()], source);
  expect(json).toMatchObject({
    counts: counts({ same: 1 }),
    unread: [`${taskOf('lost').arn}: ECS lists it, and does not describe it`],
  });
});

test('a task that is not running is not compared', async () => {
  const stopping = [taskOf('a', { lastStatus: 'PENDING' })];
  const { json } = await ask({}, [held()], fakeSource({ tasks: stopping }));
  expect(json).toMatchObject({ counts: counts({ missing: 1 }) });
});

test('a catalog that cannot be read whole is an error, not an answer', () => {
  const { context } = worldOf();
  const catalog = () =>
    Promise.reject(new Error('consul: the token may not read the whole catalog'));
  return expect(inspect({ command: 'parity' }, { ...context, catalog }, live())).rejects.toThrow(
    'the token',
  );
});

test('without Consul the command is refused', () => {
  const expected = 'parity: expected consul among ROLLCALL_REGISTRIES';
  const { context } = worldOf({ registries: [fakeRegistry([], { name: 'cloudmap' })] });
  return expect(inspect({ command: 'parity' }, context, live())).rejects.toThrow(expected);
});

test('a mistyped key is refused', () =>
  expect(ask({ services: 'web' }, [])).rejects.toThrow('services'));
