import { lastSegment, type Names } from './names.ts';
import type {
  Cluster,
  ContainerDefinition,
  DefinitionInput,
  NetworkMode,
  Tag,
  TaskDefinition,
} from './shapes.ts';

export interface Definition {
  readonly taskDefinition: TaskDefinition;
  readonly tags: readonly Tag[];
}

/** What is declared rather than running: clusters and task definitions. Services: services.ts. */
export interface Catalogue {
  addCluster(name: string): Cluster;
  /** Deleted clusters stay describable as INACTIVE. */
  deactivateCluster(nameOrArn: string): void;
  clusters(): readonly Cluster[];
  cluster(nameOrArn: string): Cluster | undefined;
  /** As the family's next revision, or as the one that is given. */
  registerTaskDefinition(input: DefinitionInput, revision?: number): Definition;
  /** `family` (its latest active revision), `family:revision` or ARN. */
  definition(reference: string): Definition | undefined;
  /** Deregistered: no new tasks, still describable. */
  deregisterTaskDefinition(reference: string): void;
  /** Deleted: DescribeTaskDefinition fails from now on. */
  deleteTaskDefinition(reference: string): void;
}

export const createCatalogue = (names: Names, now: () => number): Catalogue => {
  const clusters = new Map<string, Cluster>();
  const definitions = new Map<string, Definition>();

  const toDefinitionArn = (reference: string) => {
    if (reference.startsWith('arn:')) return reference;
    const id = lastSegment(reference);
    if (id.includes(':')) return names.arn('ecs', `task-definition/${id}`);
    const active = [...definitions.values()].filter(
      ({ taskDefinition: { family, status } }) => family === id && status === 'ACTIVE',
    );
    return active.at(-1)?.taskDefinition.taskDefinitionArn ?? '';
  };
  const definition = (reference: string) => definitions.get(toDefinitionArn(reference));
  /** Revisions count on even when earlier ones are deleted. */
  const revisions = new Map<string, number>();

  return {
    addCluster(name) {
      const cluster: Cluster = {
        clusterArn: names.arn('ecs', `cluster/${name}`),
        clusterName: name,
        status: 'ACTIVE',
      };
      clusters.set(name, cluster);
      return cluster;
    },
    deactivateCluster(nameOrArn) {
      const cluster = clusters.get(lastSegment(nameOrArn));
      if (cluster) clusters.set(cluster.clusterName, { ...cluster, status: 'INACTIVE' });
    },
    clusters: () => [...clusters.values()],
    cluster: (nameOrArn) => {
      const cluster = clusters.get(lastSegment(nameOrArn));
      return nameOrArn.startsWith('arn:') && cluster?.clusterArn !== nameOrArn
        ? undefined
        : cluster;
    },
    registerTaskDefinition({ tags = [], ...input }, given) {
      const revision = given ?? (revisions.get(input.family) ?? 0) + 1;
      revisions.set(input.family, revision);
      const taskDefinition: TaskDefinition = {
        ...input,
        containerDefinitions: input.containerDefinitions.map((each) =>
          withDefaults(each, input.networkMode),
        ),
        taskDefinitionArn: names.arn('ecs', `task-definition/${input.family}:${revision}`),
        revision,
        status: 'ACTIVE',
        registeredAt: new Date(now()),
      };
      const registered = { taskDefinition, tags };
      definitions.set(taskDefinition.taskDefinitionArn, registered);
      return registered;
    },
    definition,
    deregisterTaskDefinition(reference) {
      const known = definition(reference);
      if (!known) return;
      const taskDefinition: TaskDefinition = { ...known.taskDefinition, status: 'INACTIVE' };
      definitions.set(taskDefinition.taskDefinitionArn, { ...known, taskDefinition });
    },
    deleteTaskDefinition: (reference) => {
      definitions.delete(toDefinitionArn(reference));
    },
  };
};

/**
 * ECS fills in that a container is essential, the protocol, and the host port: the container's own
 * outside bridge mode, 0 (any) in it.
 */
const withDefaults = (
  container: ContainerDefinition,
  mode: NetworkMode = 'bridge',
): ContainerDefinition => ({
  environment: [],
  essential: true,
  ...container,
  portMappings: (container.portMappings ?? []).map((mapping) => ({
    ...mapping,
    protocol: mapping.protocol ?? 'tcp',
    ...(mapping.containerPort !== undefined && {
      hostPort: mapping.hostPort ?? (mode === 'bridge' ? 0 : mapping.containerPort),
    }),
  })),
});
