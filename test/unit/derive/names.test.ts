import { describe, expect, test } from 'vitest';
import { type Case, container, derived, labelled, names, port, reasons, udp } from './builders.ts';

type Row = readonly [fact: string, given: Case, names: readonly string[]];

const registrator = (given: Case): Case => ({
  ...given,
  rules: { profile: 'registrator', ...given.rules },
});
const image = (text: string): Case => ({ containers: [container({ image: text })] });
const api = container({ name: 'api', ports: [port(8080)] });
const admin = container({ name: 'admin', ports: [port(9000)] });

describe('profile ecs names a port', () => {
  const rows: readonly Row[] = [
    ['after its ECS service', {}, ['8080/tcp web']],
    [
      'after the family where there is no service',
      { task: { group: 'family:jobs' }, rules: { tasks: 'all' } },
      ['8080/tcp shop-web'],
    ],
    [
      'plainly where it is the first of its container, with its number where it is another',
      { containers: labelled({}, port(80), port(81)) },
      ['80/tcp web', '81/tcp web-81'],
    ],
    [
      'in the order of the definition, not of the numbers',
      { containers: labelled({}, port(81), port(80)) },
      ['80/tcp web-80', '81/tcp web'],
    ],
    [
      'with its own name where it has one',
      { containers: labelled({}, port(80, { name: 'http' }), port(81, { name: 'ops' })) },
      ['80/tcp web', '81/tcp web-ops'],
    ],
    [
      'with the name of its container where that is another one',
      { containers: [api, admin] },
      ['8080/tcp web', '9000/tcp web-admin-9000'],
    ],
    [
      'with its protocol where both have the number, tcp first',
      { containers: labelled({}, udp(53), port(53)) },
      ['53/tcp web', '53/udp web-53-udp'],
    ],
    [
      'plainly though it is udp, where all are',
      { containers: labelled({}, udp(53), udp(54)) },
      ['53/udp web', '54/udp web-54'],
    ],
    [
      'as if no port were ignored: a primary port that is passes its name to nobody',
      { containers: labelled({ SERVICE_80_IGNORE: '1' }, port(80), port(81)) },
      ['81/tcp web-81'],
    ],
    [
      'by the container that is called as the service, wherever it stands',
      { containers: [api, container({ name: 'web', ports: [port(80)], isEssential: false })] },
      ['80/tcp web', '8080/tcp web-api-8080'],
    ],
    [
      'by the container that is called as the family',
      { containers: [api, container({ name: 'shop-web', ports: [port(80)] })] },
      ['80/tcp web', '8080/tcp web-api-8080'],
    ],
    [
      'by the only essential container',
      { containers: [{ ...api, isEssential: false }, admin] },
      ['8080/tcp web-api-8080', '9000/tcp web'],
    ],
    [
      'by the first essential container where there are several',
      {
        containers: [
          { ...api, isEssential: false },
          admin,
          container({ name: 'b', ports: [port(1)] }),
        ],
      },
      ['1/tcp web-b-1', '8080/tcp web-api-8080', '9000/tcp web'],
    ],
    [
      'by the container that SERVICE_NAME calls as the service, in whatever case',
      { containers: [api, { ...admin, labels: { SERVICE_NAME: 'WEB' } }] },
      ['8080/tcp web-api-8080', '9000/tcp WEB'],
    ],
    [
      'by the port that SERVICE_<port>_NAME calls as the service',
      {
        containers: [
          container({
            name: 'web',
            ports: [port(80), port(81)],
            labels: { SERVICE_81_NAME: 'web' },
          }),
        ],
      },
      ['80/tcp web-80', '81/tcp web'],
    ],
    [
      'apart from another that would be called the same',
      {
        containers: [
          container({ name: 'web', ports: [port(1), port(2, { name: 'api-8080' })] }),
          api,
        ],
      },
      ['1/tcp web', '2/tcp web-api-8080', '8080/tcp web-api-8080-nj43bivl'],
    ],
    [
      'by the container called so, in whatever case, though another takes the name for itself',
      {
        containers: [
          container({ name: 'otel', ports: [port(4317)], labels: { SERVICE_NAME: 'web' } }),
          container({ name: 'Web', ports: [port(80)] }),
        ],
      },
      ['4317/tcp web-otel-4317', '80/tcp web'],
    ],
    [
      'by the only essential container, though all have the name in their environment',
      {
        containers: [
          container({
            name: 'a',
            ports: [port(1)],
            environment: { SERVICE_NAME: 'web' },
            isEssential: false,
          }),
          container({ name: 'b', ports: [port(2)], environment: { SERVICE_NAME: 'web' } }),
        ],
      },
      ['1/tcp web-a-1', '2/tcp web'],
    ],
    [
      'by an essential container whose port no mapping has',
      {
        containers: [
          container({ name: 'app', ports: [], labels: { SERVICE_8080_NAME: 'web' } }),
          container({ name: 'xray', ports: [udp(2000)], isEssential: false }),
        ],
      },
      ['2000/udp web-xray-2000', '8080/tcp web'],
    ],
    [
      'by nobody where the primary port has another name',
      {
        containers: [
          container({ name: 'app', ports: [], labels: { SERVICE_8080_NAME: 'shop' } }),
          container({ name: 'xray', ports: [udp(2000)], isEssential: false }),
        ],
      },
      ['2000/udp web-xray-2000', '8080/tcp shop'],
    ],
    [
      'by the container called as rollcall:name',
      {
        tags: { 'rollcall:name': 'shop' },
        containers: [api, container({ name: 'shop', ports: [port(1)] })],
      },
      ['1/tcp shop', '8080/tcp shop-api-8080'],
    ],
    [
      'of both protocols of one number apart, where one word names both',
      { containers: labelled({ SERVICE_53_NAME: 'dns' }, udp(53), port(53)) },
      ['53/tcp dns', '53/udp dns-udp'],
    ],
    [
      'with a hash where what is said of another port is the same',
      {
        containers: [
          container({ name: 'a', ports: [port(80), port(81)], labels: { SERVICE_NAME: 'x' } }),
          container({ name: 'b', ports: [port(82)], labels: { SERVICE_82_NAME: 'x-81' } }),
        ],
      },
      ['80/tcp x', '81/tcp x-81', '82/tcp web-b-82'],
    ],
    [
      'of a sidecar that rollcall:port names',
      {
        tags: { 'rollcall:port': '9901' },
        containers: [container({ name: 'envoy', ports: [port(9901)], sidecar: 'proxy' }), api],
      },
      ['9901/tcp web'],
    ],
    [
      'by a container that is no sidecar by its definition, whose ports are left out',
      {
        containers: [
          container({ name: 'web', ports: [port(15_000)], sidecar: 'proxy' }),
          container({ name: 'logs', ports: [port(24_224)], sidecar: 'log router' }),
          api,
        ],
      },
      ['8080/tcp web'],
    ],
    [
      'of a sidecar where somebody says so of it',
      {
        containers: [
          container({
            name: 'envoy',
            ports: [port(9901)],
            sidecar: 'proxy',
            labels: { SERVICE_NAME: 'web-envoy' },
          }),
          api,
        ],
      },
      ['8080/tcp web', '9901/tcp web-envoy'],
    ],
    [
      'counting a port once that is mapped twice',
      { containers: labelled({}, port(80, { hostPort: 8080 }), port(80, { hostPort: 8081 })) },
      ['80/tcp web'],
    ],
    ['after SERVICE_NAME', { containers: labelled({ SERVICE_NAME: 'shop' }) }, ['8080/tcp shop']],
    [
      'after SERVICE_NAME, and passes the plain name to no other container',
      { containers: [{ ...api, labels: { SERVICE_NAME: 'shop' } }, admin] },
      ['8080/tcp shop', '9000/tcp web-admin-9000'],
    ],
    [
      'after SERVICE_NAME, plainly where it is the first of the container',
      { containers: labelled({ SERVICE_NAME: 'shop' }, port(80), port(81, { name: 'ops' })) },
      ['80/tcp shop', '81/tcp shop-ops'],
    ],
    [
      'after SERVICE_<port>_NAME as it is, even among several',
      { containers: labelled({ SERVICE_80_NAME: 'shop' }, port(80), port(81)) },
      ['80/tcp shop', '81/tcp web-81'],
    ],
    ['after the tag rollcall:name', { tags: { 'rollcall:name': ' shop ' } }, ['8080/tcp shop']],
    [
      'after rollcall:name, other containers with their own name besides',
      { containers: [api, admin], tags: { 'rollcall:name': 'shop' } },
      ['8080/tcp shop', '9000/tcp shop-admin-9000'],
    ],
    [
      'after SERVICE_NAME rather than rollcall:name',
      { containers: labelled({ SERVICE_NAME: 'label' }), tags: { 'rollcall:name': 'tag' } },
      ['8080/tcp label'],
    ],
    [
      'after its service where SERVICE_NAME is empty',
      { containers: labelled({ SERVICE_NAME: '' }) },
      ['8080/tcp web'],
    ],
    [
      'without suffix where rollcall:port selects it by number',
      { containers: [api, admin], tags: { 'rollcall:port': '9000' } },
      ['9000/tcp web'],
    ],
    [
      'without suffix where rollcall:port selects it by name',
      {
        containers: labelled({}, port(80, { name: 'http' }), port(81)),
        tags: { 'rollcall:port': 'http' },
      },
      ['80/tcp web'],
    ],
    [
      'with a suffix where rollcall:port selects two protocols',
      { containers: labelled({}, port(53), udp(53), port(80)), tags: { 'rollcall:port': '53' } },
      ['53/tcp web', '53/udp web-53-udp'],
    ],
  ];
  test.each(rows)('%s', (_, given, expected) => expect(names(given)).toEqual(expected));

  test('registers two containers under one name, with two ids', () => {
    const said = { SERVICE_NAME: 'shop' };
    const { instances } = derived({
      containers: [
        { ...api, labels: said },
        { ...admin, labels: said },
      ],
    });
    expect(instances.map(({ service }) => service)).toEqual(['shop', 'shop']);
    expect(new Set(instances.map(({ id }) => id)).size).toBe(2);
  });
});

describe('profile ecs tells', () => {
  const notesOf = (given: Case) => derived(given).notes;

  test('of a name that another port bears', () => {
    const otel = container({ name: 'otel', ports: [port(4317)], labels: { SERVICE_NAME: 'web' } });
    expect(notesOf({ containers: [otel, container({ name: 'web', ports: [port(80)] })] })).toEqual([
      'container otel, port 4317/tcp: SERVICE_NAME web is ignored: it is the name of container web, port 80/tcp',
    ]);
  });

  test('of two ports that are given one name', () => {
    const labels = { SERVICE_80_NAME: 'shop', SERVICE_81_NAME: 'Shop' };
    const given = { containers: labelled(labels, port(80), port(81)) };
    expect(names(given)).toEqual(['80/tcp shop', '81/tcp Shop']);
    expect(notesOf(given)).toEqual([
      'container app, port 81/tcp: it is called Shop as container app, port 80/tcp is: clients get both',
    ]);
  });

  test.each([
    ['shop', 'call the container that is meant shop, or give it SERVICE_NAME=shop'],
    ['Shop.API', 'give the container that is meant SERVICE_NAME=Shop.API'],
  ])('that %s was given by order, and how to choose', (name, advice) =>
    expect(notesOf({ containers: [api, admin], tags: { 'rollcall:name': name } })).toContain(
      `container api, port 8080/tcp: chosen by order to be ${name}; ${advice}`,
    ),
  );

  test('which port of a range a tag is to name', () => {
    const range = port(8000, { lastContainerPort: 8100 });
    const tags = { 'rollcall:port': '8050' };
    expect(notesOf({ containers: labelled({}, range), tags })).toEqual([
      'tag rollcall:port: no port is called 8050: say 8000, the first of its range',
    ]);
  });
});

describe('profile ecs fits a name', () => {
  test.each([
    ['keeps letters, digits, dashes and underscores', 'Shop_web-2', 'Shop_web-2'],
    ['turns anything else into dashes', 'shop.web/v 2', 'shop-web-v-2'],
    ['takes a character beyond the first plane for one', 'a😀b', 'a-b-n65fwlvh'],
    ['ends in a hash where another character became a dash', 'svc-ä', 'svc-mgm672pk'],
    ['trims dashes at both ends', '-.shop.-', 'shop'],
  ])('%s', (_, said, expected) => {
    const given = { containers: labelled({ SERVICE_NAME: said }) };
    expect(names(given)).toEqual([`8080/tcp ${expected}`]);
    expect(derived(given).notes.length).toBe(said === expected ? 0 : 1);
  });

  test('says what it changed', () =>
    expect(derived({ containers: labelled({ SERVICE_NAME: 'a.b' }) }).notes).toEqual([
      'container app, port 8080/tcp: service name "a.b" became a-b',
    ]));

  test('cuts what is longer than 63 characters and ends it in a hash of the whole', () => {
    const given = { containers: labelled({ SERVICE_NAME: 'x'.repeat(70) }) };
    expect(names(given)).toEqual([`8080/tcp ${'x'.repeat(54)}-y4n5ccjc`]);
  });

  test('leaves 63 characters whole', () =>
    expect(names({ containers: labelled({ SERVICE_NAME: 'x'.repeat(63) }) })).toEqual([
      `8080/tcp ${'x'.repeat(63)}`,
    ]));

  test('keeps two long names apart that differ only at their end', () => {
    const cut = (end: string) =>
      names({ containers: labelled({ SERVICE_NAME: 'x'.repeat(70) + end }) });
    expect(cut('a')).not.toEqual(cut('b'));
  });

  test.each(['###', '---', '___', '😀'])(
    'leaves out a port whose name %s holds no letter or digit',
    (said) => {
      const given = { containers: labelled({ SERVICE_NAME: said }, port(80), port(81)) };
      expect(reasons(given)).toEqual(['app 80 invalid-name', 'app 81 invalid-name']);
      expect(derived(given).identities).toEqual([]);
    },
  );
});

describe('profile registrator names a port', () => {
  const rows: readonly Row[] = [
    ["after its image's base name", image('reg:5000/a/api:v1'), ['8080/tcp api']],
    ['after an image without path or tag', image('api'), ['8080/tcp api']],
    [
      'after an image named by digest only, without the digest',
      image('a/api@sha256:0abc'),
      ['8080/tcp api'],
    ],
    ['after an image with tag and digest', image('a/api:v1@sha256:0abc'), ['8080/tcp api']],
    [
      'with the container port behind it where the container has several',
      { containers: labelled({}, port(80, { name: 'http' }), port(81)) },
      ['80/tcp api-80', '81/tcp api-81'],
    ],
    [
      'counting the ports of its own container only',
      {
        containers: [
          container({ name: 'a', image: 'a' }),
          container({ name: 'b', image: 'b', ports: [port(1)] }),
        ],
      },
      ['1/tcp b', '8080/tcp a'],
    ],
    [
      'counting ignored ports',
      { containers: labelled({ SERVICE_81_IGNORE: 'x' }, port(80), port(81)) },
      ['80/tcp api-80'],
    ],
    [
      'with the suffix behind a generic SERVICE_NAME too',
      { containers: labelled({ SERVICE_NAME: 'shop' }, port(80), port(81)) },
      ['80/tcp shop-80', '81/tcp shop-81'],
    ],
    [
      'without suffix where SERVICE_<port>_NAME is said',
      { containers: labelled({ SERVICE_80_NAME: 'shop' }, port(80), port(81)) },
      ['80/tcp shop', '81/tcp api-81'],
    ],
    [
      'after the image without suffix where SERVICE_<port>_NAME is said and empty',
      { containers: labelled({ SERVICE_80_NAME: '', SERVICE_NAME: 'shop' }, port(80), port(81)) },
      ['80/tcp api', '81/tcp shop-81'],
    ],
    [
      'without a suffix for udp beyond the port',
      { containers: labelled({}, port(53), udp(53)) },
      ['53/tcp api-53', '53/udp api-53'],
    ],
    [
      'raw, for the registry to map what it cannot carry',
      { containers: labelled({ SERVICE_NAME: 'Ümläut .web' }) },
      ['8080/tcp Ümläut .web'],
    ],
    [
      'after rollcall:name where nothing else is said',
      { tags: { 'rollcall:name': 'shop' } },
      ['8080/tcp shop'],
    ],
  ];
  test.each(rows)('%s', (_, given, expected) =>
    expect(names(registrator(given))).toEqual(expected),
  );

  test('leaves out a port whose image has no name', () =>
    expect(reasons(registrator(image('registry/:v1')))).toEqual(['app 8080 invalid-name']));
});
