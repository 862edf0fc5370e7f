import type { Exchange } from '../../local/aws/exchange.ts';

const ECS = 'AmazonEC2ContainerServiceV20141113';
const CLOUD_MAP = 'Route53AutoNaming_v20170314';

const json = (target: string, operation: string, over: Partial<Exchange> = {}): Exchange => ({
  target,
  operation,
  request: '{}',
  status: 200,
  headers: { 'content-type': `application/x-amz-json-${target === 'AmazonSQS' ? '1.0' : '1.1'}` },
  answer: '{}',
  injected: false,
  ...over,
});

const describeInstances = (over: Partial<Exchange> = {}) =>
  json('ec2', 'DescribeInstances', {
    request:
      'Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1&Filter.1.Name=a&Filter.1.Value.1=b',
    answer: reservations('<instanceState><code>16</code><name>running</name></instanceState>'),
    ...over,
  });

const reservations = (instance: string) =>
  `<?xml version="1.0"?>\n<DescribeInstancesResponse><requestId>1</requestId><reservationSet><item><instancesSet>` +
  `<item>${instance}</item></instancesSet></item></reservationSet></DescribeInstancesResponse>`;

const task = (members: object) => JSON.stringify({ tasks: [members], failures: [] });
const wanted = '{"tasks":["a"]}';
const refused = (error: object, status = 400) => ({ status, answer: JSON.stringify(error) });

/** What AWS would do. */
export const RIGHT: readonly (readonly [string, Exchange])[] = [
  [
    'an answer',
    json(ECS, 'DescribeTasks', { request: wanted, answer: task({ version: 3, createdAt: 1.5 }) }),
  ],
  [
    'an error of the operation',
    json(ECS, 'DescribeTasks', refused({ __type: 'ClusterNotFoundException' })),
  ],
  [
    'an error common to all',
    json(ECS, 'DescribeTasks', refused({ __type: 'a.b#ThrottlingException', message: '' })),
  ],
  [
    'a refused request that breaks the model',
    json(ECS, 'DescribeTasks', refused({ __type: 'ClientException' })),
  ],
  [
    'an error with members of its own',
    json(
      CLOUD_MAP,
      'RegisterInstance',
      refused({ __type: 'DuplicateRequest', DuplicateOperationId: 'x' }),
    ),
  ],
  [
    'a bare status by a fault',
    json(ECS, 'DescribeTasks', { status: 503, answer: '<html>', injected: true }),
  ],
  ['EC2’s form and XML', describeInstances()],
];

/** One mistake each, and how it is told. */
export const WRONG: readonly (readonly [string, Exchange, RegExp])[] = [
  [
    'an unknown member',
    json(ECS, 'DescribeTasks', { request: wanted, answer: task({ updatedAt: 1 }) }),
    /DescribeTasks answer\.tasks\[0\]\.updatedAt: expected one of .*, got 1/,
  ],
  [
    'a wrong type',
    json(ECS, 'DescribeTasks', { request: wanted, answer: task({ version: '3' }) }),
    /answer\.tasks\[0\]\.version: expected a whole number, got "3"/,
  ],
  [
    'a time as text',
    json(ECS, 'DescribeTasks', {
      request: wanted,
      answer: task({ createdAt: '2026-11-21T00:00:00Z' }),
    }),
    /createdAt: expected seconds since the epoch/,
  ],
  [
    'a value outside an enumeration',
    json(ECS, 'DescribeTasks', { request: wanted, answer: task({ launchType: 'LAMBDA' }) }),
    /launchType: expected one of EC2, FARGATE.*, got "LAMBDA"/,
  ],
  [
    'null',
    json(ECS, 'DescribeTasks', { request: wanted, answer: task({ group: null }) }),
    /group: expected a string, got null/,
  ],
  [
    'an answered request that lacks a required member',
    json(ECS, 'DescribeTasks'),
    /request\.tasks: expected a required member, got nothing/,
  ],
  [
    'an answered request that is too long',
    json(CLOUD_MAP, 'GetInstance', {
      request: JSON.stringify({ ServiceId: 's', InstanceId: 'i'.repeat(65) }),
    }),
    /request\.InstanceId: expected a size from 0 to 64, got 65/,
  ],
  [
    'an answered request against a pattern',
    json(CLOUD_MAP, 'RegisterInstance', {
      request: JSON.stringify({ ServiceId: 's', InstanceId: 'a b', Attributes: {} }),
    }),
    /request\.InstanceId: expected the pattern .*, got "a b"/,
  ],
  [
    'the wrong version of the protocol',
    json('AmazonSQS', 'SendMessage', {
      request: '{"QueueUrl":"q","MessageBody":"b"}',
      headers: { 'content-type': 'application/x-amz-json-1.1' },
    }),
    /content-type: expected application\/x-amz-json-1\.0/,
  ],
  [
    'an error that the operation does not have',
    json(ECS, 'DescribeTasks', refused({ __type: 'TaskNotFound' })),
    /DescribeTasks error: expected .*ClusterNotFoundException.*, got TaskNotFound/,
  ],
  [
    'an error that a fault invents',
    json(ECS, 'DescribeTasks', { ...refused({ __type: 'Oops' }), injected: true }),
    /error: expected .*, got Oops/,
  ],
  [
    'an unknown member of an error',
    json(ECS, 'DescribeTasks', refused({ __type: 'ClusterNotFoundException', cluster: 'a' })),
    /error\.cluster: expected/,
  ],
  [
    'an error with the wrong status',
    json(ECS, 'DescribeTasks', refused({ __type: 'ClientException' }, 500)),
    /status: expected 400, got 500/,
  ],
  [
    'an operation that AWS does not have',
    json(ECS, 'ListEverything'),
    /ListEverything: expected no answer, got one/,
  ],
  [
    'an unknown element of XML',
    describeInstances({ answer: reservations('<privateIp>10.0.0.1</privateIp>') }),
    /Reservations\[0\]\.Instances\[0\]\.privateIp: expected one of/,
  ],
  [
    'a state that EC2 does not have',
    describeInstances({ answer: reservations('<instanceState><name>up</name></instanceState>') }),
    /State\.Name: expected one of pending.*, got "up"/,
  ],
  [
    'an unknown field of a form',
    describeInstances({ request: 'Action=DescribeInstances&InstanceIds.1=i-1' }),
    /request\.InstanceIds\.1: expected one of/,
  ],
  [
    'a code that EC2 does not have',
    describeInstances({ status: 400, answer: '<Response><Errors><Error><Code>NotThere</Code>' }),
    /error: expected a code that EC2 documents, got NotThere/,
  ],
];
