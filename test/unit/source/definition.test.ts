import 'aws-sdk-client-mock-vitest/extend';
import { DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { definitionReader } from '../../../shared/source/definition.ts';
import { live } from './sdk.ts';

const ARN = 'arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7';
const FOUND = { taskDefinition: { taskDefinitionArn: ARN, family: 'web' } };

const setUp = () => {
  const client = new ECSClient({ region: 'eu-west-1' });
  return { ecs: mockClient(client), read: definitionReader(client) };
};

const named = (name: string) =>
  Object.assign(new Error('Unable to describe task definition.'), { name });

describe('reading a definition', () => {
  it('asks for its tags, once per revision', async () => {
    const { ecs, read } = setUp();
    ecs.on(DescribeTaskDefinitionCommand).resolves(FOUND);
    await read(ARN, live());
    expect(await read(ARN, live())).toMatchObject({ arn: ARN, family: 'web' });
    expect(ecs).toHaveReceivedCommandExactlyOnceWith(DescribeTaskDefinitionCommand, {
      taskDefinition: ARN,
      include: ['TAGS'],
    });
    await read(`${ARN}1`, live());
    expect(ecs).toHaveReceivedCommandTimes(DescribeTaskDefinitionCommand, 2);
  });

  it('shares one request among those who ask at once', async () => {
    const { ecs, read } = setUp();
    ecs.on(DescribeTaskDefinitionCommand).resolves(FOUND);
    await Promise.all([read(ARN, live()), read(ARN, live()), read(ARN, live())]);
    expect(ecs).toHaveReceivedCommandTimes(DescribeTaskDefinitionCommand, 1);
  });

  it('finds ten thousand revisions in memory, asked for in turn', async () => {
    let reads = 0;
    const read = definitionReader({
      send: async () => {
        reads++;
        return FOUND;
      },
    });
    for (const _round of [1, 2])
      for (let at = 0; at < 10_000; at++) await read(`${ARN}${at}`, live());
    expect(reads).toBe(10_000);
  });

  it('is not remembered where it failed', async () => {
    const { ecs, read } = setUp();
    ecs.on(DescribeTaskDefinitionCommand).rejectsOnce(named('ThrottlingException')).resolves(FOUND);
    await expect(read(ARN, live())).rejects.toThrow('Unable to describe');
    expect(await read(ARN, live())).toMatchObject({ family: 'web' });
  });

  it.each([
    ['does not know it', 'ClientException'],
    ['refuses its ARN', 'InvalidParameterException'],
  ])('answers undefined where ECS %s, and asks again next time', async (_what, name) => {
    const { ecs, read } = setUp();
    ecs.on(DescribeTaskDefinitionCommand).rejectsOnce(named(name)).resolves(FOUND);
    expect(await read(ARN, live())).toBeUndefined();
    expect(await read(ARN, live())).toMatchObject({ family: 'web' });
  });
});

describe('a definition', () => {
  const definitionOf = async (taskDefinition: object, tags: object[] = []) => {
    const { ecs, read } = setUp();
    ecs.on(DescribeTaskDefinitionCommand).resolves({ taskDefinition, tags });
    return read(ARN, live());
  };
  const containerOf = async (container: object) =>
    (await definitionOf({ containerDefinitions: [container] }))?.containers[0];

  it.each([
    ['awsvpc', 'awsvpc'],
    ['host', 'host'],
    ['none', 'none'],
    ['bridge', 'bridge'],
    [undefined, 'bridge'],
  ])('of network mode %s is %s', async (networkMode, mode) => {
    expect((await definitionOf({ networkMode }))?.networkMode).toBe(mode);
  });

  it('brings its own tags', async () => {
    const tags = [
      { key: 'rollcall:name', value: 'web' },
      { key: 'rollcall:ignore' },
      { value: 'x' },
    ];
    expect((await definitionOf({}, tags))?.tags).toEqual({
      'rollcall:name': 'web',
      'rollcall:ignore': '',
    });
  });

  it('has declared ports, tcp and dynamic unless told', async () => {
    const portMappings = [
      { containerPort: 80 },
      { containerPort: 53, hostPort: 53, protocol: 'udp', name: 'dns' },
    ];
    expect((await containerOf({ portMappings }))?.ports).toEqual([
      { containerPort: 80, hostPort: 0, protocol: 'tcp' },
      { containerPort: 53, hostPort: 53, protocol: 'udp', name: 'dns' },
    ]);
  });

  it('has a range as one port, under the range’s name', async () => {
    const portMappings = [{ containerPortRange: '8000-8999', name: 'rtp', protocol: 'udp' }];
    expect((await containerOf({ portMappings }))?.ports).toEqual([
      { containerPort: 8000, lastContainerPort: 8999, hostPort: 0, protocol: 'udp', name: 'rtp' },
    ]);
  });

  it.each([
    [{ enabled: true }, true],
    [{ enabled: false }, undefined],
    [undefined, undefined],
  ])('with the restart policy %j is restarted: %s', async (restartPolicy, isRestarted) => {
    expect((await containerOf({ restartPolicy }))?.isRestarted).toBe(isRestarted);
  });

  it('has labels and environment as they are', async () => {
    const environment = [{ name: 'A', value: '1' }, { name: 'B' }];
    expect(
      await containerOf({
        name: 'app',
        image: 'web:1',
        dockerLabels: { SERVICE_NAME: 'w' },
        environment,
      }),
    ).toEqual({
      name: 'app',
      image: 'web:1',
      ports: [],
      labels: { SERVICE_NAME: 'w' },
      environment: { A: '1', B: '' },
      hasHealthCheck: false,
      isEssential: true,
    });
  });

  it.each([
    ['no health check', undefined, false],
    ['a command', { command: ['CMD-SHELL', 'true'] }, true],
    ['NONE, which switches the image’s own off', { command: ['NONE'] }, false],
  ])('with %s: a health check is %#', async (_what, healthCheck, has) => {
    expect((await containerOf({ healthCheck }))?.hasHealthCheck).toBe(has);
  });

  it('of which ECS tells nothing is empty, not broken', async () => {
    expect(await definitionOf({})).toEqual({
      arn: ARN,
      family: '',
      networkMode: 'bridge',
      containers: [],
      tags: {},
    });
  });
});
