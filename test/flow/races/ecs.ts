import type { ECSClient } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import type { EcsHealth, Task } from '../../../shared/model/task.ts';
import { definitionReader } from '../../../shared/source/definition.ts';
import type { Source } from '../../../shared/source/source.ts';
import { rawTask, toTask } from '../../../shared/source/task.ts';

export const CLUSTER = 'arn:aws:ecs:eu-west-1:111122223333:cluster/shop';
const DEFINITION = 'arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1';
/** The model has one moment: everything happens "now", and every task began a minute before. */
export const NOW = Date.UTC(2026, 0, 2);

export const arnOf = (id: string) => `arn:aws:ecs:eu-west-1:111122223333:task/shop/${id}` as const;

/** Answers one read late: how many versions behind, or as if the task were not known yet. */
export type Lag = number | 'missing';

/** A container beside the application that its task can do without: there, or PENDING at first. */
export type Sidecar = 'none' | 'runs' | 'waits';
const SIDECAR = 'sidecar';
const SIDECAR_PORT = 9000;

interface ToldContainer {
  readonly name: string;
  readonly lastStatus: string;
  readonly healthStatus?: EcsHealth;
}

/** A task as ECS tells it, in an event or when it is asked. */
export interface Told {
  readonly taskArn: string;
  readonly version: number;
  readonly desiredStatus: string;
  readonly lastStatus: string;
  /** Events are without. */
  readonly healthStatus?: EcsHealth;
  readonly containers: readonly ToldContainer[];
}

interface Change extends Partial<Pick<Told, 'desiredStatus' | 'lastStatus'>> {
  readonly health?: EcsHealth;
  readonly sidecar?: 'RUNNING' | 'STOPPED';
}

export interface EcsOptions {
  readonly healthCheck: boolean;
  readonly ports: number;
  readonly sidecar: Sidecar;
}

interface State {
  readonly told: Told;
  readonly task: Task;
}

/**
 * ECS as the model knows it: every state a task ever had, so that a read may lag behind. `lag`
 * decides each read; once `settled` is set, reads are up to date.
 */
export class Ecs {
  readonly #histories = new Map<string, State[]>();
  readonly #misses = new Map<string, number>();
  readonly #options: EcsOptions;
  readonly #definition: Source['definition'];
  lag: () => Lag = () => 0;

  constructor(options: EcsOptions) {
    this.#options = options;
    const answer = Promise.resolve({ taskDefinition: toDefinition(options) });
    this.#definition = definitionReader({ send: () => answer } as unknown as ECSClient);
  }

  /**
   * The task's next state; what it was stays readable for lagging reads. Returns the state, for an
   * event.
   */
  change(id: string, { health, sidecar, ...change }: Change): Told {
    const history = this.#histories.get(arnOf(id)) ?? [];
    const last = history.at(-1)?.told ?? newTask(id, this.#options);
    const told: Told = {
      ...last,
      ...change,
      ...(this.#options.healthCheck && health && { healthStatus: health }),
      version: last.version + 1,
      containers: last.containers.map((container) => ({
        ...container,
        ...(this.#options.healthCheck &&
          health &&
          container.name !== SIDECAR && { healthStatus: health }),
        lastStatus: statusOf(container, {
          task: change.lastStatus,
          own: container.name === SIDECAR ? sidecar : undefined,
          waits: container.name === SIDECAR && this.#options.sidecar === 'waits',
        }),
      })),
    };
    this.#histories.set(arnOf(id), [...history, { told, task: toModel(told) }]);
    return told;
  }

  /** What comes of it, if anything does: a container starts once, and stops once. */
  changeSidecar(id: string, sidecar: 'RUNNING' | 'STOPPED'): Told | undefined {
    const last = this.#histories.get(arnOf(id))?.at(-1)?.told;
    const { lastStatus = sidecar } = last?.containers.find(({ name }) => name === SIDECAR) ?? {};
    if (lastStatus === sidecar || lastStatus === 'STOPPED') return undefined;
    return this.change(id, { sidecar });
  }

  /** Whether this port of a task shall be registered: it runs, and so does the port's container. */
  isServed(arn: string, port: number): boolean {
    const task = this.#histories.get(arn)?.at(-1)?.told;
    if (task?.desiredStatus !== 'RUNNING' || task.lastStatus !== 'RUNNING') return false;
    const own = task.containers.find(({ name }) => (name === SIDECAR) === (port === SIDECAR_PORT));
    return own?.lastStatus === 'RUNNING';
  }

  /** Tasks of which something shall be registered, with how many of their ports. */
  served(): { readonly task: Told; readonly ports: number }[] {
    const candidates = Array.from({ length: this.#options.ports }, (_, at) => FIRST_PORT + at);
    return [...this.#histories.values()].flatMap((history) => {
      const task = history.at(-1)?.told;
      if (!task) return [];
      const ports = [...candidates, SIDECAR_PORT].filter((port) =>
        this.isServed(task.taskArn, port),
      );
      return ports.length > 0 ? [{ task, ports: ports.length }] : [];
    });
  }

  /** How often a read has not known the task. */
  misses(arn: string): number {
    return this.#misses.get(arn) ?? 0;
  }

  /** The read side, each call through `remote`, which puts it at some point of the history. */
  source(remote: <T>(name: string, effect: () => T) => Promise<T>): Source {
    return {
      services: async () => ({ found: new Map(), unread: new Map() }),
      serviceFacts: async () => new Map(),
      listClusters: () => remote('ListClusters', () => [CLUSTER]),
      recentClusters: () => remote('ListClusters', () => [CLUSTER]),
      goneClusters: () => remote('DescribeClusters', () => new Set<never>()),
      listTasks: () =>
        remote('ListTasks', () =>
          this.#seen()
            .filter((task) => task.desiredStatus === 'RUNNING')
            .map(({ arn }) => arn),
        ),
      tasksOfService: () => Promise.resolve([]),
      describeTasks: (_cluster, arns) =>
        remote('DescribeTasks', () => {
          const tasks = this.#seen().filter(({ arn }) => arns.includes(arn));
          const known = new Set(tasks.map(({ arn }) => arn));
          const missing = arns.filter((arn) => !known.has(arn));
          for (const arn of missing) this.#misses.set(arn, (this.#misses.get(arn) ?? 0) + 1);
          return { tasks, missing };
        }),
      definition: this.#definition,
      hosts: () => Promise.resolve({ found: new Map(), unread: new Map() }),
      hostStates: () => Promise.resolve({ found: new Map(), unread: new Map() }),
      tasksOnHosts: () => Promise.resolve([]),
      publicAddresses: () => Promise.resolve(new Map()),
    };
  }

  #seen(): Task[] {
    return [...this.#histories.values()].flatMap((history) => {
      const lag = this.lag();
      return lag === 'missing' ? [] : (history.at(-1 - lag)?.task ?? []);
    });
  }
}

const toModel = (told: Told): Task => toTask(v.parse(rawTask, toDetail(told)));

/** All that ECS tells of it, health included. */
export const toDetail = (told: Told) => ({
  ...told,
  clusterArn: CLUSTER,
  taskDefinitionArn: DEFINITION,
  group: 'service:web',
  startedBy: 'ecs-svc/1234567890123456789',
  createdAt: new Date(NOW - 20_000).toISOString(),
  startedAt: new Date(NOW - 5_000).toISOString(),
  attachments: [
    {
      type: 'eni',
      status: 'ATTACHED',
      details: [
        { name: 'networkInterfaceId', value: `eni-${told.taskArn.slice(-2)}` },
        { name: 'privateIPv4Address', value: '10.0.0.7' },
      ],
    },
  ],
  containers: told.containers.map((container) => ({
    ...container,
    networkBindings: [],
    networkInterfaces: [],
  })),
});

const newTask = (id: string, { healthCheck, sidecar }: EcsOptions): Told => {
  const health = healthCheck && { healthStatus: 'UNKNOWN' as const };
  const container = (name: string) => ({ name, lastStatus: 'PENDING' });
  return {
    taskArn: arnOf(id),
    version: 0,
    desiredStatus: 'RUNNING',
    lastStatus: 'PENDING',
    ...health,
    containers: [
      { ...container('app'), ...health },
      ...(sidecar === 'none' ? [] : [container(SIDECAR)]),
    ],
  };
};

/** A container runs as soon as its task does, unless it waits, and stops with it at the latest. */
const statusOf = (
  { lastStatus }: ToldContainer,
  { task, own, waits }: { task: string | undefined; own: string | undefined; waits: boolean },
): string => {
  if (lastStatus === 'STOPPED' || task === 'STOPPED') return 'STOPPED';
  if (task === 'RUNNING' && !waits) return 'RUNNING';
  return own ?? lastStatus;
};

const FIRST_PORT = 8080;

const toDefinition = ({ healthCheck, ports, sidecar }: EcsOptions) => ({
  taskDefinitionArn: DEFINITION,
  family: 'web',
  networkMode: 'awsvpc',
  containerDefinitions: [
    {
      name: 'app',
      image: 'web:1',
      portMappings: Array.from({ length: ports }, (_, at) => ({
        containerPort: FIRST_PORT + at,
        hostPort: 0,
        protocol: 'tcp',
      })),
      ...(healthCheck && { healthCheck: { command: ['CMD', 'true'] } }),
    },
    ...(sidecar === 'none'
      ? []
      : [
          {
            name: SIDECAR,
            image: 'sidecar:1',
            essential: false,
            portMappings: [{ containerPort: SIDECAR_PORT, protocol: 'tcp' }],
          },
        ]),
  ],
});
