import { describe, expect, it } from 'vitest';
import type { Task } from '../../../../shared/model/task.ts';
import type { Source } from '../../../../shared/source/source.ts';
import { type Delivery, readTriggers } from '../../../../shared/sync/trigger/trigger.ts';
import {
  CLUSTER,
  eventOf,
  fakeRegistry,
  fakeSource,
  live,
  NOW,
  taskArn,
  taskOf,
  type World,
  worldOf,
} from '../fakes.ts';

const registries = [fakeRegistry([], { name: 'cloudmap' }), fakeRegistry([], { name: 'consul' })];

let sent = 0;
const delivery = (body: string, receiveCount = 1): Delivery => ({
  messageId: `m${sent++}`,
  body,
  receiveCount,
});

const lookOf = (tasks: readonly string[], more: Record<string, unknown> = {}) =>
  JSON.stringify({
    rollcall: 1,
    kind: 'look',
    cluster: CLUSTER,
    tasks,
    look: 0,
    operations: [],
    ...more,
  });

const hostEvent = (state: string, age = 0, id = 'i-0123456789abcdef0') =>
  JSON.stringify({
    id: 'event-host',
    source: 'aws.ec2',
    'detail-type': 'EC2 Instance State-change Notification',
    time: new Date(NOW - age).toISOString(),
    detail: { 'instance-id': id, state },
  });

const gather = async (deliveries: readonly Delivery[], world: World = {}) => {
  const { context, lines, counts } = worldOf({ registries, ...world });
  return { ...(await readTriggers(deliveries, context, live())), lines, counts };
};

const triggersOf = async (...deliveries: readonly Delivery[]) =>
  (await gather(deliveries)).triggers;
const version = (id: string, at: number, desiredStatus = 'RUNNING') =>
  taskOf(id, { version: at, desiredStatus });

describe('a batch', () => {
  it('is gathered by task: one trigger for all its messages, which all wait for it', async () => {
    const deliveries = [version('a', 1), version('b', 1), version('a', 2)].map((task) =>
      delivery(eventOf(task)),
    );
    const triggers = await triggersOf(...deliveries);
    expect(triggers.map(({ arn }) => arn)).toEqual([taskArn('a'), taskArn('b')]);
    expect(triggers[0]?.messageIds).toEqual([deliveries[0]?.messageId, deliveries[2]?.messageId]);
  });

  it.each([
    ['the newest', [1, 3, 2], 3],
    ['the newest, first as it came', [3, 2, 1], 3],
  ])('counts %s event', async (_which, versions, newest) => {
    const [trigger] = await triggersOf(
      ...versions.map((at) => delivery(eventOf(version('a', at)))),
    );
    expect(trigger?.event?.task.version).toBe(newest);
  });

  it.each([
    ['after', ['RUNNING', 'STOPPED']],
    ['before', ['STOPPED', 'RUNNING']],
  ])('counts a stop that comes %s an event of a later version', async (_when, order) => {
    const events = { RUNNING: version('a', 9), STOPPED: version('a', 5, 'STOPPED') };
    const deliveries = order.map((status) =>
      delivery(eventOf(status === 'STOPPED' ? events.STOPPED : events.RUNNING)),
    );
    const [trigger] = await triggersOf(...deliveries);
    expect(trigger?.event?.task.desiredStatus).toBe('STOPPED');
  });

  it('with a broken message fails that one, and says which', async () => {
    const broken = delivery('{"id":');
    const { triggers, failed, lines } = await gather([delivery(eventOf(taskOf('a'))), broken]);
    expect(triggers).toHaveLength(1);
    expect(failed).toEqual([broken.messageId]);
    expect(lines[0]).toContain(
      `fault message ${broken.messageId} cannot be handled: InvalidMessage: body:`,
    );
  });

  it('with an event of another kind leaves it, names it and counts it', async () => {
    const body = JSON.stringify({
      ...JSON.parse(eventOf(taskOf('a'))),
      'detail-type': 'ECS Service Action',
    });
    const { triggers, failed, lines, counts } = await gather([delivery(body)]);
    expect([...triggers, ...failed]).toEqual([]);
    expect(lines).toEqual(['note ignored: aws.ecs "ECS Service Action"']);
    expect([...counts]).toEqual([['Ignored', 1]]);
  });

  it('with a task of another cluster says so and leaves it', async () => {
    const { triggers, lines } = await gather([delivery(eventOf(taskOf('a')))], {
      config: { clusters: ['other'] },
    });
    expect(triggers).toEqual([]);
    expect(lines).toEqual(['skip other-cluster']);
  });

  it('with what this instance has handled before is no work', async () => {
    const { context } = worldOf({ registries });
    context.handled.add(version('a', 3), NOW);
    const { triggers } = await readTriggers([delivery(eventOf(version('a', 3)))], context, live());
    expect(triggers).toEqual([]);
  });
});

describe('a look that tells what was written for a task unseen so far', () => {
  const written = (task: string, id: string) => ({
    task: taskArn(task),
    id,
    service: 'web',
    protocol: 'tcp' as const,
  });
  const unseenIn = async (...looks: readonly string[]) =>
    (await triggersOf(...looks.map((look) => delivery(look)))).map(({ unseen }) =>
      unseen?.map(({ id }) => id),
    );

  it('gives each task its own, and none to a task whose records would bear another’s id', async () => {
    const unseen = [written('a', 'a-80-x'), written('a', 'b-80-x'), written('b', 'bb-80-x')];
    expect(await unseenIn(lookOf([taskArn('a'), taskArn('b')], { unseen }))).toEqual([
      ['a-80-x'],
      undefined,
    ]);
  });

  it('counts only where every look at the task says so: another may have met it', async () => {
    const unseen = [written('a', 'a-80-x')];
    const look = lookOf([taskArn('a')], { unseen, registry: 'consul' });
    expect(await unseenIn(look, lookOf([taskArn('a')], { unseen, registry: 'cloudmap' }))).toEqual([
      ['a-80-x'],
    ]);
    expect(await unseenIn(look, lookOf([taskArn('a')], { registry: 'cloudmap' }))).toEqual([
      undefined,
    ]);
  });
});

describe('an event whose ARNs do not fit together', () => {
  it.each<[string, Partial<Task>]>([
    ['a task of another cluster', { arn: 'arn:aws:ecs:eu-west-1:111122223333:task/zoo/a' }],
    ['a task ARN that is nonsense', { arn: `${taskArn('a')}/../b` }],
    [
      'a definition of another account',
      { definitionArn: 'arn:aws:ecs:eu-west-1:999999999999:task-definition/web:1' },
    ],
  ])('such as %s is left and told', async (_what, changes) => {
    const { triggers, failed, lines } = await gather([delivery(eventOf(taskOf('a', changes)))]);
    expect([...triggers, ...failed]).toEqual([]);
    expect(lines).toEqual(['skip unreadable']);
  });

  it('is not one of a task whose ARN has the older form, which names no cluster', async () => {
    const arn = 'arn:aws:ecs:eu-west-1:111122223333:task/a';
    expect((await triggersOf(delivery(eventOf(taskOf('a', { arn })))))[0]?.arn).toBe(arn);
  });
});

describe('an event of another place', () => {
  const elsewhere = (text: string) =>
    text.replaceAll(':eu-west-1:111122223333:', ':us-east-1:111122223333:');
  const enveloped = (body: string, more: object) =>
    JSON.stringify({ ...JSON.parse(body), ...more });
  const event = eventOf(taskOf('a'));
  const host = hostEvent('shutting-down');

  it.each([
    ['by its ARNs', elsewhere(event)],
    [
      'by its task’s ARN alone',
      event.replace('eu-west-1:111122223333:task/', 'eu-west-1:999988887777:task/'),
    ],
    [
      'by its envelope’s account',
      enveloped(event, { account: '999988887777', region: 'eu-west-1' }),
    ],
    [
      'by its envelope’s region',
      enveloped(event, { account: '111122223333', region: 'us-east-1' }),
    ],
    ['that tells of a host', enveloped(host, { account: '999988887777', region: 'eu-west-1' })],
  ])('%s is told once and costs no call', async (_how, body) => {
    const calls: string[] = [];
    const note = (name: string) => async () => {
      calls.push(name);
      throw new Error('asked');
    };
    const source = fakeSource(
      { tasks: [] },
      { listClusters: note('list'), describeTasks: note('describe'), tasksOnHosts: note('hosts') },
    );
    const { triggers, failed, lines } = await gather([delivery(body), delivery(body)], { source });
    expect([...triggers, ...failed, ...calls]).toEqual([]);
    expect(lines).toEqual([
      expect.stringMatching(/^note ignored: events of another account or region/),
    ]);
  });

  it('is one of ours where envelope and ARNs name the place', async () => {
    const body = enveloped(event, { account: '111122223333', region: 'eu-west-1' });
    expect(await triggersOf(delivery(body))).toHaveLength(1);
  });
});

describe('a look at a cluster', () => {
  it.each([
    ['of another place', CLUSTER.replace('eu-west-1', 'us-east-1'), []],
    ['that is none', 'shop', []],
    ['that is not among those chosen', CLUSTER, ['other']],
  ])('%s is left, and says so', async (_which, cluster, clusters) => {
    const body = lookOf([taskArn('a')], { cluster });
    const { triggers, failed, lines } = await gather([delivery(body)], { config: { clusters } });
    expect([...triggers, ...failed]).toEqual([]);
    expect(lines).toEqual([`note ignored: a look at ${cluster}, which is not ours`]);
  });
});

describe('an event', () => {
  it.each([
    ['of this minute', 60_000, 1, true],
    ['over a minute old', 60_001, 1, false],
    ['handed out before', 0, 2, false],
  ])('%s may be written without a look: %#', async (_what, age, receiveCount, fresh) => {
    const [trigger] = await triggersOf(delivery(eventOf(taskOf('a'), age), receiveCount));
    expect(trigger?.event?.fresh).toBe(fresh);
  });

  it('is for every registry, before any look', async () => {
    const [trigger] = await triggersOf(delivery(eventOf(taskOf('a'))));
    expect([...(trigger?.targets ?? [])]).toEqual([
      ['cloudmap', { look: -1, operations: [] }],
      ['consul', { look: -1, operations: [] }],
    ]);
  });
});

describe('a look', () => {
  it('is for its registry alone, or for all', async () => {
    const [one] = await triggersOf(
      delivery(lookOf([taskArn('a')], { registry: 'consul', look: 3, operations: ['op'] })),
    );
    expect([...(one?.targets ?? [])]).toEqual([['consul', { look: 3, operations: ['op'] }]]);
    const [all] = await triggersOf(delivery(lookOf([taskArn('a')])));
    expect([...(all?.targets.keys() ?? [])]).toEqual(['cloudmap', 'consul']);
  });

  it('of several tasks is a trigger for each', async () => {
    const arns = [taskArn('a'), taskArn('b')];
    expect((await triggersOf(delivery(lookOf(arns)))).map(({ arn }) => arn)).toEqual(arns);
  });

  it.each(['', 'nonsense', `${CLUSTER}-2`, 'arn:aws:ecs:eu-west-1:111122223333:task/zoo/a'])(
    'passes over %j, which is no task of its cluster, and tells of it',
    async (wrong) => {
      const looked = await gather([delivery(lookOf([wrong, taskArn('b')]))]);
      expect(looked.triggers.map(({ arn }) => arn)).toEqual([taskArn('b')]);
      expect([looked.failed, looked.lines]).toEqual([[], ['skip unreadable']]);
    },
  );

  it('that meets an event or another look keeps the furthest count and every operation', async () => {
    const arn = taskArn('a');
    const [trigger] = await triggersOf(
      delivery(lookOf([arn], { registry: 'consul', look: 1, operations: ['x'] })),
      delivery(eventOf(taskOf('a'))),
      delivery(lookOf([arn], { registry: 'consul', look: 0, operations: ['y'] })),
    );
    expect(trigger?.targets.get('consul')).toEqual({ look: 1, operations: ['x', 'y'] });
    expect(trigger?.targets.get('cloudmap')).toEqual({ look: -1, operations: [] });
    expect(trigger?.event?.task.arn).toBe(arn);
  });

  it('to be judged, where one look waits for an operation and another for none', async () => {
    const [trigger] = await triggersOf(
      delivery(
        lookOf([taskArn('a')], { registry: 'cloudmap', look: 0, operations: ['the registration'] }),
      ),
      delivery(lookOf([taskArn('a')], { registry: 'cloudmap', look: 0 })),
    );
    expect(trigger?.targets.get('cloudmap')).toEqual({ look: 0, operations: [] });
  });
});

describe('a host', () => {
  const source = fakeSource(
    { tasks: [] },
    { tasksOnHosts: async () => [{ cluster: CLUSTER, tasks: [taskArn('a'), taskArn('b')] }] },
  );

  it.each(['shutting-down', 'stopping', 'stopped', 'terminated'])(
    'that is %s takes its tasks with it',
    async (state) => {
      const { triggers } = await gather([delivery(hostEvent(state))], { source });
      expect(triggers.map(({ arn, isHostLeaving }) => [arn, isHostLeaving])).toEqual([
        [taskArn('a'), true],
        [taskArn('b'), true],
      ]);
    },
  );

  it.each(['pending', 'running', 'rebooting'])(
    'that is %s concerns no task, and it is said why',
    async (state) => {
      const { triggers, failed, lines } = await gather([delivery(hostEvent(state))], { source });
      expect([...triggers, ...failed]).toEqual([]);
      expect(lines).toEqual([
        `note host i-0123456789abcdef0 is ${state}, which takes no task out: only one that goes down does`,
      ]);
    },
  );

  it.each([
    ['over a minute old', 60_001, 1],
    ['handed out before', 0, 2],
  ])('whose event is %s may be up isCounted: EC2 is asked', async (_what, age, receiveCount) => {
    const { triggers } = await gather([delivery(hostEvent('stopping', age), receiveCount)], {
      source,
    });
    expect(triggers.map(({ arn, isHostLeaving }) => [arn, isHostLeaving])).toEqual([
      [taskArn('a'), false],
      [taskArn('b'), false],
    ]);
  });

  it('is looked for in the clusters in scope only', async () => {
    const asked: unknown[] = [];
    const clusters = [CLUSTER, `${CLUSTER}-2` as const];
    const listing = fakeSource(
      { tasks: [], clusters },
      {
        tasksOnHosts: async (_id, among) => {
          asked.push(among);
          return [];
        },
      },
    );
    await gather([delivery(hostEvent('stopping'))], {
      source: listing,
      config: { clusters: ['shop'] },
    });
    expect(asked).toEqual([[CLUSTER]]);
  });

  it('is asked for with every other of its batch', async () => {
    const asked: unknown[] = [];
    const tasksOnHosts: Source['tasksOnHosts'] = async (ids) => {
      asked.push(ids);
      return [];
    };
    const { context } = worldOf({
      registries,
      source: fakeSource({ tasks: [] }, { tasksOnHosts }),
    });
    const batch = ['1', '2', '1'].map((id) => delivery(hostEvent('stopping', 0, `i-0000000${id}`)));
    await readTriggers(batch, context, live());
    expect(asked).toEqual([['i-00000001', 'i-00000002']]);
  });

  it('whose tasks cannot be found now is the reconciler’s: a message that can be read is no dead letter', async () => {
    const failing = fakeSource(
      { tasks: [] },
      { tasksOnHosts: () => Promise.reject(new Error('throttled')) },
    );
    const message = delivery(hostEvent('stopping'));
    const { failed, lines } = await gather([message, delivery(eventOf(taskOf('a')))], {
      source: failing,
    });
    expect(failed).toEqual([]);
    expect(lines.at(-1)).toContain('left to the reconciler: Error: throttled');
  });
});
