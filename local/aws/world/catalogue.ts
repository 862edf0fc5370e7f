import { lastSegment, type Names } from './names.ts';
import type {
  Cluster,
  ContainerDefinition,
  DefinitionInput,
  NetworkMode,
  Service,
  Tag,
  TaskDefinition,
} from './shapes.ts';

export interface Definition {
  readonly taskDefinition: TaskDefinition;
  readonly tags: readonly Tag[];
}

/** What is declared rather than running: clusters, task definitions, services. */
export interface Catalogue {
  addCluster(name: string): Cluster;
  /** Deleted clusters stay describable as INACTIVE. */
  deactivateCluster(nameOrArn: string): void;
  clusters(): readonly Cluster[];
  cluster(nameOrArn: string): Cluster | undefined;
  registerTaskDefinition(input: DefinitionInput): Definition;
  /** `family` (its latest active revision), `family:revision` or ARN. */
  definition(reference: string): Definition | undefined;
  /** Deregistered: no new tasks, still describable. */
  deregisterTaskDefinition(reference: string): void;
  /** Deleted: DescribeTaskDefinition fails from now on. */
  deleteTaskDefinition(reference: string): void;
  addService(input: {
    cluster: string;
    name: string;
    taskDefinition: string;
    desiredCount?: number;
  }): Service;
  services(clusterArn: string): readonly Service[];
  service(clusterArn: string, nameOrArn: string): Service | undefined;
}

export const createCatalogue = (names: Names, now: () => number): Catalogue => {
  const clusters = new Map<string, Cluster>();
  const definitions = new Map<string, Definition>();
  const services = new Map<string, Service>();

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
    registerTaskDefinition({ tags = [], ...input }) {
      const revision = (revisions.get(input.family) ?? 0) + 1;
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
    addService({ cluster, name, taskDefinition, desiredCount = 1 }) {
      const clusterName = lastSegment(cluster);
      const service: Service = {
        serviceArn: names.arn('ecs', `service/${clusterName}/${name}`),
        serviceName: name,
        clusterArn: names.arn('ecs', `cluster/${clusterName}`),
        taskDefinition: toDefinitionArn(taskDefinition),
        desiredCount,
        status: 'ACTIVE',
        createdAt: new Date(now()),
      };
      services.set(service.serviceArn, service);
      return service;
    },
    services: (clusterArn) =>
      [...services.values()].filter((service) => service.clusterArn === clusterArn),
    service: (clusterArn, nameOrArn) =>
      services.get(
        names.arn('ecs', `service/${lastSegment(clusterArn)}/${lastSegment(nameOrArn)}`),
      ),
  };
};

/**
 * ECS fills in the protocol and the host port: the container's own outside bridge mode, 0 (any) in
 * it.
 */
const withDefaults = (
  container: ContainerDefinition,
  mode: NetworkMode = 'bridge',
): ContainerDefinition => ({
  environment: [],
  ...container,
  portMappings: (container.portMappings ?? []).map((mapping) => ({
    ...mapping,
    protocol: mapping.protocol ?? 'tcp',
    ...(mapping.containerPort !== undefined && {
      hostPort: mapping.hostPort ?? (mode === 'bridge' ? 0 : mapping.containerPort),
    }),
  })),
});
