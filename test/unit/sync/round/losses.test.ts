import { describe, expect, it } from 'vitest';
import type { NameRules } from '../../../../shared/config/config.ts';
import { derive } from '../../../../shared/derive/derive.ts';
import type { ClusterArn, DefinitionArn } from '../../../../shared/model/arn.ts';
import type { Change } from '../../../../shared/model/plan.ts';
import { KEY, type Registration } from '../../../../shared/model/registration.ts';
import type { Task } from '../../../../shared/model/task.ts';
import type { Source } from '../../../../shared/source/source.ts';
import type { RegistrySnapshot } from '../../../../shared/sync/observe/snapshot.ts';
import { readLosses } from '../../../../shared/sync/round/losses.ts';
import {
  CLUSTER,
  container,
  definition,
  nameRules,
  port,
  rules,
  running,
} from '../../derive/builders.ts';
import { fakeRegistry, fakeSource, live, recordOf, taskArn, taskOf, worldOf } from '../fakes.ts';

const PROD = 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod' satisfies ClusterArn;
const ELSEWHERE = 'arn:aws:ecs:us-east-1:111122223333:cluster/prod' satisfies ClusterArn;
const THEIRS = definition({
  arn: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/payments:1' satisfies DefinitionArn,
  family: 'payments',
  containers: [container({ ports: [port(), port(81, { name: 'admin' })] })],
});
const CHECKED = {
  ...THEIRS,
  arn: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/checked:1' as DefinitionArn,
  containers: [container({ hasHealthCheck: true })],
};

/** The owner's task, in the cluster `prod`. */
const owners = (more: Partial<Task> = {}): Task =>
  taskOf('z', {
    clusterArn: PROD,
    group: 'service:payments',
    definitionArn: THEIRS.arn,
    ...more,
  });

/** A record of its. */
const theirs = (more: Partial<Registration> = {}, cluster: string = PROD) => {
  const made = derive({ task: owners(), definition: THEIRS }, rules());
  const { service = 'payments' } = more;
  return recordOf('z', {
    id: made.instances.find((one) => one.service === service.toLowerCase())?.id ?? '',
    service,
    ...more,
    metadata: { [KEY.cluster]: cluster, [KEY.serviceName]: 'payments' },
  });
};

type Lost = Readonly<Record<string, readonly string[]>>;

interface Case {
  readonly lost?: Lost;
  readonly others?: readonly Registration[];
  readonly change?: Change;
  /** The service that bears the name. */
  readonly service?: string;
  readonly names?: Partial<NameRules>;
  readonly owner?: readonly Task[];
  readonly source?: Partial<Source>;
  readonly told?: readonly string[];
}

const PAYMENTS = { payments: ['prod/payments'] };

const lossOf = async ({
  lost = PAYMENTS,
  others = [theirs()],
  change = removal(),
  service = 'web',
  names = {},
  owner = [owners()],
  source,
  told = [],
}: Case) => {
  const task = taskOf('a', { group: `service:${service}` });
  const made = derive({ task, definition: definition() }, rules());
  const derivation = {
    ...made,
    lost: new Map(Object.entries(lost)),
    task,
    definition: definition(),
  };
  const { context, lines } = worldOf({
    config: { rules: rules({ names: nameRules(names) }) },
    source: fakeSource(
      { tasks: owner, clusters: [CLUSTER, PROD], definitions: [THEIRS, CHECKED] },
      source,
    ),
  });
  const held = [...others, ...(change.before ? [change.before] : [])];
  const snapshot: RegistrySnapshot = {
    status: 'listed',
    registry: fakeRegistry(),
    listing: { records: held },
    ours: Map.groupBy(held, ({ metadata }) => metadata[KEY.cluster] ?? ''),
    byKey: new Map(),
  };
  const state = { cluster: CLUSTER, running: new Map([[task.arn, derivation]]) };
  const lossesAt = await readLosses([snapshot], state, context, live());
  expect(lines).toEqual(told);
  return lossesAt(snapshot)(change);
};

const removal = (service = 'payments', more: Partial<Registration> = {}): Change => {
  const before = recordOf('a', { service, ...more });
  return { kind: 'remove', ref: before, before, reason: 'another name', limit: 'renamed' };
};

const loss = (isServed: boolean) => ({ owners: 'prod/payments', isServed });

describe('a name that a task asks for and others have a better right to', () => {
  it('is served by a healthy record of theirs under it, in whichever cluster', async () => {
    expect(await lossOf({})).toEqual(loss(true));
    expect(await lossOf({ others: [theirs({ health: undefined })] })).toEqual(loss(true));
    expect(await lossOf({ others: [theirs({ service: 'PAYMENTS' })] })).toEqual(loss(true));
    // Of Cloud Map's two kinds of DNS records each serves clients of its own.
    expect(await lossOf({ change: removal('_payments._tcp') })).toEqual(loss(false));
    const srv = [theirs({ service: '_payments._tcp', id: theirs().id })];
    expect(await lossOf({ change: removal('_payments._tcp'), others: srv })).toEqual(loss(true));
  });

  it.each<[string, readonly Registration[]]>([
    ['nothing', []],
    ['one that is not healthy', [theirs({ health: 'unhealthy' })]],
    ['one whose check has not answered', [theirs({ health: 'starting' })]],
    ['one under another name', [theirs({ service: 'payments-admin' })]],
    ['somebody else’s', [recordOf('y', { service: 'payments' })]],
    ['the same cluster’s of another region', [theirs({}, ELSEWHERE)]],
    ['one whose task is another', [theirs({ id: 'another' })]],
  ])('is not served by %s', async (_, others) =>
    expect(await lossOf({ others })).toEqual(loss(false)),
  );

  it.each<[string, readonly Task[]]>([
    ['has stopped', [owners({ desiredStatus: 'STOPPED' })]],
    ['is gone', []],
    [
      'is not healthy',
      [owners({ definitionArn: CHECKED.arn, containers: [running({ health: 'UNHEALTHY' })] })],
    ],
    ['derives another name', [owners({ group: 'service:billing' })]],
  ])('is not served by a record whose task %s, by what ECS says now', async (_, owner) =>
    expect(await lossOf({ owner })).toEqual(loss(false)),
  );

  it('is not served where ECS cannot say, and that is told', async () => {
    const describeTasks = () => Promise.reject(new Error('denied'));
    const told = ['fault owners of names cannot be described now: Error: denied'];
    expect(await lossOf({ source: { describeTasks }, told })).toEqual(loss(false));
  });

  it('takes names along that are made of it where these are served, and others wait', async () => {
    const admin = removal('payments-admin');
    expect(await lossOf({ change: admin })).toEqual(loss(false));
    const others = [theirs({ service: 'payments-admin' })];
    expect(await lossOf({ change: admin, others })).toEqual(loss(true));
    expect(await lossOf({ change: removal('paymentsx') })).toBeUndefined();
  });

  it('is any of a record’s names: one that is served goes before one that is not', async () => {
    const both = { ghost: ['prod/ghost'], ...PAYMENTS };
    const change = removal('WEB-1', { detail: { vip: 'ghost,payments' } });
    const service = 'api';
    expect(await lossOf({ lost: both, change, service })).toEqual(loss(true));
    expect(await lossOf({ lost: { ghost: ['prod/ghost'] }, change, service })).toEqual({
      owners: 'prod/ghost',
      isServed: false,
    });
  });

  it('is none that a write keeps', async () => {
    const { before } = removal('web', { detail: { vip: 'payments' } });
    if (!before) throw new Error('it is at hand');
    const change: Change = { kind: 'upsert', record: before, before, reason: 'tags changed' };
    expect(await lossOf({ change })).toBeUndefined();
  });

  it('is known of tasks that run alone, and of names whose owner is known', async () => {
    expect(await lossOf({ lost: {} })).toBeUndefined();
    expect(await lossOf({ lost: { payments: [] } })).toBeUndefined();
    const other = removal('payments', { metadata: { [KEY.task]: taskArn('b') } });
    expect(await lossOf({ change: other })).toBeUndefined();
  });
});

describe('the name of the task’s own ECS service, and what is made of it,', () => {
  const service = 'payments';

  it('is nobody’s to take at once, whoever serves it', async () => {
    expect(await lossOf({ service })).toBeUndefined();
    expect(
      await lossOf({ service, names: { pinned: new Map([['payments', ['prod/payments']]]) } }),
    ).toBeUndefined();
    const change = removal('payments-admin');
    const others = [theirs({ service: 'payments-admin' })];
    expect(await lossOf({ service, change, others })).toBeUndefined();
    const made = { change, others, lost: { 'payments-admin': ['prod/payments'] } };
    expect(await lossOf({ service, ...made })).toBeUndefined();
    // Nor as one of those that begin with another’s.
    expect(await lossOf({ service: 'payments-admin', change, others })).toBeUndefined();
  });

  it('waits for who has it while nobody serves it', async () =>
    expect(await lossOf({ service, others: [] })).toEqual(loss(false)));

  it('keeps a record whose name is renamed besides', async () => {
    const change = removal('PAYMENTS', { detail: { vip: 'ghost' } });
    const lost = { ghost: ['prod/payments'] };
    const others = [theirs({ service: 'ghost' })];
    expect(await lossOf({ service, change, lost, others })).toEqual({
      owners: 'prod/payments',
      isServed: false,
    });
  });

  it.each<[string, Partial<NameRules>, boolean]>([
    ['equals under refuse', {}, true],
    ['a pin', { pinned: new Map([['payments', ['prod/payments']]]) }, false],
    ['a template without a right', { templates: [{ clusters: /^/, template: '{family}' }] }, false],
    [
      'a template that makes another',
      { templates: [{ clusters: /^/, template: '{cluster}-{service}' }] },
      false,
    ],
  ])('goes between equals under refuse: %s', async (_, more, isServed) => {
    // What the owner derives goes by these rules, too.
    const names = { shared: 'refuse', ...more } as const;
    const found = await lossOf({ service, names });
    expect(found?.isServed === true).toBe(isServed);
  });
});
