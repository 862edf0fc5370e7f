import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeTasksCommand, ECSClient } from '@aws-sdk/client-ecs';
import { RegisterInstanceCommand, ServiceDiscoveryClient } from '@aws-sdk/client-servicediscovery';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { refusal } from '../../../local/aws/refusal.ts';
import { type AwsServer, startAws } from '../../../local/aws/server.ts';
import { AwsFault, type AwsService } from '../../../local/aws/service.ts';

let server: AwsServer;
afterEach(() => server.stop());

const serving = async (target: string, handle: AwsService['handle']) => {
  server = await startAws([{ target, handle }]);
  return {
    endpoint: server.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  };
};
const ECS = 'AmazonEC2ContainerServiceV20141113';
const describeTask = new DescribeTasksCommand({ tasks: ['a'] });

test('clients that know no more than AWS_ENDPOINT_URL, a region and credentials reach it', async () => {
  await serving('AmazonSQS', async () => ({
    MD5OfMessageBody: '0cc175b9c0f1b6a831c399e269772661',
  }));
  const warned = vi.spyOn(console, 'warn');
  vi.stubEnv('AWS_ENDPOINT_URL', server.url);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'any');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'any');
  const send = new SendMessageCommand({ QueueUrl: `${server.url}/1/q`, MessageBody: 'a' });
  await new SQSClient().send(send);
  expect(server.calls()).toEqual([{ service: 'AmazonSQS', operation: 'SendMessage' }]);
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
  vi.unstubAllEnvs();
});

describe('AWS JSON', () => {
  test('carries input and output, with times as Date on both sides', async () => {
    const at = new Date('2026-01-02T03:04:05.678Z');
    const config = await serving(ECS, async (operation, input) => ({
      tasks: [{ taskArn: `${operation} ${JSON.stringify(input)}`, startedAt: at }],
    }));
    const { tasks } = await new ECSClient(config).send(describeTask);
    expect(tasks).toEqual([{ taskArn: 'DescribeTasks {"tasks":["a"]}', startedAt: at }]);
  });

  test('turns a thrown fault into the modelled exception with its members', async () => {
    const config = await serving('Route53AutoNaming_v20170314', async () => {
      throw new AwsFault('DuplicateRequest', 'in progress', 400, { DuplicateOperationId: 'op-1' });
    });
    const register = new RegisterInstanceCommand({
      ServiceId: 's',
      InstanceId: 'i',
      Attributes: {},
    });
    await expect(new ServiceDiscoveryClient(config).send(register)).rejects.toMatchObject({
      name: 'DuplicateRequest',
      message: 'in progress',
      DuplicateOperationId: 'op-1',
    });
  });

  test('shows SQS clients the code of the old query protocol beside the exception', async () => {
    const config = await serving('AmazonSQS', async () => {
      throw new AwsFault('QueueDoesNotExist', 'no such queue');
    });
    const send = new SendMessageCommand({ QueueUrl: 'http://127.0.0.1/1/q', MessageBody: 'a' });
    await expect(new SQSClient(config).send(send)).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
    });
  });

  test('refuses a service that is not simulated', async () => {
    const config = await serving(ECS, async () => ({}));
    await expect(
      new SSMClient(config).send(new GetParameterCommand({ Name: 'a' })),
    ).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: 'No service AmazonSSM is simulated here.',
    });
  });

  test('answers 500 and says so when a service breaks', async () => {
    const said = vi.spyOn(console, 'error').mockReturnValue();
    const config = await serving(ECS, async () => {
      throw new TypeError('oops');
    });
    await expect(new ECSClient(config).send(describeTask)).rejects.toMatchObject({
      name: 'InternalFailure',
      $metadata: { httpStatusCode: 500 },
    });
    expect(said).toHaveBeenCalledOnce();
    said.mockRestore();
  });

  test.each([
    [
      'a body that is not JSON',
      { 'x-amz-target': `${ECS}.ListTasks` },
      '{',
      'SerializationException',
    ],
    ['a request without an operation', {}, '', 'MissingAction'],
  ])('refuses %s', async (_what, headers, body, code) => {
    await serving(ECS, async () => ({}));
    const answer = await fetch(server.url, { method: 'POST', headers, body });
    expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([400, code]);
  });
});

describe("EC2's query protocol", () => {
  const describeInstances = new DescribeInstancesCommand({
    InstanceIds: ['i-1', 'i-2'],
    Filters: [{ Name: 'instance-id', Values: ['a', 'b'] }],
    NextToken: 'x',
  });

  test('carries lists and structures, and escapes text', async () => {
    const seen = vi.fn();
    const config = await serving('ec2', async (operation, input) => {
      seen(operation, input);
      return {
        reservationSet: [{ instancesSet: [{ instanceId: 'i-<&>"', launchTime: new Date(1000) }] }],
        nextToken: undefined,
      };
    });
    const { Reservations, NextToken } = await new EC2Client(config).send(describeInstances);
    expect(Reservations).toMatchObject([
      { Instances: [{ InstanceId: 'i-<&>"', LaunchTime: new Date(1000) }] },
    ]);
    expect(NextToken).toBeUndefined();
    expect(seen).toHaveBeenCalledWith(
      'DescribeInstances',
      expect.objectContaining({
        InstanceId: ['i-1', 'i-2'],
        Filter: [{ Name: 'instance-id', Value: ['a', 'b'] }],
        NextToken: 'x',
      }),
    );
  });

  test('names errors as EC2 does', async () => {
    const config = await serving('ec2', async () => {
      throw new AwsFault('InvalidInstanceID.NotFound', "The instance ID 'i-1' does not exist");
    });
    await expect(new EC2Client(config).send(describeInstances)).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: "The instance ID 'i-1' does not exist",
    });
  });
});

describe('faults and counts', () => {
  test('a fault strikes the named operation as often as said, and the call is still counted', async () => {
    const config = await serving(ECS, async () => ({ tasks: [] }));
    server.faults.inject(refusal(ECS, 'ThrottlingException', { operation: 'DescribeTasks' }));
    const ecs = new ECSClient(config);
    await expect(ecs.send(describeTask)).rejects.toMatchObject({ name: 'ThrottlingException' });
    await expect(ecs.send(describeTask)).resolves.toMatchObject({ tasks: [] });
    expect(server.calls()).toEqual(Array(2).fill({ service: ECS, operation: 'DescribeTasks' }));
    server.clearCalls();
    expect(server.calls()).toEqual([]);
  });

  test('a refusal leaves other operations alone, and speaks the protocol of its service', async () => {
    const config = await serving('ec2', async () => ({}));
    server.faults.inject(refusal('ec2', 'RequestLimitExceeded', { status: 503 }));
    server.faults.inject(refusal('ec2', 'Unavailable', { operation: 'RunInstances' }));
    const ec2 = new EC2Client(config);
    const describeInstances = new DescribeInstancesCommand({});
    await expect(ec2.send(describeInstances)).rejects.toMatchObject({
      name: 'RequestLimitExceeded',
    });
    await expect(ec2.send(describeInstances)).resolves.toMatchObject({
      $metadata: { httpStatusCode: 200 },
    });
  });

  test('a dropped connection comes after the act', async () => {
    const acted = vi.fn(async () => ({}));
    const config = await serving(ECS, acted);
    server.faults.inject({ times: 1, actThenDrop: true });
    await expect(new ECSClient(config).send(describeTask)).rejects.toThrow(
      /socket hang up|ECONNRESET/,
    );
    expect(acted).toHaveBeenCalledOnce();
  });

  test('a hanging call is in flight until the client gives up', async () => {
    const config = await serving(ECS, async () => ({}));
    server.faults.inject({ times: 1, hang: true });
    const giveUp = new AbortController();
    const sent = new ECSClient(config).send(describeTask, { abortSignal: giveUp.signal });
    await vi.waitUntil(() => server.inFlight() === 1);
    giveUp.abort();
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
    await vi.waitUntil(() => server.inFlight() === 0);
  });
});
