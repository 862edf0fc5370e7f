import { describe, expect, test } from 'vitest';
import { type Case, container, instance, labelled, port } from './builders.ts';

type Said = {
  readonly labels?: Record<string, string>;
  readonly environment?: Record<string, string>;
  readonly overrides?: Record<string, string>;
  readonly tags?: Record<string, string>;
};

const said = ({ labels = {}, environment = {}, overrides, tags = {} }: Said): Case => ({
  containers: [container({ labels, environment, ports: [port(80)] })],
  tags,
  task: overrides ? { overrides: { app: overrides } } : {},
});

describe('of what is said of a name', () => {
  const rows: readonly (readonly [string, Said, string])[] = [
    [
      "the port's label beats the port's environment",
      { labels: { SERVICE_80_NAME: 'a' }, environment: { SERVICE_80_NAME: 'b' } },
      'a',
    ],
    [
      "the port's environment beats a general label",
      { labels: { SERVICE_NAME: 'a' }, environment: { SERVICE_80_NAME: 'b' } },
      'b',
    ],
    [
      'a general label beats general environment',
      { labels: { SERVICE_NAME: 'a' }, environment: { SERVICE_NAME: 'b' } },
      'a',
    ],
    [
      "the task's override beats the definition's environment",
      { environment: { SERVICE_NAME: 'a' }, overrides: { SERVICE_NAME: 'b' } },
      'b',
    ],
    [
      'a label beats an override',
      { labels: { SERVICE_NAME: 'a' }, overrides: { SERVICE_NAME: 'b' } },
      'a',
    ],
    [
      "environment beats the definition's tag",
      { environment: { SERVICE_NAME: 'a' }, tags: { 'rollcall:name': 'b' } },
      'a',
    ],
    [
      'only the exact prefix counts',
      { labels: { service_name: 'a', Service_NAME: 'b', xSERVICE_NAME: 'c' } },
      'web',
    ],
    ['the case of the rest does not matter', { labels: { SERVICE_name: 'a' } }, 'a'],
    [
      'capitals win over other spellings',
      { labels: { SERVICE_name: 'a', SERVICE_NAME: 'b', SERVICE_Name: 'c' } },
      'b',
    ],
    [
      'a label beats environment that is written in more capitals',
      { labels: { SERVICE_name: 'a' }, environment: { SERVICE_NAME: 'b' } },
      'a',
    ],
    ['080 is not port 80', { labels: { SERVICE_080_NAME: 'a' } }, 'web'],
    ["another port's words do not count", { labels: { SERVICE_81_TAGS: 'a' } }, 'web'],
    [
      'values keep their equals signs',
      { labels: { SERVICE_NAME: 'a-1' }, environment: { SERVICE_TAGS: 'x=y' } },
      'a-1',
    ],
  ];
  test.each(rows)('%s', (_, given, name) => expect(instance(said(given)).service).toBe(name));
});

test('an override speaks to its own container only', () =>
  expect(instance({ task: { overrides: { other: { SERVICE_NAME: 'a' } } } }).service).toBe('web'));

test('a container may be called like a property of every object', () =>
  expect(instance({ containers: [container({ name: 'constructor' })] }).service).toBe('web'));

describe('profile ecs reads from the environment', () => {
  const environment = {
    SERVICE_API_KEY: 'secret',
    SERVICE_80_PASSWORD: 'secret',
    SERVICE_TAGS: 'a',
    SERVICE_ID: 'mine',
    SERVICE_CHECK_TTL: '5s',
    SERVICE_80_EUREKA_VIP: 'v',
  };
  const found = instance(said({ environment }));

  test('the keys it knows', () => {
    expect(found.tags).toEqual(['a']);
    expect(found.metadata['service_id']).toBe('mine');
    expect(found.check?.kind).toBe('ttl');
    expect(found.eureka.vip).toBe('v');
  });

  test('no other key, which might be a secret', () =>
    expect(JSON.stringify(found)).not.toContain('secret'));

  test('free keys from labels only', () =>
    expect(instance(said({ labels: { SERVICE_TEAM: 'x' } })).metadata['team']).toBe('x'));
});

test('the labels that scrapers of ECS read are kept, from labels alone', () => {
  const labels = { PROMETHEUS_EXPORTER_PORT: '9100', PROMETHEUS_EXPORTER_JOB_NAME: 'shop' };
  expect(instance(said({ labels })).metadata).toMatchObject({
    prometheus_exporter_port: '9100',
    prometheus_exporter_job_name: 'shop',
  });
  expect(instance(said({ environment: labels })).metadata).not.toHaveProperty(
    'prometheus_exporter_port',
  );
});

test('profile registrator takes free keys from the environment too', () => {
  const found = instance({
    ...said({ environment: { SERVICE_TEAM: 'x' } }),
    rules: { profile: 'registrator' },
  });
  expect(found.metadata['team']).toBe('x');
});

describe('tags', () => {
  const tagsOf = (text: string) => instance({ containers: labelled({ SERVICE_TAGS: text }) }).tags;
  test.each([
    ['are a list with commas', 'b,a', ['a', 'b']],
    ['lose empty items', ',a,,b,', ['a', 'b']],
    ['keep blanks', ' a, b c ', [' a', ' b c ']],
    ['hold a literal comma after a backslash', 'a\\,b,c', ['a,b', 'c']],
    ['keep a backslash before an escaped one', 'a\\\\,b', ['a\\,b']],
    ['keep a backslash elsewhere', 'a\\b\\', ['a\\b\\']],
    ['split right after an escaped comma', 'a\\,,b', ['a,', 'b']],
    ['are a set', 'a,a', ['a']],
    ['may be none', '', []],
  ])('%s', (_, text, expected) => expect(tagsOf(text)).toEqual(expected));

  test('said empty of a port clear the general ones', () =>
    expect(instance(said({ labels: { SERVICE_TAGS: 'a', SERVICE_80_TAGS: '' } })).tags).toEqual(
      [],
    ));

  test('in rollcall:tags are separated by spaces', () =>
    expect(instance(said({ tags: { 'rollcall:tags': ' b  a,c ' } })).tags).toEqual(['a,c', 'b']));

  test('said by a label stand in the place of rollcall:tags', () =>
    expect(
      instance(said({ labels: { SERVICE_TAGS: 'a' }, tags: { 'rollcall:tags': 'b' } })).tags,
    ).toEqual(['a']));

  test.each([
    ['registrator', ['a', 'udp']],
    ['ecs', ['a']],
  ] as const)('of a udp port under profile %s', (profile, expected) => {
    const containers = labelled({ SERVICE_TAGS: 'a' }, port(53, { protocol: 'udp' }));
    expect(instance({ containers, rules: { profile } }).tags).toEqual(expected);
  });
});
