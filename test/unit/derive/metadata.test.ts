import { describe, expect, test } from 'vitest';
import {
  binding,
  type Case,
  CLUSTER,
  container,
  derived,
  host,
  instance,
  labelled,
  OWNER,
  port,
  running,
  TASK,
  task,
} from './builders.ts';

const OURS = {
  ROLLCALL_OWNER: OWNER,
  ROLLCALL_CLUSTER: CLUSTER,
  ROLLCALL_TASK: TASK,
  ROLLCALL_STARTED: '2026-01-02T03:04:05.000Z',
  ROLLCALL_NAMING: '2',
  ROLLCALL_DEPLOYMENT: 'ecs-svc/1234567890123456789',
  ROLLCALL_REVISION: '5',
  ECS_CLUSTER_NAME: 'shop',
  ECS_SERVICE_NAME: 'web',
  ECS_TASK_DEFINITION_FAMILY: 'shop-web',
  AVAILABILITY_ZONE: 'eu-west-1a',
  REGION: 'eu-west-1',
};

const metadata = (given: Case) => instance(given).metadata;
const ofUser = (given: Case) =>
  Object.fromEntries(Object.entries(metadata(given)).filter(([key]) => !Object.hasOwn(OURS, key)));
const bridged: Case = {
  networkMode: 'bridge',
  more: { host: host() },
  task: { containers: [running({ bindings: [binding(8080, 32768)] })] },
};

describe('every record says', () => {
  test('whose it is and where it runs', () => expect(metadata({})).toEqual(OURS));

  test('which host it is on, where its address is the host', () =>
    expect(metadata(bridged)['EC2_INSTANCE_ID']).toBe('i-0abc'));

  test('no host in awsvpc, where it is not always read and a record must not change by chance', () =>
    expect(metadata({ more: { host: host() } })).toEqual(OURS));

  test("the host's zone where the task has none", () => {
    const { zone: _, ...zoneless } = task(bridged.task);
    expect(
      metadata({ ...bridged, more: { ...bridged.more, task: zoneless } })['AVAILABILITY_ZONE'],
    ).toBe('eu-west-1b');
    expect(
      metadata({ more: { host: host(), task: { ...zoneless, containers: [] } } }),
    ).not.toHaveProperty('AVAILABILITY_ZONE');
  });

  test('when its task was created where it has no start, and nothing where it has neither', () => {
    const { startedAt: _, ...created } = task({ createdAt: 0 });
    const { createdAt: __, ...timeless } = created;
    expect(metadata({ more: { task: created } })['ROLLCALL_STARTED']).toBe(
      '1970-01-01T00:00:00.000Z',
    );
    expect(metadata({ more: { task: timeless } })).not.toHaveProperty('ROLLCALL_STARTED');
  });

  test('no service for a task that was run by hand', () =>
    expect(
      metadata({ task: { group: 'family:shop-web' }, rules: { tasks: 'all' } }),
    ).not.toHaveProperty('ECS_SERVICE_NAME'));

  test('its protocol, only where that is not tcp', () =>
    expect(
      metadata({ containers: labelled({}, port(53, { protocol: 'udp' })) })['ROLLCALL_PROTOCOL'],
    ).toBe('udp'));
});

describe('free keys', () => {
  test.each<readonly [string, Record<string, string>, Record<string, string>]>([
    ['are in lower case', { SERVICE_Team_A: 'Blue' }, { team_a: 'Blue' }],
    [
      'keep dots',
      { 'SERVICE_management.context-path': '/ops' },
      { 'management.context-path': '/ops' },
    ],
    ['keep blanks and empty values', { SERVICE_A: ' x ', SERVICE_B: '' }, { a: ' x ', b: '' }],
    ['may be a bare port', { SERVICE_80: 'x' }, { '80': 'x' }],
    ['of the port beat general ones, empty too', { SERVICE_A: 'x', SERVICE_8080_A: '' }, { a: '' }],
    ['of another port are dropped', { SERVICE_81_A: 'x' }, {}],
    ['keep double underscores in labels', { SERVICE_A__B: 'x' }, { a__b: 'x' }],
    [
      'may be called like a property of every object',
      { SERVICE_CONSTRUCTOR: 'x' },
      { constructor: 'x' },
    ],
  ])('%s', (_, labels, expected) =>
    expect(ofUser({ containers: labelled(labels) })).toEqual(expected),
  );

  test('SERVICE_ID is one, and never the id', () => {
    const given = { containers: labelled({ SERVICE_ID: 'mine' }) };
    expect(ofUser(given)).toEqual({ service_id: 'mine' });
    expect(instance(given).id).toBe(instance({}).id);
  });
});

describe('SERVICE_EUREKA_METADATA_<K>', () => {
  const key = (label: string) => Object.keys(ofUser({ containers: labelled({ [label]: 'x' }) }));
  const keyOfVariable = (name: string) =>
    Object.keys(ofUser({ containers: [container({ environment: { [name]: 'x' } })] }));

  test.each([
    ['is put in lower case', 'SERVICE_EUREKA_METADATA_TEAM', 'team'],
    ['keeps the case of a mixed key', 'SERVICE_EUREKA_METADATA_healthPath', 'healthPath'],
    ['keeps dots', 'SERVICE_EUREKA_METADATA_management.context-path', 'management.context-path'],
    ['may be said of a port', 'SERVICE_8080_EUREKA_METADATA_health.path', 'health.path'],
    ['keeps double underscores in a label', 'SERVICE_EUREKA_METADATA_A__B', 'a__b'],
  ])('%s', (_, label, expected) => expect(key(label)).toEqual([expected]));

  test.each([
    ['SERVICE_EUREKA_METADATA_MANAGEMENT__CONTEXT-PATH', 'management.context-path'],
    ['SERVICE_EUREKA_METADATA_health__Path', 'health.Path'],
  ])('in the environment takes __ for a dot: %s', (name, expected) =>
    expect(keyOfVariable(name)).toEqual([expected]),
  );

  test('beats a plain key of the same name', () =>
    expect(
      ofUser({ containers: labelled({ SERVICE_EUREKA_METADATA_ZONE: 'a', SERVICE_ZONE: 'b' }) }),
    ).toEqual({
      zone: 'a',
    }));
});

describe('profile registrator', () => {
  const labels = {
    SERVICE_CHECK_TCP: '1',
    SERVICE_EUREKA_VIP: 'v',
    SERVICE_EUREKA_METADATA_K: 'x',
    SERVICE_IGNORE: '',
    SERVICE_NAME: 'n',
    SERVICE_TAGS: 't',
  };
  test('keeps its instructions as attributes, except name and tags', () =>
    expect(ofUser({ containers: labelled(labels), rules: { profile: 'registrator' } })).toEqual({
      check_tcp: '1',
      eureka_vip: 'v',
      eureka_metadata_k: 'x',
      ignore: '',
      k: 'x',
    }));

  test('is the only one that does', () =>
    expect(ofUser({ containers: labelled(labels) })).toEqual({ k: 'x' }));
});

describe('a reserved key is dropped with a word', () => {
  const forged = [
    'ROLLCALL_OWNER',
    'rollcall_owner',
    'Rollcall-Owner',
    'rollcall.owner',
    'ROLLCALLOWNER',
    'rollcall_anything',
    'EUREKA_METADATA_ROLLCALL_OWNER',
    'EUREKA_METADATA_Rollcall.Owner',
    'EUREKA_METADATA_ｒollcall_owner',
    'AWS_INSTANCE_IPV4',
    'aws.instance.ipv4',
    'AwsInstanceIpv4',
    'aws-whatever',
    '_AWS_INIT_HEALTH_STATUS',
    'ECS_CLUSTER_NAME',
    'ecs-service.name',
    '__proto__',
    '',
  ];
  test.each(forged)('SERVICE_%s', (key) => {
    for (const profile of ['ecs', 'registrator'] as const) {
      const given = { containers: labelled({ [`SERVICE_${key}`]: 'forged' }), rules: { profile } };
      const found = Object.entries(metadata(given)).filter(([, value]) => value === 'forged');
      const attribute = profile === 'registrator' && key.startsWith('EUREKA_METADATA_') ? 1 : 0;
      expect(found).toHaveLength(attribute);
      expect(metadata(given)).toMatchObject(OURS);
      expect(derived(given).notes).toHaveLength(1);
      expect(derived(given).notes[0]).toContain('is dropped');
    }
  });

  test.each([
    'awesome',
    'ecstatic',
    'regional',
    'my_aws_account',
    'zone',
    'region',
    'availability-zone',
    'ec2_instance_id',
    'port_range',
  ])('but SERVICE_%s is not', (key) =>
    expect(ofUser({ containers: labelled({ [`SERVICE_${key}`]: 'x' }) })).toEqual({ [key]: 'x' }),
  );

  test('from the environment too', () => {
    const containers = [
      container({ environment: { SERVICE_EUREKA_METADATA_ROLLCALL__OWNER: 'forged' } }),
    ];
    expect(metadata({ containers })).toEqual(OURS);
  });
});

describe('the weight', () => {
  test.each([
    ['is 1 unless said', {}, 1],
    ['comes from metadata', { SERVICE_WEIGHT: '10' }, 10],
    ['may be 0', { SERVICE_WEIGHT: '0' }, 0],
    ['may be 65535', { SERVICE_WEIGHT: '65535' }, 65535],
  ])('%s', (_, labels, expected) => {
    expect(instance({ containers: labelled(labels) }).weight).toBe(expected);
    expect(derived({ containers: labelled(labels) }).notes).toEqual([]);
  });

  test.each(['65536', '-1', '1.5', 'heavy', '', '1e3'])(
    'is 1, with a word, where %j is said',
    (said) => {
      const given = { containers: labelled({ SERVICE_WEIGHT: said }) };
      expect(instance(given).weight).toBe(1);
      expect(derived(given).notes).toEqual([
        `container app, port 8080/tcp: metadata weight must be an integer from 0 to 65535, not ${JSON.stringify(said)}; 1 is used`,
      ]);
    },
  );
});
