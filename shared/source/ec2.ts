import {
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { chunks, everyPage, mapBounded } from './batch.ts';

type Ec2 = Pick<EC2Client, 'send'>;

/** EC2 allows 200 values a filter. */
const BATCH = 100;

/** By filter, since one unknown id given as such fails the whole call. */
export const describeInstances = async (ec2: Ec2, ids: readonly string[], signal: AbortSignal) => {
  const batches = await mapBounded(chunks(ids, BATCH), 2, (batch) =>
    everyPage(async (NextToken) => {
      const command = new DescribeInstancesCommand({
        Filters: [{ Name: 'instance-id', Values: batch }],
        // Hosts of ECS Managed Instances are hidden without it.
        IncludeManagedResources: true,
        NextToken,
      });
      const answer = await ec2.send(command, { abortSignal: signal });
      return {
        instances: answer.Reservations?.flatMap((one) => one.Instances ?? []) ?? [],
        nextToken: answer.NextToken,
      };
    }),
  );
  return batches.flat().flatMap((page) => page.instances);
};

export const describePublicAddresses = async (
  ec2: Ec2,
  interfaces: readonly string[],
  signal: AbortSignal,
) => {
  const batches = await mapBounded(chunks(interfaces, BATCH), 2, (batch) =>
    everyPage(async (NextToken) => {
      const Filters = [{ Name: 'network-interface-id', Values: batch }];
      const command = new DescribeNetworkInterfacesCommand({ Filters, NextToken });
      const answer = await ec2.send(command, { abortSignal: signal });
      return { interfaces: answer.NetworkInterfaces ?? [], nextToken: answer.NextToken };
    }),
  );
  return new Map(
    batches
      .flat()
      .flatMap((page) => page.interfaces)
      .flatMap(({ NetworkInterfaceId, Association }) =>
        NetworkInterfaceId && Association?.PublicIp
          ? [[NetworkInterfaceId, Association.PublicIp] as const]
          : [],
      ),
  );
};
