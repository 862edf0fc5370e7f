import { describe, expect, test } from 'vitest';
import { byRegistrator, byRollcall, type Given, published, type Seen } from './stage.ts';

type Row = readonly [rule: string, given: Given, expected: readonly Partial<Seen>[]];

/**
 * Each rule holds of Registrator's model and of what is derived under the profile `registrator`,
 * and the two agree whole.
 */
const holds = (rows: readonly Row[]) =>
  test.each(rows)('%s', (_, given, expected) => {
    const seen = byRegistrator(given);
    expect(seen.map((one, at) => pick(one, expected[at] ?? {}))).toEqual(expected);
    expect(byRollcall(given)).toEqual(seen);
  });

const pick = (one: Seen, like: Partial<Seen>): Partial<Seen> =>
  Object.fromEntries(Object.entries(one).filter(([field]) => field in like));

const label = (labels: Record<string, string>, ...ports: Given['ports'] & {}): Given => ({
  labels,
  ports: ports.length > 0 ? ports : [published()],
});
const env = (environment: Record<string, string>): Given => ({ env: environment });
const named = (...names: readonly string[]) => names.map((name) => ({ name }));
const tagged = (...tags: readonly string[]) => [{ tags }];
const carrying = (attributes: Record<string, string>) => [{ attributes }];

describe('parsing', () =>
  holds([
    ['reads labels', label({ SERVICE_NAME: 'web' }), named('web')],
    ['reads the environment', env({ SERVICE_NAME: 'web' }), named('web')],
    ['ignores a prefix in lower case', label({ service_name: 'web' }), named('api')],
    [
      'ignores a key that only contains the prefix',
      label({ MY_SERVICE_NAME: 'web' }),
      named('api'),
    ],
    [
      'puts what follows the prefix in lower case',
      label({ SERVICE_Team_A: 'Blue' }),
      carrying({ team_a: 'Blue' }),
    ],
    [
      'splits at the first equals sign',
      env({ SERVICE_QUERY: 'a=b=c' }),
      carrying({ query: 'a=b=c' }),
    ],
    [
      'keeps values verbatim, blanks included',
      label({ SERVICE_MOTTO: '  to be ' }),
      carrying({ motto: '  to be ' }),
    ],
  ]));

describe('a port’s own words', () => {
  const ports = [published(80), published(443)];
  holds([
    ['count for that container port', label({ SERVICE_80_NAME: 'web' }), named('web')],
    [
      'are dropped at other ports, never kept as attributes',
      label({ SERVICE_81_TEAM: 'x' }),
      carrying({}),
    ],
    [
      'need the port as text: 080 is not 80',
      label({ SERVICE_080_NAME: 'web', SERVICE_080_K: 'x' }),
      carrying({}),
    ],
    ['beat the general ones', label({ SERVICE_NAME: 'all', SERVICE_80_NAME: 'web' }), named('web')],
    [
      'leave the general ones to other ports',
      { labels: { SERVICE_TAGS: 'all', SERVICE_443_TAGS: 'tls' }, ports },
      [
        { place: '10.0.9.9:32080/tcp', tags: ['all'] },
        { place: '10.0.9.9:32443/tcp', tags: ['tls'] },
      ],
    ],
    [
      'hold for tcp and udp on one number',
      { labels: { SERVICE_53_NAME: 'dns' }, ports: [published(53), published(53, 'udp')] },
      named('dns', 'dns'),
    ],
    [
      'without a key behind them are an attribute',
      label({ SERVICE_80: 'x' }),
      carrying({ '80': 'x' }),
    ],
  ]);
});

describe('precedence', () =>
  holds([
    [
      "a port's label beats the port's environment",
      { labels: { SERVICE_80_NAME: 'a' }, env: { SERVICE_80_NAME: 'b' } },
      named('a'),
    ],
    [
      "a port's environment beats a general label",
      { labels: { SERVICE_NAME: 'a' }, env: { SERVICE_80_NAME: 'b' } },
      named('b'),
    ],
    [
      'a general label beats the general environment',
      { labels: { SERVICE_NAME: 'a' }, env: { SERVICE_NAME: 'b' } },
      named('a'),
    ],
    [
      'a port’s empty tags clear the general ones',
      label({ SERVICE_TAGS: 'a,b', SERVICE_80_TAGS: '' }),
      tagged(),
    ],
    [
      'a port’s empty attribute clears the general one',
      label({ SERVICE_TEAM: 'a', SERVICE_80_TEAM: '' }),
      carrying({ team: '' }),
    ],
    [
      'a port’s empty IGNORE brings it back',
      label({ SERVICE_IGNORE: '1', SERVICE_80_IGNORE: '' }),
      named('api'),
    ],
  ]));

describe('IGNORE', () =>
  holds([
    ['leaves the container out', label({ SERVICE_IGNORE: 'true' }), []],
    ['leaves it out even if it says false', label({ SERVICE_IGNORE: 'false' }), []],
    [
      'empty ignores nothing, and stays as an attribute',
      label({ SERVICE_IGNORE: '' }),
      carrying({ ignore: '' }),
    ],
    [
      'of one port leaves out that port alone, which still counts for the names',
      label({ SERVICE_443_IGNORE: '1' }, published(80), published(443)),
      named('api-80'),
    ],
  ]));

describe('attributes', () =>
  holds([
    [
      'are every key but NAME, TAGS and ID, the instructions included',
      label({ SERVICE_NAME: 'n', SERVICE_TAGS: 't', SERVICE_TEAM: 'a', SERVICE_CHECK_HTTP: '/up' }),
      carrying({ team: 'a', check_http: '/up' }),
    ],
    ['come from the environment too', env({ SERVICE_TEAM: 'a' }), carrying({ team: 'a' })],
    [
      'are also what other tools read as instructions: IP, PORT and META mean nothing here',
      label({ SERVICE_IP: '1.2.3.4', SERVICE_PORT: '1', SERVICE_META: 'x' }),
      [{ place: '10.0.9.9:32080/tcp', attributes: { ip: '1.2.3.4', port: '1', meta: 'x' } }],
    ],
    ['keep dots in their keys', label({ 'SERVICE_a.b': 'x' }), carrying({ 'a.b': 'x' })],
  ]));

describe('ports', () =>
  holds([
    ['count when they are published', {}, [{ place: '10.0.9.9:32080/tcp' }]],
    ['not published are left out', { ports: [] }, []],
    [
      'published on one address are reached there',
      {
        ports: [
          {
            containerPort: 80,
            protocol: 'tcp',
            bindings: [{ hostIp: '10.0.7.7', hostPort: 8080 }],
          },
        ],
      },
      [{ place: '10.0.7.7:8080/tcp' }],
    ],
    [
      'are two where tcp and udp share a number',
      { ports: [published(53), published(53, 'udp')] },
      [
        { name: 'api-53', place: '10.0.9.9:32053/tcp' },
        { name: 'api-53', place: '10.0.9.9:32053/udp' },
      ],
    ],
    [
      'bound twice count once, by the first binding',
      {
        ports: [
          {
            containerPort: 80,
            protocol: 'tcp',
            bindings: [
              { hostIp: '0.0.0.0', hostPort: 32_768 },
              { hostIp: '::', hostPort: 32_769 },
            ],
          },
        ],
      },
      [{ name: 'api', place: '10.0.9.9:32768/tcp' }],
    ],
  ]));

describe('the name', () =>
  holds([
    [
      'is the last segment of the image’s path, up to the tag',
      { image: 'reg:5000/a/api:v1' },
      named('api'),
    ],
    [
      'of an image with tag and digest ends at the tag',
      { image: 'a/api:v1@sha256:0abc' },
      named('api'),
    ],
    [
      'has the container port behind it when several ports are published',
      { ports: [published(80), published(443)] },
      named('api-80', 'api-443'),
    ],
    [
      'gets that suffix behind a general SERVICE_NAME too',
      label({ SERVICE_NAME: 'web' }, published(80), published(443)),
      named('web-80', 'web-443'),
    ],
    [
      'said of the port stands as it is',
      label({ SERVICE_80_NAME: 'web' }, published(80), published(443)),
      named('web', 'api-443'),
    ],
    [
      'said of the port and empty is the image’s, without a suffix',
      label({ SERVICE_80_NAME: '', SERVICE_NAME: 'web' }, published(80), published(443)),
      named('api', 'web-443'),
    ],
    ['said and empty is the image’s', label({ SERVICE_NAME: '' }), named('api')],
    ['keeps case and every character', label({ SERVICE_NAME: 'My.Web/Ü' }), named('My.Web/Ü')],
  ]));

describe('tags', () =>
  holds([
    ['are a list with commas', label({ SERVICE_TAGS: 'b,a' }), tagged('a', 'b')],
    ['lose empty items', label({ SERVICE_TAGS: ',a,,b,' }), tagged('a', 'b')],
    ['keep their blanks', label({ SERVICE_TAGS: 'a, b' }), tagged(' b', 'a')],
    ['hold a comma after a backslash', label({ SERVICE_TAGS: 'a\\,b,c' }), tagged('a,b', 'c')],
    ['keep any other backslash', label({ SERVICE_TAGS: 'a\\\\,b\\c' }), tagged('a\\,b\\c')],
    ['said twice are one for whoever asks for a tag', label({ SERVICE_TAGS: 'a,a' }), tagged('a')],
    [
      'of a udp port end in udp',
      label({ SERVICE_TAGS: 'a' }, published(53, 'udp')),
      tagged('a', 'udp'),
    ],
  ]));

test('-explicit is the mode opt-in: no name, no record', () => {
  const silent = label({ SERVICE_TAGS: 'a' });
  const spoken = label({ SERVICE_80_NAME: 'web' }, published(80), published(443));
  for (const given of [silent, spoken])
    expect(byRollcall(given, { mode: 'opt-in' })).toEqual(byRegistrator(given, { explicit: true }));
  expect(byRollcall(spoken, { mode: 'opt-in' })).toMatchObject(named('web'));
});
