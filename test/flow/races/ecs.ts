import type { Definition, Task } from '../../../shared/model/task.ts';
import type { Source } from '../../../shared/source/source.ts';

export const CLUSTER = 'arn:aws:ecs:eu-west-1:111122223333:cluster/shop';
const DEFINITION = 'arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1';
/** The model has one moment: everything happens "now", and every task began a minute before. */
export const NOW = Date.UTC(2026, 0, 2);

export const arnOf = (id: string) => `arn:aws:ecs:eu-west-1:111122223333:task/shop/${id}`;

/** Answers one read late: how many versions behind, or as if the task were not known yet. */
export type Lag = number | 'missing';

/**
 * ECS as the model knows it: every state a task ever had, so that a read may lag behind. `lag`
 * decides each read; once `settled` is set, reads are up to date.
 */
export class Ecs {
  readonly #histories = new Map<string, Task[]>();
  readonly #misses = new Map<string, number>();
  readonly #healthCheck: boolean;
  readonly #ports: number;
  lag: () => Lag = () => 0;

  constructor(options: { healthCheck: boolean; ports: number }) {
    this.#healthCheck = options.healthCheck;
    this.#ports = options.ports;
  }

  /**
   * The task's next state; what it was stays readable for lagging reads. Returns the state, for an
   * event.
   */
  change(id: string, change: Partial<Task>): Task {
    const history = this.#histories.get(id) ?? [];
    const last = history.at(-1) ?? newTask(id, this.#healthCheck);
    const health = this.#healthCheck ? (change.health ?? last.health) : undefined;
    const told = health && { health };
    const containers = [{ name: 'app', bindings: [], ...told }];
    const { health: _, ...rest } = { ...last, ...change };
    const next = { ...rest, ...told, containers, version: last.version + 1 };
    this.#histories.set(id, [...history, next]);
    return next;
  }

  truth(id: string): Task | undefined {
    return this.#histories.get(id)?.at(-1);
  }

  isRunning(arn: string): boolean {
    const task = this.truth(arn.slice(arn.lastIndexOf('/') + 1));
    return task?.desiredStatus === 'RUNNING' && task.lastStatus === 'RUNNING';
  }

  /** How often a read has not known the task. */
  misses(arn: string): number {
    return this.#misses.get(arn) ?? 0;
  }

  tasks(): Task[] {
    return [...this.#histories.values()].flatMap((history) => history.at(-1) ?? []);
  }

  definition(): Definition {
    return {
      arn: DEFINITION,
      family: 'web',
      networkMode: 'awsvpc',
      tags: {},
      containers: [
        {
          name: 'app',
          image: 'web:1',
          ports: Array.from({ length: this.#ports }, (_, at) => ({
            containerPort: 8080 + at,
            hostPort: 0,
            protocol: 'tcp' as const,
          })),
          labels: {},
          environment: {},
          hasHealthCheck: this.#healthCheck,
          isEssential: true,
        },
      ],
    };
  }

  /** The read side, each call through `remote`, which puts it at some point of the history. */
  source(remote: <T>(name: string, effect: () => T) => Promise<T>): Source {
    return {
      servicesNamed: async () => new Set<string>(),
      listClusters: () => remote('ListClusters', () => [CLUSTER]),
      goneClusters: () => remote('DescribeClusters', () => new Set<string>()),
      listTasks: () =>
        remote('ListTasks', () =>
          this.#seen()
            .filter((task) => task.desiredStatus === 'RUNNING')
            .map(({ arn }) => arn),
        ),
      describeTasks: (_cluster, arns) =>
        remote('DescribeTasks', () => {
          const tasks = this.#seen().filter(({ arn }) => arns.includes(arn));
          const known = new Set(tasks.map(({ arn }) => arn));
          const missing = arns.filter((arn) => !known.has(arn));
          for (const arn of missing) this.#misses.set(arn, (this.#misses.get(arn) ?? 0) + 1);
          return { tasks, missing };
        }),
      definition: () => Promise.resolve(this.definition()),
      hosts: () => Promise.resolve({ found: new Map(), unread: new Map() }),
      hostStates: () => Promise.resolve({ found: new Map(), unread: new Map() }),
      tasksOnHosts: () => Promise.resolve([]),
      publicAddresses: () => Promise.resolve(new Map()),
    };
  }

  #seen(): Task[] {
    return [...this.#histories.values()].flatMap((history) => {
      const lag = this.lag();
      return lag === 'missing' ? [] : (history.at(-1 - lag) ?? []);
    });
  }
}

const newTask = (id: string, healthCheck: boolean): Task => ({
  arn: arnOf(id),
  id,
  clusterArn: CLUSTER,
  definitionArn: DEFINITION,
  version: 0,
  desiredStatus: 'RUNNING',
  lastStatus: 'PENDING',
  group: 'service:web',
  startedBy: 'ecs-svc/1234567890123456789',
  createdAt: NOW - 70_000,
  startedAt: NOW - 60_000,
  eni: { id: `eni-${id}`, ipv4: '10.0.0.7' },
  containers: [{ name: 'app', bindings: [] }],
  overrides: {},
  ...(healthCheck && { health: 'UNKNOWN' as const }),
});
