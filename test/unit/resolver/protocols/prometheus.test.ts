import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metadataLabels } from '../../../../shared/resolver/protocols/prometheus/handlers.ts';
import { ask, directoryOf, over, resolverOver, target } from '../support.ts';

const CONTENT = {
  dns: [target({ id: 'd', service: 'dns', port: 53, protocol: 'udp', zone: null })],
  web: [
    target({
      id: 'a',
      tags: ['blue', 'v1'],
      metadata: { ECS_CLUSTER_NAME: 'prod', ROLLCALL_TASK: 'arn:task/a', 'team.name': 'x' },
    }),
    target({ id: 'b', address: 'fd00::1', healthy: false }),
  ],
};

const discover = async (query = '', content: Parameters<typeof over>[0] = CONTENT) => {
  const response = await ask(over(content), `GET /prometheus/sd${query}`);
  return { ...response, groups: JSON.parse(response.body) };
};

describe('GET /prometheus/sd', () => {
  it('has a group for each instance, the unhealthy ones too', async () => {
    const { status, headers, groups } = await discover();
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(groups).toEqual([
      {
        targets: ['10.0.0.1:53'],
        labels: {
          __meta_rollcall_service: 'dns',
          __meta_rollcall_id: 'd',
          __meta_rollcall_protocol: 'udp',
          __meta_rollcall_healthy: 'true',
          __meta_rollcall_weight: '1',
        },
      },
      {
        targets: ['10.0.0.1:8080'],
        labels: {
          __meta_rollcall_service: 'web',
          __meta_rollcall_id: 'a',
          __meta_rollcall_cluster: 'prod',
          __meta_rollcall_task: 'arn:task/a',
          __meta_rollcall_zone: 'eu-central-1a',
          __meta_rollcall_protocol: 'tcp',
          __meta_rollcall_healthy: 'true',
          __meta_rollcall_weight: '1',
          __meta_rollcall_tags: ',blue,v1,',
          __meta_rollcall_metadata_ECS_CLUSTER_NAME: 'prod',
          __meta_rollcall_metadata_ROLLCALL_TASK: 'arn:task/a',
          __meta_rollcall_metadata_team_name: 'x',
        },
      },
      expect.objectContaining({
        targets: ['[fd00::1]:8080'],
        labels: expect.objectContaining({ __meta_rollcall_healthy: 'false' }),
      }),
    ]);
  });

  it.each([
    ['?protocol=udp', ['d']],
    ['?healthy=true&tag=v1', ['a']],
    ['?meta.team.name=x', ['a']],
    ['?service=web', ['a', 'b']],
    ['?service=web&service=dns&service=none', ['a', 'b', 'd']],
    ['?limit=1', ['d']],
    ['?zone=nowhere', []],
  ])('with %s keeps %j', async (query, ids) => {
    const { groups } = await discover(query);
    const idOf = ({ labels }: { labels: Record<string, string> }) => labels['__meta_rollcall_id'];
    expect(groups.map(idOf)).toEqual(ids);
  });

  it('scrapes nothing where it is asked with a key that it does not have: without it, it would be everything', async () => {
    const { status, groups } = await discover('?services=web');
    expect([status, groups.detail]).toEqual([
      400,
      'query: expected no keys but service, tag, protocol, meta.<key>, zone, healthy, limit, got "services"',
    ]);
  });

  it('takes the cluster from its ARN where its name is not told', async () => {
    const metadata = { ROLLCALL_CLUSTER: 'arn:aws:ecs:eu-central-1:1:cluster/shop' };
    const { groups } = await discover('', { web: [target({ metadata })] });
    expect(groups[0].labels).toMatchObject({ __meta_rollcall_cluster: 'shop' });
  });

  it.each([
    [{ prometheus_exporter_port: '9100' }, '10.0.0.1:9100', {}],
    [
      { PROMETHEUS_EXPORTER_PORT: '9100', PROMETHEUS_EXPORTER_PATH: '/m' },
      '10.0.0.1:9100',
      { __metrics_path__: '/m' },
    ],
    [{ prometheus_exporter_path: 'm' }, '10.0.0.1:8080', { __metrics_path__: '/m' }],
    [{ prometheus_exporter_job_name: 'shop' }, '10.0.0.1:8080', { job: 'shop' }],
    [{ prometheus_exporter_port: '0x1' }, '10.0.0.1:8080', {}],
    [{ prometheus_exporter_port: '70000', prometheus_exporter_path: '' }, '10.0.0.1:8080', {}],
  ])('knows the labels of scrapers: %j', async (metadata, address, labels) => {
    const [group] = (await discover('', { web: [target({ metadata })] })).groups;
    expect(group.targets).toEqual([address]);
    const own = Object.entries(group.labels).filter(([name]) => !name.startsWith('__meta_'));
    expect(Object.fromEntries(own)).toEqual(labels);
  });

  it('lists an exporter once, however many ports its task has published', async () => {
    const metadata = { ROLLCALL_TASK: 'arn:task', prometheus_exporter_port: '9100' };
    const ports = [8080, 8081, 9100].map((port) => target({ id: `i-${port}`, port, metadata }));
    const other = target({ id: 'j', address: '10.0.0.2', metadata });
    const { groups } = await discover('', { web: [...ports, other] });
    expect(groups.flatMap((group: { targets: string[] }) => group.targets)).toEqual([
      '10.0.0.1:9100',
      '10.0.0.2:9100',
    ]);
  });

  it('leaves out what nobody can connect to', async () => {
    const bad = [target({ address: 'evil/?' }), target({ port: 0 })];
    expect((await discover('', { web: bad })).groups).toEqual([]);
  });

  it.each(['/prometheus/sd', '/prometheus/sd?service=web'])(
    'is never an empty list while the registry cannot be read: %s',
    async (path) => {
      const { state, directory } = directoryOf(CONTENT);
      state.failure = new Error('down');
      expect((await ask(resolverOver(directory), `GET ${path}`)).status).toBe(503);
    },
  );

  it('is a failure where one of the services cannot be read', async () => {
    const { directory } = directoryOf(CONTENT);
    const partial = {
      ...directory,
      instances: async (service: string, signal: AbortSignal) => {
        if (service === 'web') throw new Error('down');
        return directory.instances(service, signal);
      },
    };
    const path = '/prometheus/sd?service=dns&service=web';
    expect((await ask(resolverOver(partial), `GET ${path}`)).status).toBe(503);
  });
});

describe('metadata as labels', () => {
  it('leaves a key that is a label its name, and numbers the others', () => {
    expect(
      Object.fromEntries(metadataLabels({ 'a.b': '1', 'a-b': '2', a_b: '3', a_b_2: '4' })),
    ).toEqual({
      __meta_rollcall_metadata_a_b: '3',
      __meta_rollcall_metadata_a_b_2: '4',
      __meta_rollcall_metadata_a_b_3: '2',
      __meta_rollcall_metadata_a_b_4: '1',
    });
  });

  it('loses none, and names each as Prometheus takes it', () => {
    const key = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', '_', '.', '-', '2', 'é') }),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.dictionary(key, fc.string()), (metadata) => {
        const labels = metadataLabels(metadata);
        expect(new Set(labels.map(([name]) => name)).size).toBe(Object.keys(metadata).length);
        for (const [name] of labels) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      }),
    );
  });
});
