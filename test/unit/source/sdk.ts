import { type DescribeInstancesCommandInput, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { mockClient } from 'aws-sdk-client-mock';
import { vi } from 'vitest';
import type { ClusterArn } from '../../../shared/model/arn.ts';
import { awsSource } from '../../../shared/source/aws.ts';
import type { ExternalAddresses } from '../../../shared/source/hosts.ts';

export const CLUSTER: ClusterArn = 'arn:aws:ecs:eu-west-1:111122223333:cluster/shop';
export const clusterArn = (name: string) =>
  `arn:aws:ecs:eu-west-1:111122223333:cluster/${name}` as const;
/** As long as ECS makes them. */
export const idOf = (id: number | string) => String(id).padStart(32, '0');
export const taskArn = (id: number | string) =>
  `arn:aws:ecs:eu-west-1:111122223333:task/shop/${idOf(id)}` as const;
export const hostArn = (id: number | string) =>
  `arn:aws:ecs:eu-west-1:111122223333:container-instance/shop/${idOf(id)}` as const;
/** As ECS refuses a whole call for one ARN in it. */
export const refuseFor = (
  wrong: readonly string[],
  asked: readonly string[],
  name = 'InvalidParameterException',
) => {
  if (asked.some((arn) => wrong.includes(arn)))
    throw Object.assign(new Error('Identifier is invalid'), { name });
};

/**
 * EC2's answer where it knows these instances alone: a call by ids that names another fails as a
 * whole.
 */
export const instancesKnown =
  (known: readonly string[], state: string, code = 'InvalidInstanceID.NotFound') =>
  async ({ InstanceIds, Filters }: DescribeInstancesCommandInput) => {
    const asked = InstanceIds ?? Filters?.[0]?.Values ?? [];
    if (InstanceIds?.some((id) => !known.includes(id)))
      throw Object.assign(new Error('One of them does not exist'), { name: code });
    const instances = asked
      .filter((id) => known.includes(id))
      .map((InstanceId) => ({ InstanceId, PrivateIpAddress: '10.0.0.1', State: { Name: state } }));
    return { Reservations: [{ Instances: instances as Instance[] }] };
  };

export const count = (many: number) => Array.from({ length: many }, (_, at) => at);

export const live = () => new AbortController().signal;

/**
 * A source over clients whose every answer the test gives; a call without one is answered by
 * nothing at all.
 */
export const mockedSource = () => {
  const client = { region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const ecsClient = new ECSClient(client);
  const ec2Client = new EC2Client(client);
  const clock = { now: 0 };
  const external = vi.fn<ExternalAddresses>(async () => new Map());
  return {
    ecs: mockClient(ecsClient),
    ec2: mockClient(ec2Client),
    external,
    /** Milliseconds since the epoch; stands still unless a test moves it. */
    clock,
    source: awsSource({ ecs: ecsClient, ec2: ec2Client, external, now: () => clock.now }),
  };
};
