import { AwsFault } from '../service.ts';
import { type Input, invalid, optionalNumber, optionalText, text, textMap } from './input.ts';
import { healthOf } from './instances.ts';
import { ACCOUNT, type Attributes, type Instance, type Service, type State } from './state.ts';

export const discoverHandlers = (state: State) => ({
  DiscoverInstances(input: Input) {
    const service = serviceNamed(state, input);
    const most = optionalNumber(input, 'MaxResults', [1, 1000]) ?? 100;
    const found = [...service.instances.values()].filter(({ attributes }) =>
      holds(attributes, textMap(input, 'QueryParameters')),
    );
    return {
      Instances: shuffled(
        byHealth(state, service, { found, filter: optionalText(input, 'HealthStatus') }),
      )
        .slice(0, most)
        .map((instance) => ({
          InstanceId: instance.id,
          NamespaceName: service.namespace.httpName,
          ServiceName: service.name,
          HealthStatus: healthOf(state, instance),
          Attributes: instance.attributes,
        })),
      InstancesRevision: service.revision,
    };
  },
});

const serviceNamed = (state: State, input: Input): Service => {
  const [namespaceName, serviceName] = [text(input, 'NamespaceName'), text(input, 'ServiceName')];
  const owner = optionalText(input, 'OwnerAccount') ?? ACCOUNT;
  const namespace = [...state.namespaces.values()].find(
    ({ httpName, account }) => httpName === namespaceName && account === owner,
  );
  if (!namespace)
    throw new AwsFault('NamespaceNotFound', `No namespace exists with the name ${namespaceName}.`);
  const service = [...state.services.values()].find(
    (one) => one.namespace.id === namespace.id && one.name === serviceName,
  );
  if (!service)
    throw new AwsFault('ServiceNotFound', `No service exists with the name ${serviceName}.`);
  return service;
};

const holds = (attributes: Attributes, wanted: Attributes) =>
  Object.entries(wanted).every(([key, value]) => attributes[key] === value);

interface Choice {
  readonly found: readonly Instance[];
  readonly filter: string | undefined;
}

const byHealth = (state: State, service: Service, { found, filter = 'HEALTHY' }: Choice) => {
  if (service.healthCheck === 'none' || filter === 'ALL') return found;
  const ofStatus = (status: string) =>
    found.filter((instance) => healthOf(state, instance) === status);
  if (filter === 'HEALTHY' || filter === 'UNHEALTHY') return ofStatus(filter);
  if (filter !== 'HEALTHY_OR_ELSE_ALL') throw invalid(`HealthStatus ${filter} is not known`);
  const healthy = ofStatus('HEALTHY');
  return healthy.length > 0 ? healthy : found;
};

/** AWS promises no order, and clients must not find one here. */
const shuffled = <T>(items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
