import {
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { everyPage } from '../platform/aws/pages.ts';
import { chunks, mapBounded } from '../platform/concurrency.ts';

type Ec2 = Pick<EC2Client, 'send'>;

/** EC2 allows 200 values a filter. */
const BATCH = 100;

/** By filter, since one unknown id given as such fails the whole call. */
export const describeInstances = async (ec2: Ec2, ids: readonly string[], signal: AbortSignal) => {
  const batches = await mapBounded(chunks(ids, BATCH), 2, (batch) =>
    everyPage((NextToken) => {
      const command = new DescribeInstancesCommand({
        Filters: [{ Name: 'instance-id', Values: batch }],
        // Hosts of ECS Managed Instances are hidden without it.
        IncludeManagedResources: true,
        NextToken,
      });
      return ec2.send(command, { abortSignal: signal });
    }),
  );
  return batches
    .flat()
    .flatMap((page) => page.Reservations ?? [])
    .flatMap((reservation) => reservation.Instances ?? []);
};

export const describePublicAddresses = async (
  ec2: Ec2,
  interfaces: readonly string[],
  signal: AbortSignal,
) => {
  // An event brings these, and in a filter `*` and `?` stand for others: one would read every interface there is.
  const ids = interfaces.filter((id) => /^[\w-]+$/.test(id));
  const batches = await mapBounded(chunks(ids, BATCH), 2, (batch) =>
    everyPage((NextToken) => {
      const Filters = [{ Name: 'network-interface-id', Values: batch }];
      const command = new DescribeNetworkInterfacesCommand({ Filters, NextToken });
      return ec2.send(command, { abortSignal: signal });
    }),
  );
  return new Map(
    batches
      .flat()
      .flatMap((page) => page.NetworkInterfaces ?? [])
      .flatMap(({ NetworkInterfaceId, Association }) =>
        NetworkInterfaceId && Association?.PublicIp
          ? [[NetworkInterfaceId, Association.PublicIp] as const]
          : [],
      ),
  );
};
