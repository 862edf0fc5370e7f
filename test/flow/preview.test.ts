import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startConsul } from '../../local/consul.ts';
import { rollcall } from '../support/rollcall.ts';

const PLACE = 'arn:aws:ecs:eu-central-1:111122223333';
const ID = '9f2e6b1c4d7a48058c3b5a60e17d294f';

const task = (changes: object = {}) => ({
  taskArn: `${PLACE}:task/shop/${ID}`,
  clusterArn: `${PLACE}:cluster/shop`,
  taskDefinitionArn: `${PLACE}:task-definition/orders:7`,
  group: 'service:orders',
  startedBy: 'ecs-svc/1234567890123456789',
  launchType: 'FARGATE',
  lastStatus: 'RUNNING',
  desiredStatus: 'RUNNING',
  healthStatus: 'UNKNOWN',
  createdAt: 1_772_618_500.5,
  startedAt: 1_772_618_528.3,
  attachments: [
    {
      id: 'a',
      type: 'ElasticNetworkInterface',
      status: 'ATTACHED',
      details: [
        { name: 'networkInterfaceId', value: 'eni-0a1b2c3d4e5f60718' },
        { name: 'privateIPv4Address', value: '10.0.0.7' },
      ],
    },
  ],
  containers: [{ name: 'app', image: 'shop/orders:1', lastStatus: 'RUNNING', networkBindings: [] }],
  ...changes,
});
const definition = {
  taskDefinitionArn: `${PLACE}:task-definition/orders:7`,
  family: 'orders',
  networkMode: 'awsvpc',
  containerDefinitions: [
    {
      name: 'app',
      image: 'shop/orders:1',
      portMappings: [{ containerPort: 8080 }, { containerPort: 9090 }],
    },
  ],
};

/** Files of these contents, by the order of their names. */
const files = async (contents: readonly object[]) => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-preview-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return Promise.all(
    contents.map(async (content, at) => {
      const file = join(folder, `${at}.json`);
      await writeFile(file, JSON.stringify(content));
      return file;
    }),
  );
};

const wouldBe = (out: string) =>
  [...out.matchAll(/^would register (\S+) at (\S+) in/gm)].map(
    ([, name, place]) => `${name} ${place}`,
  );

const STOPPED = fileURLToPath(
  new URL('../fixtures/cases/stopped-container-bridge.json', import.meta.url),
);

describe('rollcall preview', () => {
  it.each([
    [
      'what describe-tasks prints, with the definition beside it',
      [
        { tasks: [task()], failures: [] },
        { taskDefinition: definition, tags: [] },
      ],
    ],
    ['a bare task, and a bare definition', [task(), definition]],
    ['a list of tasks', [[task()], definition]],
    ['all of it in one', [{ tasks: [task()], taskDefinition: definition }]],
  ])('takes %s', async (_, contents) => {
    const { out, exit } = await rollcall(['preview', ...(await files(contents))]);
    expect(wouldBe(out)).toEqual(['orders 10.0.0.7:8080', 'orders-9090 10.0.0.7:9090']);
    expect(out).not.toContain('Assumed');
    expect(exit).toBe(0);
  });

  it('makes a definition up where none is beside the task, and says so', async () => {
    const { out, exit } = await rollcall(['preview', ...(await files([{ tasks: [task()] }]))]);
    expect(out).toContain(
      'Assumed: the task definition, made up from the event: awsvpc, app 80/tcp',
    );
    expect(wouldBe(out)).toEqual(['orders 10.0.0.7:80']);
    expect(exit).toBe(0);
  });

  it('answers of a task definition alone, before anything is deployed', async () => {
    const stdin = JSON.stringify({ ...definition, taskDefinitionArn: undefined });
    const { out, exit } = await rollcall(['preview', '-', '--service', 'shop-orders'], { stdin });
    expect(out).toContain(
      'Assumed: a task of orders runs at 192.0.2.10, for the ECS service shop-orders.',
    );
    expect(wouldBe(out)).toEqual([
      'shop-orders 192.0.2.10:8080',
      'shop-orders-9090 192.0.2.10:9090',
    ]);
    expect(exit).toBe(0);
  });

  it('takes the deployment’s parameters, by name or by their own options', async () => {
    const [file = ''] = await files([definition]);
    const names = async (...args: string[]) =>
      wouldBe((await rollcall(['preview', file, ...args])).out).map((one) => one.split(' ')[0]);
    expect(await names('--profile', 'registrator')).toEqual(['orders-8080', 'orders-9090']);
    expect(await names('--param', 'profile=registrator')).toEqual(['orders-8080', 'orders-9090']);
    const { out, exit } = await rollcall(['preview', file, '--mode', 'opt-in']);
    expect(out).toContain('Nothing would be registered: the reasons stand above.');
    expect(exit).toBe(1);
    for (const given of [
      ['--name-template', '{cluster}-{service}'],
      ['--param', 'nameTemplate={cluster}-{service}'],
      ['--param', 'nameTemplates=prev*={cluster}-{service};*={service}'],
    ])
      expect(await names(...given)).toEqual(['preview-orders', 'preview-orders-9090']);
    const bad = await rollcall(['preview', file, '--name-template', 'shop']);
    expect(bad.err).toMatch(/expected \{service\} or \{family\} in it: .*got "shop"$/);
    expect(bad.exit).toBe(2);
    const wrong = await rollcall(['preview', file, '--param', 'porfile=ecs']);
    expect(wrong.err).toMatch(
      /^rollcall: --param: there is no parameter porfile; docs\/configuration.md/,
    );
    expect(wrong.exit).toBe(2);
    const value = await rollcall(['preview', file, '--param', 'labels=maybe']);
    expect(value.err).toMatch(/^rollcall: configuration: --param labels: expected .* got "maybe"$/);
    expect(value.exit).toBe(2);
  });

  it('tells the registries of a record, and metadata, in one order, and what may not be held', async () => {
    const { out } = await rollcall(['preview', STOPPED]);
    expect(out).toContain(
      'would remove basket-adminer-9000, where it is held, in cloudmap, consul',
    );
    const own = out.split('\n').filter((line) => /^ {4}(?:cloudmap|consul|eureka): /.test(line));
    expect(own.map((line) => line.trim().split(':')[0])).toEqual(['cloudmap', 'consul', 'eureka']);
    const pairs = out.split('\n').filter((line) => /^ {4}[A-Z_0-9]+=/.test(line));
    expect(pairs).toEqual(pairs.toSorted());
  });

  it.each([
    ['awsvpc', 'private', '192.0.2.10:8080'],
    ['awsvpc', 'public', '198.51.100.10:8080'],
    ['awsvpc', 'ipv6', '[2001:db8::10]:8080'],
    ['bridge', 'private', '192.0.2.1:32768'],
    ['bridge', 'public', '198.51.100.10:32768'],
    ['bridge', 'ipv6', '[2001:db8::10]:32768'],
  ])(
    'of a definition in mode %s under --address %s makes up a task at %s',
    async (networkMode, address, place) => {
      const [file = ''] = await files([{ ...definition, networkMode }]);
      for (const given of [
        ['--address', address],
        ['--param', `address=${address}`],
      ]) {
        const { out, exit } = await rollcall(['preview', file, ...given]);
        expect(wouldBe(out)[0]).toBe(`orders ${place}`);
        expect(exit).toBe(0);
      }
    },
  );

  it('keeps the rules of who may have which name, and says whom nobody was asked about', async () => {
    const [app] = definition.containerDefinitions;
    const labelled = { ...app, dockerLabels: { SERVICE_9090_NAME: 'payments' } };
    const [file = ''] = await files([{ ...definition, containerDefinitions: [labelled] }]);
    const told = async (...params: string[]) => {
      const { out } = await rollcall([
        'preview',
        file,
        ...params.flatMap((param) => ['--param', param]),
      ]);
      return { out, names: wouldBe(out).map((one) => one.split(' ')[0]) };
    };
    const within = await told();
    expect(within.names).toEqual(['orders', 'orders-9090']);
    expect(within.out).toContain('payments has no effect: labels=within-service');
    expect(within.out).toContain('Not asked: which other ECS services have one of these names');
    expect((await told('labels=all')).names).toEqual(['orders', 'payments']);
    const refused = await told('labels=all', 'sharedNames=refuse');
    expect(refused.names).toEqual(['orders', 'payments']);
    const pinned = await told('names=orders=shop/other');
    expect(pinned.names).toEqual(['orders-9090']);
    expect(pinned.out).toContain('it may not be called orders: names pins it to shop/other');
  });

  it.each([
    [{ ...task(), clusterArn: undefined }, /: clusterArn is missing$/],
    [{ ...task(), containers: undefined }, /: containers is missing$/],
    [
      { tasks: [], failures: [{ arn: 'a', reason: 'MISSING' }] },
      /tasks: ECS describes none: a is MISSING$/,
    ],
    [{ services: [] }, /expected an event, a task, .*; got an object with the members services$/],
    [{ taskDefinition: { family: 'a' } }, /taskDefinition\.containerDefinitions: missing$/],
    [
      { Reservations: [{ Instances: [{ PrivateIpAddress: '10.0.0.1' }] }] },
      /expected a task, an event or a task definition, got only what AWS says besides$/,
    ],
  ])('names the one thing that is missing in %j', async (content, message) => {
    const [file = ''] = await files([content]);
    const { err, out, exit } = await rollcall(['preview', file]);
    expect(err).toMatch(message);
    expect(err).not.toContain('\n');
    expect([out, exit]).toEqual(['', 2]);
  });

  it('shows beside it what Consul holds now, and writes nothing there', async () => {
    const consul = await startConsul();
    onTestFinished(consul.stop);
    const held = {
      Node: 'host-1',
      Address: '10.1.0.10',
      Service: { ID: 'host-1:orders:8080', Service: 'orders', Address: '10.1.0.10', Port: 32768 },
    };
    await fetch(`${consul.url}/v1/catalog/register`, { method: 'PUT', body: JSON.stringify(held) });
    const writes = consul.writes();
    const args = ['preview', ...(await files([task(), definition])), '--consul'];
    const { out, exit } = await rollcall(args, { env: { CONSUL_HTTP_ADDR: consul.url } });
    expect(out).toContain('In Consul now, under the same names: 1');
    expect(out).toMatch(
      /^orders +10\.1\.0\.10:32768 +passing +host-1:orders:8080 +somebody else$/m,
    );
    expect([exit, consul.writes()]).toEqual([0, writes]);
    const none = await rollcall(args);
    expect(none.err).toBe('rollcall: --consul: expected CONSUL_HTTP_ADDR to say where Consul is');
  });

  it('tells programs each record as each registry would hold it', async () => {
    const { json } = await rollcall(['preview', ...(await files([task(), definition])), '--json']);
    expect(json()).toMatchObject({
      tasks: [
        {
          task: `${PLACE}:task/shop/${ID}`,
          decided: true,
          changes: expect.arrayContaining([
            expect.objectContaining({ change: 'register', registry: 'eureka', service: 'ORDERS' }),
          ]),
        },
      ],
    });
  });
});
