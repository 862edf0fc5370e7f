import type { Fault } from '../faults.ts';
import { refusal } from './refusal.ts';

/** A token bucket: so many calls at once, so many a second after that. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

interface Limited extends Rate {
  /** Of the service, as the server knows it. */
  readonly target: string;
  /** These calls share the bucket. */
  readonly operations: readonly string[];
  readonly code?: string;
}

const ECS = 'AmazonEC2ContainerServiceV20141113';
const EC2 = 'ec2';

/**
 * One account's limits in one region, as ECS and EC2 publish them ("Request throttling for the
 * Amazon ECS API").
 */
export const PUBLISHED_RATES: readonly Limited[] = [
  {
    target: ECS,
    operations: [
      'ListTasks',
      'DescribeTasks',
      'DescribeContainerInstances',
      'ListContainerInstances',
    ],
    burst: 100,
    perSecond: 20,
  },
  { target: ECS, operations: ['ListClusters', 'DescribeClusters'], burst: 50, perSecond: 20 },
  { target: ECS, operations: ['DescribeTaskDefinition'], burst: 50, perSecond: 20 },
  ...['DescribeInstances', 'DescribeNetworkInterfaces'].map((operation) => ({
    target: EC2,
    operations: [operation],
    burst: 100,
    perSecond: 20,
    code: 'RequestLimitExceeded',
  })),
];

/**
 * Cloud Map publishes rates for Discover* alone: what its other calls may cost together is the
 * caller's guess.
 */
export const cloudMapRates = (others: Rate): readonly Limited[] => {
  const target = 'Route53AutoNaming_v20170314';
  const code = 'RequestLimitExceeded';
  return [
    { target, operations: ['DiscoverInstances'], burst: 2_000, perSecond: 1_000, code },
    ...[
      ['ListServices', 'ListNamespaces', 'CreateService'],
      ['ListInstances'],
      ['GetInstance'],
      ['GetInstancesHealthStatus', 'UpdateInstanceCustomHealthStatus'],
      ['RegisterInstance', 'DeregisterInstance'],
      ['GetOperation'],
    ].map((operations) => ({ target, operations, ...others })),
  ];
};

/** Throttles what exceeds the rate. `now` in milliseconds. */
export const throttling = (
  { target, operations, burst, perSecond, code = 'ThrottlingException' }: Limited,
  now: () => number,
): Fault => {
  let tokens = burst;
  let filled = now();
  const isExceeded = () => {
    const at = now();
    tokens = Math.min(burst, tokens + ((at - filled) / 1_000) * perSecond);
    filled = at;
    if (tokens < 1) return true;
    tokens--;
    return false;
  };
  const urls = new Set(operations.map((operation) => `/${operation}`));
  return {
    ...refusal(target, code, { times: Number.POSITIVE_INFINITY, message: 'Rate exceeded' }),
    match: (method, url) => method === target && urls.has(url) && isExceeded(),
  };
};
