import { counted } from '../shared/model/text.ts';
import {
  choice,
  flag,
  type Input,
  OUTAGES,
  POLICIES,
  refuseOthers,
  registryOf,
  text,
  wholeNumber,
} from './action-input.ts';
import { forgetService, withheldPlan } from './forgetting.ts';
import type { Live } from './live.ts';
import { bringUp, takeDown } from './outage.ts';
import { type Deployment, deployUnderLoad } from './rolling.ts';

/** One thing that can be done to the running example, by HTTP or by key. */
export interface Action {
  readonly help: string;
  /** A body to try it with. */
  readonly example?: object;
  /** The answer in words, or as JSON. Throws what names the field, or NotFound. */
  readonly run: (input: Input) => Promise<unknown> | unknown;
}

/** What is asked about does not exist. */
export class NotFound extends Error {}

/** More tasks than that are more processes than one wants on one machine. */
const MOST_TASKS = 50;

/** What `POST /control/<name>` takes. */
export const createActions = (live: Live): Readonly<Record<string, Action>> => {
  const { cluster, stack } = live;
  const service = (input: Input) => choice(input, 'service', cluster.services);
  const scaleTo = (name: string, count: number) => {
    cluster.scale(name, count);
    return `${name} should now have ${counted(count, 'task')}`;
  };
  const scaleBy = (input: Input, by: number) => {
    refuseOthers(input, ['service']);
    const name = service(input);
    const now = cluster.desired(name);
    const count = Math.min(MOST_TASKS, Math.max(0, now + by));
    if (count === now)
      return `${name} has ${counted(now, 'task')}, and can have no ${by < 0 ? 'fewer' : 'more'}`;
    return scaleTo(name, count);
  };
  /** A task by id, else the oldest of a service. */
  const task = (input: Input): string => {
    if (typeof input['task'] === 'string') return input['task'];
    if (input['service'] === undefined)
      throw new Error('task or service: expected one of them, got neither');
    const [first] = cluster
      .members(service(input))
      .filter(({ task }) => task.desiredStatus === 'RUNNING');
    if (!first) throw new Error(`service: expected one with a running task, got ${service(input)}`);
    return first.task.taskArn;
  };
  /** The oldest task of a service in which a container runs. */
  const taskWith = (input: Input, container: string): string => {
    if (typeof input['task'] === 'string') return input['task'];
    const found = cluster
      .members(service(input))
      .find(({ task }) =>
        task.containers.some(
          ({ name, lastStatus }) => name === container && lastStatus === 'RUNNING',
        ),
      );
    if (found) return found.task.taskArn;
    throw new Error(
      `container: expected one that runs in a task of ${service(input)}, got ${container}`,
    );
  };
  const inspect = async (input: Input) => {
    const { text, json } = await stack.inspect(input);
    if (input['command'] === 'explain' && Object(json).tasks?.length === 0)
      throw new NotFound(text);
    return text;
  };
  const operate = async (input: Input) => (await stack.operate(input)).text;

  return {
    start: {
      help: 'one more task of a service',
      example: { service: 'portal' },
      run: (input) => scaleBy(input, 1),
    },
    stop: {
      help: 'one task fewer',
      example: { service: 'stock-price' },
      run: (input) => scaleBy(input, -1),
    },
    scale: {
      help: 'this many tasks',
      example: { service: 'stock-price', count: 5 },
      run(input) {
        refuseOthers(input, ['service', 'count']);
        return scaleTo(service(input), wholeNumber(input, 'count', MOST_TASKS));
      },
    },
    deploy: {
      help: 'a new revision of a service, which clients call meanwhile; tells what they saw',
      example: { service: 'stock-price' },
      async run(input) {
        refuseOthers(input, ['service']);
        const name = service(input);
        return deployed(name, await deployUnderLoad(live, name));
      },
    },
    kill: {
      help: "a task's process dies; ECS replaces the task",
      example: { service: 'portal' },
      async run(input) {
        refuseOthers(input, ['task', 'service']);
        return `killed ${(await cluster.kill(task(input))).taskArn}`;
      },
    },
    'kill-container': {
      help: 'a container dies without which its task runs on: the port is free for another one',
      example: { service: 'stock-price', container: 'metrics' },
      async run(input) {
        refuseOthers(input, ['task', 'service', 'container']);
        const container = text(input, 'container');
        const task = await cluster.killContainer(taskWith(input, container), container);
        const rest = task.desiredStatus === 'RUNNING' ? 'runs on' : 'stops with it';
        return `${container} has stopped; its task ${task.taskArn} ${rest}`;
      },
    },
    health: {
      help: 'what a health check finds; ECS sends no event of it, so the next reconcile tells',
      example: { service: 'weather', healthy: false },
      run(input) {
        refuseOthers(input, ['task', 'service', 'healthy']);
        const healthy = flag(input, 'healthy');
        const { taskArn } = cluster.setHealth(task(input), healthy);
        return `${taskArn} is ${healthy ? 'healthy' : 'unhealthy'}`;
      },
    },
    drop: {
      help: 'events are lost from now on, or this many of them; 0: they arrive again',
      example: { count: 5 },
      run(input) {
        refuseOthers(input, ['count']);
        if (input['count'] === undefined) {
          stack.world.dropNext(Number.POSITIVE_INFINITY);
          return 'events are lost from now on';
        }
        const count = wholeNumber(input, 'count', 1_000);
        stack.world.dropNext(count);
        return count === 0
          ? 'events arrive again'
          : `the next ${counted(count, 'event')} will be lost`;
      },
    },
    forget: {
      help: 'ECS forgets a service and its tasks, so that their records are merely missing',
      example: { service: 'stock-price' },
      async run(input) {
        refuseOthers(input, ['service']);
        await forgetService(live, service(input));
        return [
          `ECS no longer knows ${service(input)}, and has sent no event of it. A reconcile takes its records`,
          'out, or withholds that where they are more than half of more than ten in a registry.',
        ].join('\n');
      },
    },
    down: {
      help: 'a registry fails every call, or ("how": "hang") answers none',
      example: { registry: 'consul' },
      run(input) {
        refuseOthers(input, ['registry', 'how']);
        takeDown(stack, registryOf(input), choice({ how: 'error', ...input }, 'how', OUTAGES));
        return `${registryOf(input)} is down`;
      },
    },
    up: {
      help: 'it works again',
      example: { registry: 'consul' },
      run(input) {
        refuseOthers(input, ['registry']);
        bringUp(stack, registryOf(input));
        return `${registryOf(input)} is up`;
      },
    },
    'lose-host': {
      help: 'EC2 shuts a host down',
      run(input) {
        refuseOthers(input, []);
        return `host ${cluster.loseHost()} shuts down`;
      },
    },
    policy: {
      help: 'deploys with another policy; observe is what a purge asks for',
      example: { policy: 'observe' },
      async run(input) {
        refuseOthers(input, ['policy']);
        const policy = choice(input, 'policy', POLICIES);
        await stack.redeploy({ ROLLCALL_POLICY: policy });
        return `the policy is ${policy}`;
      },
    },
    reconcile: {
      help: 'now, not at the next full minute',
      run(input) {
        refuseOthers(input, []);
        return stack.reconcile.invoke();
      },
    },
    renew: {
      help: "Eureka's leases, now",
      async run(input) {
        refuseOthers(input, []);
        await stack.renew.invoke();
        return 'renewed';
      },
    },
    release: {
      help: 'lets the removals through that the last reconcile withheld; the next one makes them',
      async run(input) {
        refuseOthers(input, []);
        const plan = withheldPlan(await inspect({ command: 'plan' }));
        if (plan === undefined) throw new Error('nothing is withheld now');
        return operate({ command: 'release', plan });
      },
    },
    inspect: {
      help: 'plan, explain, parity: the answer of the function',
      example: { command: 'explain', service: 'weather' },
      run: inspect,
    },
    operate: {
      help: 'release, purge: the answer of the function',
      example: { command: 'purge', dryRun: true },
      run: operate,
    },
    status: {
      help: 'the tasks as they are',
      run(input) {
        refuseOthers(input, []);
        return status(live);
      },
    },
  };
};

/** Each failure once, as people need not read the same a hundred times. */
const deployed = (
  service: string,
  { revision, milliseconds, sent, failures, gaps }: Deployment,
): string => {
  const seconds = (milliseconds / 1_000).toFixed(1);
  return [
    `${service} is at revision ${revision} after ${seconds} s.`,
    `Meanwhile ${counted(sent, 'request')} went to it through the resolver; ${failures.length} failed.`,
    gaps.length === 0
      ? 'Each registry held a healthy instance of it all the while.'
      : `Without a healthy instance of it meanwhile: ${gaps.map(({ registry, milliseconds }) => `${registry} for some ${milliseconds} ms`).join(', ')}; the resolver asks all of them.`,
    ...new Set(failures),
  ].join('\n');
};

const status = ({ cluster }: Live) =>
  cluster.members().map(({ service, task, app }) => ({
    service,
    task: task.taskArn,
    desiredStatus: task.desiredStatus,
    lastStatus: task.lastStatus,
    health: task.healthStatus,
    containers: task.containers.map(({ name, lastStatus }) => `${name} ${lastStatus}`),
    ports: Object.entries(app.ports).map(
      ([container, host]) => `${container} at ${app.address}:${host}`,
    ),
    process: app.stopped ? 'ended' : 'running',
  }));
