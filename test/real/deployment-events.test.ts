import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matches } from '../../local/aws/rule.ts';
import { patternsIn } from '../../local/rules.ts';
import type { Question } from '../../scripts/real/ask-aws.ts';
import { MOTO_ACCOUNT, type Moto, motoPython, startMoto } from '../../scripts/real/moto.ts';
import { type RunningFunction, ricFile } from '../../scripts/real/ric.ts';
import { at, type Json, type JsonObject, list } from '../../scripts/stack/template.ts';
import { withReal } from './real.ts';
import { openQueue, startDeployed, toSqsEvent } from './support/deployed.ts';
import { copyProject, type Project, REGION } from './support/project.ts';
import { type Ask, asking, readStack } from './support/stack.ts';

const PATIENCE = 600_000;
const CLUSTER = `arn:aws:ecs:${REGION}:123456789012:cluster/shop`;
const DEFINITION = `arn:aws:ecs:${REGION}:123456789012:task-definition/web:1`;

const HERE = { account: MOTO_ACCOUNT, region: REGION };
const PATTERNS = patternsIn(HERE);

/** A namespace that is given, one that lies where the stack's own would, and a task definition. */
const prepare = (ask: Ask) =>
  ask(
    ['servicediscovery', 'create_http_namespace', { Name: 'shop' }],
    ['servicediscovery', 'create_http_namespace', { Name: 'rollcall-dev' }],
    ['ecs', 'create_cluster', { clusterName: 'shop' }],
    [
      'ecs',
      'register_task_definition',
      {
        family: 'web',
        networkMode: 'awsvpc',
        containerDefinitions: [
          { name: 'app', image: 'web:1', memory: 128, portMappings: [{ containerPort: 8080 }] },
        ],
      },
    ],
  );

/** Whole seconds: moto knows no others. */
const STARTED = Math.floor(Date.now() / 1000) * 1000;

const taskOf = (changes: JsonObject = {}) => ({
  taskArn: `${CLUSTER.replace(':cluster/', ':task/')}/0123456789abcdef0123456789abcdef`,
  clusterArn: CLUSTER,
  taskDefinitionArn: DEFINITION,
  group: 'service:web',
  startedBy: 'ecs-svc/1234567890123456789',
  launchType: 'FARGATE',
  desiredStatus: 'RUNNING',
  lastStatus: 'RUNNING',
  version: 3,
  startedAt: STARTED / 1000,
  attachments: [
    {
      id: 'a',
      type: 'eni',
      status: 'ATTACHED',
      details: [{ name: 'privateIPv4Address', value: '172.31.0.10' }],
    },
  ],
  containers: [
    {
      name: 'app',
      lastStatus: 'RUNNING',
      networkInterfaces: [{ attachmentId: 'a', privateIpv4Address: '172.31.0.10' }],
    },
  ],
  ...changes,
});

const toEvent = (task: JsonObject): JsonObject => ({
  source: 'aws.ecs',
  'detail-type': 'ECS Task State Change',
  resources: [task['taskArn']],
  detail: { ...task, startedAt: new Date(STARTED).toISOString() },
});

const putOnBus = (event: JsonObject): Question => [
  'events',
  'put_events',
  {
    Entries: [
      {
        Source: event['source'],
        DetailType: event['detail-type'],
        Resources: event['resources'],
        Detail: JSON.stringify(event['detail']),
      },
    ],
  },
];

const FIXTURES = new URL('../fixtures/events/', import.meta.url);
const fixtures = readdirSync(FIXTURES).map((name) => {
  const event: JsonObject = JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8'));
  return { name, event };
});

let ric: string | undefined;
await withReal("AWS's runtime client for Lambda", ricFile, (file) => {
  ric = file;
});

await withReal('moto', motoPython, (python) =>
  describe('the bus of a deployed stack', () => {
    let moto: Moto;
    let project: Project;
    let ask: Ask;
    let queueArn: string;
    let queue: ReturnType<typeof openQueue>;
    let stack: Awaited<ReturnType<typeof readStack>>;
    beforeAll(async () => {
      moto = await startMoto(python);
      ask = asking(moto, python);
      project = await copyProject(moto.environment);
      await prepare(ask);
      await project.serverless('deploy', { namespace: 'shop' });
      stack = await readStack(ask);
      queueArn = Object.keys(stack.queues).find((arn) => arn.includes('-EventQueue-')) ?? '';
      queue = openQueue(moto, queueArn);
      // moto would run the function in docker, and give the message back to the queue when it
      // cannot.
      const mappings = stack.mappings.map(({ UUID }) => ({ UUID, Enabled: false }));
      await ask(...mappings.map((one): Question => ['lambda', 'update_event_source_mapping', one]));
    }, PATIENCE);
    afterAll(async () => {
      await project?.remove();
      await moto?.stop();
    });

    it(
      'is not deployed onto a namespace that was left behind: adopting it is proposed, and nothing changed',
      async () => {
        const before = await readStack(ask);
        const [namespaces] = await ask(['servicediscovery', 'list_namespaces']);
        const left = list(at(namespaces, 'Namespaces')).find(
          (one) => at(one, 'Name') === 'rollcall-dev',
        );
        await expect(project.serverless('deploy', {}, 'namespace')).rejects.toMatchObject({
          stdout: expect.stringContaining(`--param namespace=${at(left, 'Id')}`),
        });
        expect(await readStack(ask)).toEqual(before);
      },
      PATIENCE,
    );

    it('lets through, of the events that AWS documents, those that the simulator’s rules let through', async () => {
      await ask(...fixtures.map(({ event }) => putOnBus(event)));
      const messages = await queue.receive();
      await queue.remove(messages);
      const details = messages.map(({ Body = '' }): Json => at(JSON.parse(Body), 'detail'));
      const through = fixtures.filter(({ event }) =>
        details.some((detail) => JSON.stringify(detail) === JSON.stringify(event['detail'])),
      );
      // The bus names the account that put the event on it.
      const expected = fixtures.filter(({ event }) =>
        PATTERNS.some((pattern) => matches(pattern, { ...event, ...HERE })),
      );
      expect(through.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
      expect(through.length).toBeLessThan(fixtures.length);
    });

    it('has the rules that the simulator has', () => {
      const patterns = Object.values(stack.rules).flatMap(({ EventPattern }) =>
        EventPattern === undefined ? [] : [JSON.parse(String(EventPattern))],
      );
      expect(patterns).toEqual(expect.arrayContaining([...PATTERNS]));
      expect(patterns).toHaveLength(PATTERNS.length);
    });

    if (ric !== undefined)
      describe('with the function as it was deployed', () => {
        let onTaskEvent: RunningFunction;
        beforeAll(async () => {
          const deployment = { moto, python, ric: `${ric}`, project, stack };
          onTaskEvent = await startDeployed(deployment, {
            name: 'on-task-event',
            camel: 'onTaskEvent',
          });
        }, PATIENCE);
        afterAll(() => onTaskEvent?.stop());

        /** The task is so at ECS, and its event takes the whole way. */
        const happen = async (task: ReturnType<typeof taskOf>) => {
          await moto.pushTasks([task]);
          await ask(putOnBus(toEvent(task)));
          const messages = await queue.receive();
          // A look of the task before may be due by now: of no matter here.
          const events = messages.filter(
            ({ Body = '' }) => at(JSON.parse(Body), 'detail') !== undefined,
          );
          expect(events).toHaveLength(1);
          const answer = await onTaskEvent.invoke(toSqsEvent(events, queueArn));
          expect(answer, await onTaskEvent.log()).toEqual({ batchItemFailures: [] });
          await queue.remove(messages);
        };
        const registered = async () => {
          const [services] = await ask(['servicediscovery', 'list_services']);
          const ids = list(at(services, 'Services')).map((one) => at(one, 'Id'));
          const answers = await ask(
            ...ids.map(
              (ServiceId): Question => ['servicediscovery', 'list_instances', { ServiceId }],
            ),
          );
          return answers
            .flatMap((one) => list(at(one, 'Instances')))
            .map((one) => at(one, 'Attributes'));
        };

        it('registers a task that runs', async () => {
          await happen(taskOf());
          expect(await registered()).toEqual([
            expect.objectContaining({
              AWS_INSTANCE_IPV4: '172.31.0.10',
              AWS_INSTANCE_PORT: '8080',
            }),
          ]);
        });

        it('takes it out as soon as ECS wants it stopped', async () => {
          await happen(taskOf({ desiredStatus: 'STOPPED', version: 4 }));
          expect(await registered()).toEqual([]);
        });
      });
  }),
);
