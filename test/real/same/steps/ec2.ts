import { DescribeInstancesCommand, DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import type { Step } from './step.ts';

export const ec2: readonly Step[] = [
  [
    'ec2: an unknown instance is described by its id',
    ({ ec2 }) => ec2.send(new DescribeInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'] })),
  ],
  [
    'ec2: unknown instances are filtered for',
    ({ ec2 }) =>
      ec2.send(
        new DescribeInstancesCommand({
          Filters: [{ Name: 'instance-id', Values: ['i-0123456789abcdef0'] }],
        }),
      ),
  ],
  [
    'ec2: ids come with a page size',
    ({ ec2 }) =>
      ec2.send(
        new DescribeInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'], MaxResults: 5 }),
      ),
  ],
  [
    'ec2: an unknown interface is described by its id',
    ({ ec2 }) =>
      ec2.send(
        new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: ['eni-0123456789abcdef0'] }),
      ),
  ],
  [
    'ec2: unknown interfaces are filtered for',
    ({ ec2 }) =>
      ec2.send(
        new DescribeNetworkInterfacesCommand({
          Filters: [{ Name: 'network-interface-id', Values: ['eni-0123456789abcdef0'] }],
        }),
      ),
  ],
];
