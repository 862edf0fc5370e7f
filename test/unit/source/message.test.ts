import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidMessage, type Message, parseMessage } from '../../../shared/source/message.ts';
import { EVENTS, eventWith, textOf } from './events.ts';

const faultOf = (body: string): string => {
  try {
    parseMessage(body);
  } catch (error) {
    if (error instanceof InvalidMessage) return error.message;
    throw error;
  }
  throw new Error('it was taken for valid');
};

const without = (member: string) => {
  const { [member]: _, ...rest } = JSON.parse(textOf('task-fargate-running'));
  return JSON.stringify(rest);
};

describe('AWS’s own events', () => {
  it.each<[string, Message['kind']]>([
    ['task-fargate-running', 'task'],
    ['task-fargate-stopped', 'task'],
    ['task-fargate-spot-interruption', 'task'],
    ['task-ec2-awsvpc-running', 'task'],
    ['task-ec2-bridge-running', 'task'],
    ['task-ec2-pending', 'task'],
    ['ec2-instance-pending', 'host'],
    ['ec2-instance-shutting-down', 'host'],
    ['container-instance-draining', 'ignored'],
    ['deployment-completed', 'ignored'],
    ['service-action-steady-state', 'ignored'],
  ])('%s is read as %s', (name, kind) => {
    expect(parseMessage(textOf(name)).kind).toBe(kind);
  });

  it('are all read but the excerpt, which says what it lacks', () => {
    const unread = EVENTS.filter((name) => {
      try {
        return !parseMessage(textOf(name));
      } catch {
        return true;
      }
    });
    expect(EVENTS).toHaveLength(12);
    expect(unread).toEqual(['task-fargate-spot-snippet']);
    expect(faultOf(textOf('task-fargate-spot-snippet'))).toContain(
      'event.time: Invalid key: Expected "time"',
    );
  });

  it('bring a task with identity, time and version', () => {
    expect(parseMessage(textOf('task-fargate-running'))).toMatchObject({
      kind: 'task',
      eventId: 'e1c9a7d2-04b6-4f5a-8e13-7d92c05b6a48',
      time: Date.parse('2026-03-04T09:15:42Z'),
      task: {
        id: '5d0c1f7e92b84a3fb6c8e41d70a95f32',
        clusterArn: 'arn:aws:ecs:eu-central-1:111122223333:cluster/FargateCluster',
        desiredStatus: 'RUNNING',
        lastStatus: 'RUNNING',
        eni: { id: 'eni-0a2d4f6a8c0e1b357', ipv4: '10.0.1.163' },
      },
    });
  });

  it('tell of a Spot interruption while the task still runs', () => {
    expect(parseMessage(textOf('task-fargate-spot-interruption'))).toMatchObject({
      task: { desiredStatus: 'STOPPED', lastStatus: 'RUNNING' },
    });
  });

  it('bring a host and its state', () => {
    expect(parseMessage(textOf('ec2-instance-shutting-down'))).toMatchObject({
      kind: 'host',
      instanceId: 'i-0a6c4e2f8b1d3570e',
      state: 'shutting-down',
    });
  });

  it('of a kind that is not known are named and left', () => {
    expect(parseMessage(textOf('deployment-completed'))).toEqual({
      kind: 'ignored',
      what: 'aws.ecs "ECS Deployment State Change"',
    });
    const forged = eventWith('task-fargate-running', {}, { source: 'my.ecs' });
    expect(parseMessage(forged)).toEqual({
      kind: 'ignored',
      what: 'my.ecs "ECS Task State Change"',
    });
  });

  it.each([
    [
      'a managed daemon’s task',
      'taskDefinitionArn',
      'arn:aws:ecs:eu-central-1:111122223333:daemon-task-definition/agent:3',
    ],
    [
      'what runs as a task and is none',
      'taskArn',
      'arn:aws:ecs:eu-central-1:111122223333:session/shop/ab12',
    ],
    ['what runs in no cluster', 'clusterArn', 'arn:aws:ecs:eu-central-1:111122223333:fleet/shop'],
  ])('about %s are named and left', (_, member, arn) => {
    const event = eventWith('task-fargate-running', { [member]: arn });
    expect(parseMessage(event)).toEqual({ kind: 'ignored', what: `a task of ${arn}` });
  });

  it('about a host of a kind that is not known are named and left', () => {
    const event = eventWith('ec2-instance-shutting-down', {
      'instance-id': 'mac-0a6c4e2f8b1d3570e',
    });
    expect(parseMessage(event)).toEqual({ kind: 'ignored', what: 'a host mac-0a6c4e2f8b1d3570e' });
  });
});

describe('a broken message names the field, what was expected and what came', () => {
  const task = (detail: Record<string, unknown>) => eventWith('task-fargate-running', detail);
  const host = (detail: Record<string, unknown>) => eventWith('ec2-instance-shutting-down', detail);
  const look = (more: Record<string, unknown>) =>
    JSON.stringify({
      rollcall: 1,
      kind: 'look',
      cluster: 'c',
      tasks: ['t'],
      look: 0,
      operations: [],
      ...more,
    });
  it.each<[string, string, string]>([
    ['nothing', '', 'body: expected JSON, got ""'],
    ['no JSON', '<html>', 'body: expected JSON, got "<html>"'],
    ['JSON cut short', '{"id":', 'body: expected JSON, got "{\\"id\\":"'],
    ['null', 'null', 'event: Invalid type: Expected Object but received null'],
    ['a number', '7', 'event: Invalid type: Expected Object but received 7'],
    ['a list', '[]', 'event.id: Invalid key: Expected "id" but received undefined'],
    [
      'no source',
      without('source'),
      'event.source: Invalid key: Expected "source" but received undefined',
    ],
    [
      'no detail',
      without('detail'),
      'event.detail: Invalid key: Expected "detail" but received undefined',
    ],
    [
      'a time that is none',
      eventWith('task-fargate-running', {}, { time: 'yesterday' }),
      'event.time: expected an ISO 8601 time, got "yesterday"',
    ],
    [
      'detail that is text',
      eventWith('task-fargate-running', {}).replace(/"detail":\{.*/, '"detail":"x"}'),
      'detail: Invalid type: Expected Object but received "x"',
    ],
    [
      'a task ARN that is another service’s',
      task({ taskArn: 'arn:aws:eks:eu-west-1:1:task/shop/web' }),
      'detail.taskArn: expected an ARN of ECS’s, got "arn:aws:eks:eu-west-1:1:task/shop/web"',
    ],
    [
      'a cluster by name',
      task({ clusterArn: 'shop' }),
      'detail.clusterArn: expected an ARN of ECS’s, got "shop"',
    ],
    [
      'a definition by its family',
      task({ taskDefinitionArn: 'web:1' }),
      'detail.taskDefinitionArn: expected an ARN of ECS’s, got "web:1"',
    ],
    [
      'no status',
      task({ desiredStatus: undefined }),
      'detail.desiredStatus: Invalid key: Expected "desiredStatus" but received undefined',
    ],
    [
      'a version that is text',
      task({ version: '3' }),
      'detail.version: Invalid type: Expected number but received "3"',
    ],
    [
      'a start that is no time',
      task({ startedAt: 'soon' }),
      'detail.startedAt: expected an ISO 8601 time, got "soon"',
    ],
    [
      'a port that is text',
      task({ containers: [{ name: 'a', networkBindings: [{ containerPort: '80' }] }] }),
      'detail.containers.0.networkBindings.0.containerPort: Invalid type: Expected number but received "80"',
    ],
    [
      'a container without a name',
      task({ containers: [{}] }),
      'detail.containers.0.name: Invalid key: Expected "name" but received undefined',
    ],
    [
      'a host id that would change a filter expression',
      host({ 'instance-id': 'i-0a6c4e2f or true' }),
      'detail.instance-id: expected i-…, got "i-0a6c4e2f or true"',
    ],
    [
      'a host without state',
      host({ state: null }),
      'detail.state: Invalid type: Expected string but received null',
    ],
    [
      'a look of a later version',
      look({ rollcall: 2 }),
      'look.rollcall: Invalid type: Expected 1 but received 2',
    ],
    [
      'a renewal in the wrong queue',
      '{"rollcall":1,"kind":"renew"}',
      'look.kind: Invalid type: Expected "look"',
    ],
    [
      'a look at nothing',
      look({ tasks: [] }),
      'look.tasks: Invalid length: Expected >=1 but received 0',
    ],
    [
      'a look at too many',
      look({ tasks: Array(101).fill('t') }),
      'look.tasks: Invalid length: Expected <=100 but received 101',
    ],
    ['a sixth look', look({ look: 5 }), 'look.look: Invalid value: Expected <=4 but received 5'],
    ['half a look', look({ look: 0.5 }), 'look.look: Invalid integer: Received 0.5'],
    [
      'a registry that is none',
      look({ registry: 'zookeeper' }),
      'look.registry: Invalid type: Expected',
    ],
  ])('%s', (_what, body, fault) => {
    expect(faultOf(body)).toContain(fault);
  });

  it('and every fault at once', () => {
    const fault = faultOf(task({ taskArn: 'x', clusterArn: 'y' }));
    expect(fault).toContain('detail.taskArn');
    expect(fault).toContain('detail.clusterArn');
  });

  it('without repeating a long body', () => {
    expect(faultOf('x'.repeat(100_000)).length).toBeLessThan(120);
  });

  it('and nothing but an InvalidMessage is ever thrown', () => {
    const members = Object.keys(JSON.parse(textOf('task-ec2-bridge-running')).detail);
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .tuple(fc.constantFrom(...members), fc.jsonValue())
        .map(([member, value]) => eventWith('task-ec2-bridge-running', { [member]: value })),
      fc
        .tuple(
          fc.constantFrom('id', 'source', 'detail-type', 'time', 'detail', 'rollcall'),
          fc.jsonValue(),
        )
        .map(([member, value]) => eventWith('task-ec2-bridge-running', {}, { [member]: value })),
    );
    fc.assert(
      fc.property(body, (text) => {
        try {
          expect(['task', 'host', 'look', 'ignored']).toContain(parseMessage(text).kind);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidMessage);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
