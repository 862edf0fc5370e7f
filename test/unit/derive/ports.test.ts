import { describe, expect, test } from 'vitest';
import type { ContainerDefinition, PortMapping } from '../../../shared/model/task.ts';
import {
  binding,
  type Case,
  container,
  derived,
  host,
  instance,
  labelled,
  names,
  port,
  reasons,
  running,
  task,
} from './builders.ts';

const range = (first: number, last: number, more: Partial<PortMapping> = {}) =>
  port(first, { lastContainerPort: last, ...more });

describe('a range of ports', () => {
  const rangeOf = (given: Case) => {
    const { port, metadata } = instance(given);
    return [port, metadata['PORT_RANGE'], metadata['HOST_PORT_RANGE']];
  };

  test('is one record on its first port, with the whole in metadata', () =>
    expect(rangeOf({ containers: labelled({}, range(40_000, 40_999)) })).toEqual([
      40_000,
      '40000-40999',
      '40000-40999',
    ]));

  test('is on its first host port in bridge mode', () => {
    const bound = binding(40_000, 49_152, { lastHostPort: 50_151, protocol: 'udp' });
    const given: Case = {
      containers: labelled({}, range(40_000, 40_999, { protocol: 'udp' })),
      networkMode: 'bridge',
      task: { containers: [running({ bindings: [bound] })] },
      more: { host: host() },
    };
    expect(rangeOf(given)).toEqual([49_152, '40000-40999', '49152-50151']);
  });

  test('names its port like any other, and no other port differently for its length', () => {
    const at = (last: number) => names({ containers: labelled({}, port(21), range(8000, last)) });
    expect(at(8099)).toEqual(['21/tcp web', '8000/tcp web-8000']);
    expect(at(8100)).toEqual(at(8099));
  });

  test('has no other record for a label on a port inside, and says so', () => {
    const labels = { SERVICE_8005_NAME: 'a', SERVICE_8005_TAGS: 'b' };
    const given: Case = { containers: labelled(labels, range(8000, 8010)) };
    expect(names(given)).toEqual(['8000/tcp web']);
    expect(derived(given).notes).toEqual([
      'container app: SERVICE_8005_NAME, SERVICE_8005_TAGS: ignored, port 8005 is in the range 8000-8010, which is one record and spoken of by 8000',
    ]);
  });

  test('is spoken of by its first port', () => {
    const containers = labelled({ SERVICE_8000_NAME: 'media' }, range(8000, 8010));
    expect(names({ containers })).toEqual(['8000/tcp media']);
  });
});

describe('a port that no mapping has', () => {
  const labels = { SERVICE_9100_NAME: 'metrics', SERVICE_9100_TAGS: 'a' };

  test.each(['awsvpc', 'host'] as const)('is registered in %s mode where it is named', (mode) => {
    const given: Case = {
      containers: labelled(labels, port(80)),
      networkMode: mode,
      more: { host: host() },
    };
    expect(names(given)).toEqual(['80/tcp web', '9100/tcp metrics']);
    const metrics = derived(given).instances.find(({ service }) => service === 'metrics');
    expect(metrics).toMatchObject({ port: 9100, tags: ['a'] });
    expect(derived(given).notes).toEqual([]);
  });

  test('may be the only one of its container', () => {
    const containers = [container({ labels, ports: [] })];
    expect(names({ containers })).toEqual(['9100/tcp metrics']);
    expect(reasons({ containers })).toEqual([]);
  });

  test('takes the plain name of no other port', () => {
    const containers = [
      container({ name: 'a', labels: { SERVICE_1_NAME: 'x' }, ports: [] }),
      container({ name: 'b', ports: [port(80)] }),
    ];
    expect(names({ containers })).toEqual(['1/tcp x', '80/tcp web']);
  });

  test('is another container’s where that maps it, and told', () => {
    const containers = [
      container({ labels: { SERVICE_9090_NAME: 'metrics' } }),
      container({ name: 'side', ports: [port(9090)] }),
    ];
    expect(names({ containers })).toEqual(['8080/tcp web', '9090/tcp web-side-9090']);
    expect(derived({ containers }).notes).toContain(
      "container app: SERVICE_9090_NAME: ignored, port 9090 is container side's",
    );
  });

  test('is not registered in bridge mode, where nobody could reach it', () => {
    const given: Case = {
      containers: labelled(labels, port(80)),
      networkMode: 'bridge',
      more: { host: host() },
    };
    expect(derived(given).identities.map(({ service }) => service)).toEqual(['web']);
    expect(derived(given).notes).toEqual([
      'container app: SERVICE_9100_NAME, SERVICE_9100_TAGS: ignored, the container maps no port 9100',
    ]);
  });

  test.each([
    ['no name', { SERVICE_9100_TAGS: 'a' }, 'SERVICE_9100_TAGS'],
    [
      'an empty name and tags',
      { SERVICE_9100_NAME: '', SERVICE_9100_TAGS: 'a' },
      'SERVICE_9100_TAGS',
    ],
    ['a number that is none', { SERVICE_080_NAME: 'a' }, 'SERVICE_080_NAME'],
    ['a number too high', { SERVICE_65536_NAME: 'a' }, 'SERVICE_65536_NAME'],
  ])('is told and left where its label has %s', (_, labels, key) => {
    const { identities, notes } = derived({ containers: labelled(labels, port(80)) });
    expect(identities).toHaveLength(1);
    expect(notes).toEqual([expect.stringContaining(`container app: ${key}: ignored`)]);
  });

  test('is told to be a host port where it is one', () => {
    const containers = labelled({ SERVICE_8080_NAME: 'a' }, port(80, { hostPort: 8080 }));
    const { notes } = derived({ containers, networkMode: 'bridge', more: { host: host() } });
    expect(notes).toEqual([
      'container app: SERVICE_8080_NAME: ignored, 8080 is the host port of 80, and labels name the container port',
    ]);
  });

  test('of keys that mean nothing is not told: links of containers set such variables', () => {
    const environment = { SERVICE_8080_TCP_ADDR: '10.0.0.1' };
    const containers = [container({ environment, ports: [port(80)] })];
    expect(derived({ containers, rules: { profile: 'registrator' } }).notes).toEqual([]);
  });
});

describe('a container that does not serve', () => {
  const given = (lastStatus?: string): Case => ({
    containers: [container(), container({ name: 'other', ports: [port(90)] })],
    task: {
      containers: [
        running({ lastStatus: 'RUNNING' }),
        running({ name: 'other', ...(lastStatus !== undefined && { lastStatus }) }),
      ],
    },
  });

  test('since it has stopped has its port left out, and its record goes', () => {
    const { identities, stopped, instances } = derived(given('STOPPED'));
    expect(reasons(given('STOPPED'))).toEqual(['other 90 container-stopped']);
    expect(instances.map(({ service }) => service)).toEqual(['web']);
    expect(identities).toHaveLength(2);
    expect(stopped.map(({ service }) => service)).toEqual(['web-other-90']);
  });

  test('leaves no record of its ports behind, whichever rules have named them', () => {
    const ids = (lastStatus: string, more: Partial<ContainerDefinition>) => {
      const other = container({ name: 'other', ports: [range(9000, 9002), port(90)], ...more });
      const containers = [running(), running({ name: 'other', lastStatus })];
      return derived({ containers: [container(), other], task: { containers } });
    };
    const { stoppedIds } = ids('STOPPED', { sidecar: 'log router' });
    expect([...stoppedIds].map((id) => id.split('-')[1])).toEqual(['9000', '9001', '9002', '90']);
    const running90 = ids('RUNNING', { ports: [port(90)] }).identities.map(({ id }) => id);
    expect(running90.filter((id) => stoppedIds.has(id))).toHaveLength(1);
    expect(ids('PENDING', {}).stoppedIds.size).toBe(0);
  });

  test('since it does not run yet has its port left out, and its record stays', () => {
    expect(reasons(given('PENDING'))).toEqual(['other 90 container-starting']);
    expect(derived(given('PENDING')).stopped).toEqual([]);
  });

  test.each(['RUNNING', undefined])('is not one of status %s', (status) => {
    expect(derived(given(status)).instances).toHaveLength(2);
    expect(derived(given(status)).stopped).toEqual([]);
  });
});

describe('{zone} in a name', () => {
  const containers = labelled({ SERVICE_NAME: 'web-{zone}' });

  test.each(['ecs', 'registrator'] as const)('is filled in under profile %s', (profile) =>
    expect(names({ containers, rules: { profile } })).toEqual(['8080/tcp web-eu-west-1a']),
  );

  test('keeps a port out where the task has none', () => {
    const { zone: _, ...zoneless } = task();
    const { skips } = derived({ containers, more: { task: zoneless } });
    expect(skips).toEqual([
      expect.objectContaining({
        code: 'invalid-name',
        detail: expect.stringContaining('nothing is known for {zone} in "web-{zone}"'),
      }),
    ]);
  });
});
