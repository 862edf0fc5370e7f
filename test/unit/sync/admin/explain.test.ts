import { describe, expect, it } from 'vitest';
import type { ClusterArn, TaskArn } from '../../../../shared/model/arn.ts';
import { KEY } from '../../../../shared/model/registration.ts';
import type { Summary } from '../../../../shared/model/summary.ts';
import { explain } from '../../../../shared/sync/admin/explain.ts';
import { definition, labelled, rules } from '../../derive/builders.ts';
import {
  CLUSTER,
  fakeRegistry,
  fakeSource,
  fakeStore,
  live,
  recordOf,
  taskArn,
  taskOf,
  type World,
  worldOf,
} from '../fakes.ts';

const OTHER = 'arn:aws:ecs:eu-west-1:111122223333:cluster/zoo';
type Question = Parameters<typeof explain>[0];

const ask = (question: Question, world: World = {}) => {
  const source = fakeSource({ tasks: [taskOf('a'), taskOf('b')], clusters: [OTHER, CLUSTER] });
  return explain(question, worldOf({ source, ...world }).context, live());
};
const only = (id: string) => ({ tasks: [{ task: taskArn(id) }], unread: [] });

describe('an explanation', () => {
  it.each<[string, Question]>([
    ['a bare id, looked for in every cluster', { task: 'a' }],
    ['an ARN', { task: taskArn('a') }],
    ['an id in a cluster', { task: 'a', cluster: 'shop' }],
  ])('is of the task named by %s', async (_, question) => {
    expect((await ask(question)).json).toMatchObject(only('a'));
  });

  it('asks of an ARN only the cluster that it names', async () => {
    const asked: string[] = [];
    const plain = fakeSource({ tasks: [taskOf('a')], clusters: [OTHER, CLUSTER] });
    const describeTasks: typeof plain.describeTasks = (cluster, tasks, signal) => {
      asked.push(cluster);
      return plain.describeTasks(cluster, tasks, signal);
    };
    await ask({ task: taskArn('a') }, { source: { ...plain, describeTasks } });
    expect(asked).toEqual([CLUSTER]);
  });

  it('spells out what a name cannot show; the JSON has it as it is', async () => {
    const containers = labelled({ SERVICE_NAME: 'we\u202eb', SERVICE_8080_TAGS: 'a\u200b\nb' });
    const source = fakeSource({ tasks: [taskOf('a')], definitions: [definition({ containers })] });
    const world = { source, config: { rules: rules({ profile: 'registrator' }) } };
    const { text, json } = await ask({ task: 'a' }, world);
    expect(text).toContain('we\\u{202e}b');
    expect(text).not.toMatch(/[\u202e\u200b]/);
    expect(json).toMatchObject({ tasks: [{ instances: [{ service: 'we\u202eb' }] }] });
  });

  it('says of a managed daemon’s task why it is not registered, and nothing of it where others are meant', async () => {
    const daemon = definition().arn.replace('task-definition', 'daemon-task-definition');
    const tasks = [taskOf('a'), taskOf('d', { group: 'daemon:agent', definitionArn: daemon })];
    const source = fakeSource({ tasks });
    const why = `${taskArn('d')}: left out (unknown-kind): task definition ${daemon} is of a kind whose tasks are not registered`;
    expect((await ask({ task: 'd' }, { source })).text).toBe(why);
    expect((await ask({ service: 'web' }, { source })).json).toMatchObject(only('a'));
  });

  it("is of a service's tasks, by ECS's name for it and by the name it is registered under", async () => {
    const containers = labelled({ SERVICE_NAME: 'shop-front' });
    const arn = `${definition().arn}-other` as const;
    const source = fakeSource({
      tasks: [taskOf('a'), taskOf('b', { group: 'service:api', definitionArn: arn })],
      definitions: [definition(), definition({ arn, containers })],
    });
    expect((await ask({ service: 'web' }, { source })).json).toMatchObject(only('a'));
    expect((await ask({ service: 'api' }, { source })).json).toMatchObject(only('b'));
    expect((await ask({ service: 'shop-front' }, { source })).json).toMatchObject(only('b'));
  });

  it('says what is derived, what each registry holds, and what would change', async () => {
    const { text } = await ask({ task: 'a' });
    expect(text).toContain(`${taskArn('a')}: desired RUNNING, last RUNNING, health not told`);
    expect(text).toMatch(/^web +10\.0\.1\.163:8080\/tcp +healthy +a-8080-\w+$/m);
    expect(text).toContain('consul: holds 0; upsert web: not registered yet');
  });

  it('says so where all is as it should be', async () => {
    const registry = fakeRegistry();
    const world = { registries: [registry] };
    const { instances } = Object((await ask({ task: 'a' }, world)).json).tasks[0];
    for (const one of instances)
      registry.records.set(registry.key(one), registry.fit(one).records[0] ?? one);
    expect((await ask({ task: 'a' }, world)).text).toContain('consul: holds 1, as it should');
  });

  it('says why a task has no instance', async () => {
    const definitions = [definition({ containers: labelled({ SERVICE_IGNORE: 'true' }) })];
    const { text } = await ask(
      { task: 'a' },
      { source: fakeSource({ tasks: [taskOf('a')], definitions }) },
    );
    expect(text).toContain('derives no instance');
    expect(text).toMatch(/^left out \(ignored\): .*SERVICE_IGNORE/m);
  });

  it('says of a task whose definition is gone that it is', async () => {
    const { text } = await ask(
      { task: 'a' },
      { source: fakeSource({ tasks: [taskOf('a')], definitions: [] }) },
    );
    expect(text).toBe(`${taskArn('a')}: task definition ${definition().arn} is not known to ECS`);
  });

  it('tells of a registry that cannot be read, beside one that can', async () => {
    const down = fakeRegistry([], {
      name: 'eureka',
      get: () => Promise.reject(new Error('no answer')),
    });
    const { text } = await ask({ task: 'a' }, { registries: [fakeRegistry(), down] });
    expect(text).toContain('consul: holds 0');
    expect(text).toContain('eureka: no answer');
  });

  it('writes nothing', async () => {
    const registry = fakeRegistry();
    await ask({ service: 'web' }, { registries: [registry] });
    expect(registry.calls.filter((call) => !call.startsWith('get '))).toEqual([]);
  });

  it('of more than fifty tasks is cut, and says so', async () => {
    const tasks = Array.from({ length: 51 }, (_, at) => taskOf(`t${at}`));
    const { text, json } = await ask({ service: 'web' }, { source: fakeSource({ tasks }) });
    expect(Object(json).tasks).toHaveLength(50);
    expect(text).toContain('only 50 of 51 tasks are looked at');
  });

  it.each<[Question, string]>([
    [{ task: 'zz' }, 'ECS knows no task zz in the clusters in scope'],
    [{ service: 'wbe' }, 'ECS knows no service wbe'],
    [{ task: 'a', cluster: 'zoo' }, 'ECS knows no task a'],
  ])('of %j says that ECS knows none', async (question, text) => {
    expect((await ask(question)).text).toContain(text);
  });

  it("says of a service that no task is of who else has the name, and which of ECS's may be meant", async () => {
    const theirs = recordOf('x', { service: 'old-api', metadata: { [KEY.owner]: 'others' } });
    const registries = [fakeRegistry([theirs])];
    const services = async () => ({
      found: new Map([[CLUSTER, new Set(['web', 'idle'])]]),
      unread: new Map(),
    });
    const source = fakeSource({ tasks: [taskOf('a')] }, { services });
    const told = async (service: string) => {
      const { text, json } = await ask({ service }, { source, registries });
      expect(Object(json).tasks).toEqual([]);
      return text.split('\n');
    };
    expect(await told('old-api')).toEqual([
      expect.stringMatching(/^ECS knows no service old-api in the clusters in scope/),
      'consul holds old-api at 10.0.1.163:8080, which this installation has not written',
      'the nearest names: old-api',
    ]);
    expect(await told('idle')).toEqual(['the ECS service idle runs no task']);
    expect((await told('web-9100')).slice(1)).toEqual([
      'web maps no port 9100: add a port mapping, or the label SERVICE_9100_NAME',
      'all of web: rollcall explain web',
    ]);
  });

  it("answers without the names of ECS's services where they cannot be listed", async () => {
    const services = () => Promise.reject(new Error('AccessDenied'));
    const source = fakeSource({ tasks: [taskOf('a')] }, { services });
    const { text } = await ask({ service: 'web-9100' }, { source });
    expect(text).toContain('web maps no port 9100');
  });

  it('asks of a bare id by the ARN that each cluster would give it, and says of one that ECS refuses why', async () => {
    const describeTasks = async (_cluster: ClusterArn, arns: readonly TaskArn[]) => ({
      tasks: [],
      missing: [],
      refused: arns.map((arn) => ({ arn, fault: 'no task can have it' })),
    });
    const { text } = await ask(
      { task: 'x', cluster: 'zoo' },
      { source: fakeSource({ tasks: [], clusters: [OTHER] }, { describeTasks }) },
    );
    const arn = OTHER.replace(':cluster/', ':task/').concat('/x');
    expect(text).toBe(`${arn}: "${arn}": no task can have it`);
  });

  it.each<[Question, string]>([
    [{}, 'neither'],
    [{ task: 'a', service: 'web' }, 'both'],
  ])('of %j is refused, since it names %s', async (question, came) => {
    await expect(ask(question)).rejects.toThrow(
      `expected either task (id or ARN) or service, got ${came}`,
    );
  });
});

describe('what the last round withheld', () => {
  const summary: Summary = {
    at: '2026-01-02T12:00:00.000Z',
    milliseconds: 1,
    policy: 'sync',
    clusters: 1,
    tasks: 2,
    registries: {},
    withheld: [
      { cluster: CLUSTER, plan: 'ab', removals: 12, why: 'renamed' },
      { cluster: CLUSTER, plan: 'cd', removals: 13, why: 'missing' },
      { cluster: OTHER, plan: 'ef', removals: 14, why: 'missing' },
    ],
    unfinished: [],
    skips: [],
    failures: [],
  };

  it('in the task’s cluster is said with its plan', async () => {
    const { text, json } = await ask(
      { task: 'a' },
      { store: fakeStore({ readSummary: async () => summary }) },
    );
    expect(text).toContain(
      `withheld in ${CLUSTER}: 12 records keep a name that their running tasks have lost; to let them through, run: rollcall release ab`,
    );
    expect(text).toContain(
      `withheld in ${CLUSTER}: 13 removals of records whose tasks ECS does not know; to let them through, run: rollcall release cd`,
    );
    expect(text).not.toContain('plan ef');
    expect(json).toMatchObject({ withheld: [{ plan: 'ab' }, { plan: 'cd' }] });
  });

  it('is left out where the summary cannot be read, and no explanation fails of it', async () => {
    const store = fakeStore({
      readSummary: () => Promise.reject(new Error('parameter /s: expected JSON')),
    });
    expect((await ask({ task: 'a' }, { store })).json).toMatchObject({
      ...only('a'),
      withheld: [],
    });
  });
});
