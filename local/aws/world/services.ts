import type { Catalogue } from './catalogue.ts';
import { lastSegment, type Names } from './names.ts';
import type { Deployment, Service } from './shapes.ts';

interface ServiceName {
  readonly cluster: string;
  readonly name: string;
}

export interface Services {
  addService(
    input: ServiceName & { readonly taskDefinition: string; readonly desiredCount?: number },
  ): Service;
  /** Another definition makes a new deployment, with an id of its own, and so does `force`. */
  updateService(
    input: ServiceName & {
      readonly taskDefinition?: string;
      readonly desiredCount?: number;
      readonly force?: boolean;
    },
  ): Service;
  /** It drains: no tasks are wanted any more. */
  deleteService(input: ServiceName): void;
  services(clusterArn: string): readonly Service[];
  service(clusterArn: string, nameOrArn: string): Service | undefined;
  /**
   * What starts a task of this definition: the service's newest deployment of it. A service that
   * nobody has added, or that has no such deployment, gets one.
   */
  deploymentOf(input: ServiceName & { readonly taskDefinition: string }): Deployment;
}

interface Context {
  readonly names: Names;
  readonly now: () => number;
  readonly catalogue: Catalogue;
}

export const createServices = ({ names, now, catalogue }: Context): Services => {
  const services = new Map<string, Service>();

  const arnOf = ({ cluster, name }: ServiceName) =>
    names.arn('ecs', `service/${lastSegment(cluster)}/${lastSegment(name)}`);
  const toDefinitionArn = (reference: string) =>
    catalogue.definition(reference)?.taskDefinition.taskDefinitionArn ?? reference;
  const keep = (service: Service) => {
    services.set(service.serviceArn, service);
    return service;
  };
  const known = (input: ServiceName) => {
    const service = services.get(arnOf(input));
    if (!service) throw new Error(`no service ${input.name}`);
    return service;
  };
  const toDeployment = (
    serviceArn: string,
    taskDefinition: string,
    number: number,
  ): Deployment => ({
    id: `ecs-svc/${names.digits(`${serviceArn} ${number}`)}`,
    taskDefinition,
    createdAt: new Date(now()),
    updatedAt: new Date(now()),
  });

  const add: Services['addService'] = ({ cluster, name, taskDefinition, desiredCount = 1 }) => {
    const serviceArn = arnOf({ cluster, name });
    const definition = toDefinitionArn(taskDefinition);
    return keep({
      serviceArn,
      serviceName: name,
      clusterArn: names.arn('ecs', `cluster/${lastSegment(cluster)}`),
      taskDefinition: definition,
      desiredCount,
      status: 'ACTIVE',
      createdAt: new Date(now()),
      deployments: [toDeployment(serviceArn, definition, 1)],
    });
  };
  const update: Services['updateService'] = ({ desiredCount, force, ...input }) => {
    const service = known(input);
    const { taskDefinition: reference = service.taskDefinition } = input;
    const taskDefinition = toDefinitionArn(reference);
    const { deployments, serviceArn } = service;
    const isNew = force || taskDefinition !== service.taskDefinition;
    return keep({
      ...service,
      taskDefinition,
      desiredCount: desiredCount ?? service.desiredCount,
      deployments: isNew
        ? [toDeployment(serviceArn, taskDefinition, deployments.length + 1), ...deployments]
        : deployments,
    });
  };

  return {
    addService: add,
    updateService: update,
    deleteService: (input) => {
      keep({ ...known(input), desiredCount: 0, status: 'DRAINING' });
    },
    services: (clusterArn) =>
      [...services.values()].filter((service) => service.clusterArn === clusterArn),
    service: (cluster, name) => services.get(arnOf({ cluster, name })),
    deploymentOf(input) {
      const wanted = toDefinitionArn(input.taskDefinition);
      const service = services.get(arnOf(input)) ?? add(input);
      const isWanted = ({ taskDefinition }: Deployment) => taskDefinition === wanted;
      const deployment =
        service.deployments.find(isWanted) ?? update(input).deployments.find(isWanted);
      if (!deployment) throw new Error(`no deployment of ${wanted}`);
      return deployment;
    },
  };
};
