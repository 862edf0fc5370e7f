import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  DeleteParameterCommand,
  DescribeInstanceInformationCommand,
  GetParameterCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { createSecretsManager } from '../../../local/aws/secretsmanager.ts';
import { createSsm } from '../../../local/aws/ssm.ts';
import { createWorld } from '../../../local/aws/world.ts';
import { serve } from './sdk.ts';

const start = async () => {
  const world = createWorld();
  world.addCluster('default');
  const secrets = createSecretsManager();
  const { config } = await serve(createSsm(world), secrets);
  return { world, secrets, ssm: new SSMClient(config), client: new SecretsManagerClient(config) };
};

describe('SSM parameters', () => {
  test('are read back by name and by ARN, and counted up', async () => {
    const { ssm } = await start();
    const put = (Value: string) =>
      ssm.send(new PutParameterCommand({ Name: '/a/b', Value, Type: 'String', Overwrite: true }));
    expect(await put('one')).toMatchObject({ Version: 1, Tier: 'Standard' });
    expect(await put('two')).toMatchObject({ Version: 2 });
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/a/b' }));
    expect(Parameter).toMatchObject({ Name: '/a/b', Value: 'two', Type: 'String', Version: 2 });
    const byArn = await ssm.send(new GetParameterCommand({ Name: Parameter?.ARN }));
    expect(byArn.Parameter?.Value).toBe('two');
  });

  test('are not overwritten unasked', async () => {
    const { ssm } = await start();
    const put = new PutParameterCommand({ Name: 'a', Value: 'b', Type: 'String' });
    await ssm.send(put);
    await expect(ssm.send(put)).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
  });

  test('hold 4,096 characters and no more', async () => {
    const { ssm } = await start();
    const put = (length: number) =>
      ssm.send(new PutParameterCommand({ Name: 'a', Value: 'x'.repeat(length), Type: 'String' }));
    await expect(put(4097)).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Standard tier parameters support a maximum parameter value of 4096 characters.',
    });
    await expect(put(4096)).resolves.toMatchObject({ Version: 1 });
  });

  test('name no other parameter in their value', async () => {
    const { ssm } = await start();
    const put = (Value: string) =>
      ssm.send(new PutParameterCommand({ Name: 'a', Value, Type: 'String' }));
    for (const value of ['{{ssm:b}}', 'x {{y}}', '"{{"'])
      await expect(put(value)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(put('{"a":{"b":{}}}')).resolves.toMatchObject({ Version: 1 });
  });

  test('secure ones are told only decrypted', async () => {
    const { ssm } = await start();
    await ssm.send(new PutParameterCommand({ Name: 'a', Value: 'secret', Type: 'SecureString' }));
    const read = async (WithDecryption: boolean) =>
      (await ssm.send(new GetParameterCommand({ Name: 'a', WithDecryption }))).Parameter?.Value;
    expect(await read(true)).toBe('secret');
    expect(await read(false)).not.toBe('secret');
  });

  test('unknown ones are an error alone, and a list in company', async () => {
    const { ssm } = await start();
    await ssm.send(new PutParameterCommand({ Name: 'a', Value: 'b', Type: 'String' }));
    const two = await ssm.send(new GetParametersCommand({ Names: ['a', 'none'] }));
    expect(two.Parameters).toMatchObject([{ Name: 'a' }]);
    expect(two.InvalidParameters).toEqual(['none']);
    await ssm.send(new DeleteParameterCommand({ Name: 'a' }));
    const gone = { name: 'ParameterNotFound' };
    await expect(ssm.send(new GetParameterCommand({ Name: 'a' }))).rejects.toMatchObject(gone);
    await expect(ssm.send(new DeleteParameterCommand({ Name: 'a' }))).rejects.toMatchObject(gone);
  });
});

test('SSM knows the machines of ECS Anywhere, and only those', async () => {
  const { ssm, world } = await start();
  const { machine } = world.addMachine({
    cluster: 'default',
    external: true,
    privateIpAddress: '192.0.2.4',
  });
  world.addMachine({ cluster: 'default' });
  const { InstanceInformationList } = await ssm.send(
    new DescribeInstanceInformationCommand({
      Filters: [{ Key: 'InstanceIds', Values: [machine.instanceId, 'mi-0'] }],
    }),
  );
  expect(InstanceInformationList).toMatchObject([
    { InstanceId: machine.instanceId, IPAddress: '192.0.2.4' },
  ]);
});

describe('secrets', () => {
  test('are told by name, ARN and ARN without suffix, and anew after rotation', async () => {
    const { secrets, client } = await start();
    const arn = secrets.put('token', 'one');
    const read = async (SecretId: string) =>
      (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
    for (const id of ['token', arn, arn.slice(0, -7)]) expect(await read(id)).toBe('one');
    secrets.put('token', 'two');
    expect(await read(arn)).toBe('two');
  });

  test('an unknown one is not found', async () => {
    const { client } = await start();
    await expect(
      client.send(new GetSecretValueCommand({ SecretId: 'none' })),
    ).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});
