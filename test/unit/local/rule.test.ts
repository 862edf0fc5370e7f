import { describe, expect, test } from 'vitest';
import { createRule, matches } from '../../../local/aws/rule.ts';
import { createSqs } from '../../../local/aws/sqs.ts';
import { createWorld } from '../../../local/aws/world.ts';

const event = {
  source: 'aws.ecs',
  detail: {
    lastStatus: 'RUNNING',
    clusterArn: 'arn:c/default',
    containers: [{ name: 'a' }, { name: 'b' }],
  },
};

describe('event patterns', () => {
  test.each([
    [true, { source: ['aws.ecs', 'aws.ec2'] }],
    [false, { source: ['aws.ec2'] }],
    [true, { detail: { lastStatus: ['RUNNING'], clusterArn: [{ prefix: 'arn:c/' }] } }],
    [false, { detail: { lastStatus: ['RUNNING'], desiredStatus: ['STOPPED'] } }],
    [true, { detail: { $or: [{ lastStatus: ['RUNNING'] }, { desiredStatus: ['STOPPED'] }] } }],
    [false, { detail: { $or: [{ lastStatus: ['PENDING'] }, { desiredStatus: ['STOPPED'] }] } }],
    [true, { detail: { clusterArn: [{ wildcard: 'arn:*/def*' }] } }],
    [true, { detail: { clusterArn: [{ suffix: '/default' }] } }],
    [true, { detail: { lastStatus: [{ 'equals-ignore-case': 'running' }] } }],
    [true, { detail: { lastStatus: [{ 'anything-but': ['STOPPED', { prefix: 'PEND' }] }] } }],
    [false, { detail: { lastStatus: [{ 'anything-but': 'RUNNING' }] } }],
    [false, { detail: { stopCode: [{ 'anything-but': 'x' }] } }],
    [true, { detail: { stopCode: [{ exists: false }] } }],
    [false, { detail: { stopCode: [{ exists: true }] } }],
    [true, { detail: { containers: { name: ['b'] } } }],
    [false, { detail: { containers: { name: ['c'] } } }],
  ])('%s for %j', (expected, pattern) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  test('an operator that is not simulated is an error, not a mismatch', () => {
    expect(() => matches({ source: [{ numeric: ['>', 1] }] }, event)).toThrow(
      'not simulated: numeric',
    );
  });
});

test('a rule sends what its patterns match to the queue, as EventBridge would write it', () => {
  const world = createWorld();
  const sqs = createSqs();
  const queue = sqs.createQueue('events');
  const patterns = [
    { 'detail-type': ['ECS Task State Change'], detail: { lastStatus: ['RUNNING'] } },
  ];
  world.onEvent(createRule({ patterns, sqs, queue: 'events' }));
  world.addCluster('default');
  world.registerTaskDefinition({
    family: 'web',
    containerDefinitions: [{ name: 'web', image: 'web' }],
  });
  world.addMachine({ cluster: 'default' });
  const { taskArn } = world.runTask({ cluster: 'default', taskDefinition: 'web' });
  expect(queue.messages().map(({ body }) => JSON.parse(body))).toMatchObject([
    { source: 'aws.ecs', detail: { taskArn, lastStatus: 'RUNNING' } },
  ]);
});
