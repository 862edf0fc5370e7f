import { REGISTRY_NAMES, type RegistryName } from '../shared/model/registration.ts';
import type { Live } from './live.ts';
import { bringUp, takeDown } from './outage.ts';

type Input = Readonly<Record<string, unknown>>;

/** One thing that can be done to the running example, by HTTP or by key. */
export interface Action {
  readonly help: string;
  /** A body to try it with. */
  readonly example?: object;
  /** The answer in words, or as JSON. Throws what names the field. */
  readonly run: (input: Input) => Promise<unknown> | unknown;
}

/** What `POST /control/<name>` takes. */
export const createActions = (live: Live): Readonly<Record<string, Action>> => {
  const { cluster, stack } = live;
  const service = (input: Input) => String(input['service'] ?? 'stock-price');
  const scaleBy = (input: Input, by: number) => {
    const count = Math.max(0, cluster.desired(service(input)) + by);
    cluster.scale(service(input), count);
    return `${service(input)} shall have ${count} tasks`;
  };
  /** A task by id, else the oldest of a service. */
  const task = (input: Input): string => {
    if (typeof input['task'] === 'string') return input['task'];
    const [first] = cluster.members(service(input)).filter(({ task }) => task.desiredStatus === 'RUNNING');
    if (!first) throw new Error(`service: expected one with a running task, got ${service(input)}`);
    return first.task.taskArn;
  };
  const registry = (input: Input): RegistryName => {
    const found = REGISTRY_NAMES.find((name) => name === input['registry']);
    if (!found)
      throw new Error(`registry: expected one of ${REGISTRY_NAMES.join(', ')}, got ${input['registry']}`);
    return found;
  };

  return {
    start: {
      help: 'one more task of a service',
      example: { service: 'portal' },
      run: (input) => scaleBy(input, 1),
    },
    stop: { help: 'one task less', example: { service: 'stock-price' }, run: (input) => scaleBy(input, -1) },
    scale: {
      help: 'so many tasks',
      example: { service: 'stock-price', count: 5 },
      run(input) {
        cluster.scale(service(input), Number(input['count']));
        return `${service(input)} shall have ${input['count']} tasks`;
      },
    },
    kill: {
      help: "a task's process dies; ECS replaces the task",
      example: { service: 'portal' },
      run: async (input) => `killed ${(await cluster.kill(task(input))).taskArn}`,
    },
    health: {
      help: 'what a health check finds; ECS sends no event of it, so the next reconcile tells',
      example: { service: 'weather', healthy: false },
      run(input) {
        const healthy = input['healthy'] === true;
        const { taskArn } = cluster.setHealth(task({ service: 'weather', ...input }), healthy);
        return `${taskArn} is ${healthy ? 'healthy' : 'unhealthy'}`;
      },
    },
    drop: {
      help: 'the next events are lost (one stop makes five)',
      example: { count: 5 },
      run(input) {
        const count = Number(input['count'] ?? 5);
        if (!Number.isInteger(count) || count < 0)
          throw new Error(`count: expected a whole number, got ${count}`);
        stack.world.dropNext(count);
        return `the next ${count} events will be lost`;
      },
    },
    down: {
      help: 'a registry fails every call, or ("how": "hang") answers none',
      example: { registry: 'consul' },
      run(input) {
        takeDown(stack, registry(input), input['how'] === 'hang' ? 'hang' : 'error');
        return `${registry(input)} is down`;
      },
    },
    up: {
      help: 'it works again',
      example: { registry: 'consul' },
      run(input) {
        bringUp(stack, registry(input));
        return `${registry(input)} is up`;
      },
    },
    'lose-host': { help: 'EC2 shuts a host down', run: () => `host ${cluster.loseHost()} shuts down` },
    reconcile: { help: 'now, not at the next full minute', run: () => stack.reconcile.invoke() },
    renew: {
      help: "Eureka's leases, now",
      run: async () => {
        await stack.renew.invoke();
        return 'renewed';
      },
    },
    admin: {
      help: 'plan, explain, release, purge: the answer of the admin function',
      example: { command: 'explain', service: 'weather' },
      run: async (input) => (await stack.admin(input)).text,
    },
    status: { help: 'the tasks as they are', run: () => status(live) },
  };
};

const status = ({ cluster }: Live) =>
  cluster.members().map(({ service, task, app }) => ({
    service,
    task: task.taskArn,
    desiredStatus: task.desiredStatus,
    lastStatus: task.lastStatus,
    health: task.healthStatus,
    ports: Object.entries(app.ports).map(([container, host]) => `${container} at ${app.address}:${host}`),
    process: app.stopped ? 'ended' : 'running',
  }));
