import { AwsFault } from '../service.ts';
import {
  type Input,
  invalid,
  optionalNumber,
  optionalRecord,
  optionalText,
  records,
  text,
  texts,
} from './input.ts';
import { findNamespace } from './namespaces.ts';
import { page } from './paging.ts';
import {
  ACCOUNT,
  type Namespace,
  newResource,
  type RecordType,
  type Service,
  type State,
} from './state.ts';
import { readTags } from './tags.ts';

const NAME =
  /^(?=.{1,127}$)([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])(\.([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9]))*$/;

export const findService = (state: State, idOrArn: string): Service => {
  const found = state.services.get(idOrArn.split('/').at(-1) ?? '');
  if (!found) throw new AwsFault('ServiceNotFound', `No service exists with the ID ${idOrArn}.`);
  return found;
};

export const serviceHandlers = (state: State) => ({
  CreateService(input: Input) {
    const name = text(input, 'Name');
    if (!NAME.test(name)) throw invalid(`Name ${name} is not a valid service name`);
    const namespace = findNamespace(state, text(input, 'NamespaceId'));
    const creatorRequestId = optionalText(input, 'CreatorRequestId');
    const twin = namesake(state, namespace, name);
    if (twin && (creatorRequestId === undefined || twin.creatorRequestId !== creatorRequestId))
      throw new AwsFault(
        'ServiceAlreadyExists',
        'A service with the same name already exists.',
        400,
        {
          ServiceId: twin.id,
          ServiceArn: twin.arn,
          CreatorRequestId: twin.creatorRequestId,
        },
      );
    return {
      Service: describe(twin ?? create(state, { input, name, namespace, creatorRequestId })),
    };
  },

  GetService: (input: Input) => ({ Service: describe(findService(state, text(input, 'Id'))) }),

  ListServices(input: Input) {
    const wanted = records(input, 'Filters').map((filter) => {
      const name = text(filter, 'Name');
      if (name !== 'NAMESPACE_ID' && name !== 'RESOURCE_OWNER')
        throw invalid(`Filter ${name} is not known`);
      return { name, values: texts(filter, 'Values') };
    });
    const { items, NextToken } = page(state.services.values(), input, ({ namespace }) =>
      wanted.every(({ name, values }) =>
        name === 'NAMESPACE_ID'
          ? values.includes(namespace.account === ACCOUNT ? namespace.id : namespace.arn)
          : values.includes(namespace.account === ACCOUNT ? 'SELF' : 'OTHER_ACCOUNTS'),
      ),
    );
    return { Services: items.map(summarize), NextToken };
  },

  DeleteService(input: Input) {
    const service = findService(state, text(input, 'Id'));
    const arriving = [...state.open].some(({ targets }) => targets.SERVICE === service.id);
    if (service.instances.size > 0 || arriving)
      throw new AwsFault('ResourceInUse', 'The service contains registered instances.');
    state.services.delete(service.id);
    return {};
  },
});

/** DNS knows no case; a namespace for API calls only does. */
const namesake = (state: State, namespace: Namespace, name: string) => {
  const fold = (text: string) => (namespace.type === 'HTTP' ? text : text.toLowerCase());
  return [...state.services.values()].find(
    (service) => service.namespace.id === namespace.id && fold(service.name) === fold(name),
  );
};

interface Creation {
  readonly input: Input;
  readonly name: string;
  readonly namespace: Namespace;
  readonly creatorRequestId: string | undefined;
}

const create = (state: State, { input, name, namespace, creatorRequestId }: Creation): Service => {
  const service: Service = {
    ...newResource(state, 'srv'),
    name,
    namespace,
    creatorRequestId,
    description: optionalText(input, 'Description'),
    ...readDns(input, namespace),
    healthCheck: readHealthCheck(input, namespace),
    tags: readTags(input),
    instances: new Map(),
    revision: 1,
  };
  state.services.set(service.id, service);
  return service;
};

const readDns = (
  input: Input,
  namespace: Namespace,
): Pick<Service, 'records' | 'routingPolicy'> => {
  const config = optionalRecord(input, 'DnsConfig');
  if (!config || input['Type'] === 'HTTP') return { records: [], routingPolicy: 'MULTIVALUE' };
  if (namespace.type === 'HTTP') throw invalid('DnsConfig is not allowed in an HTTP namespace');
  const policy = optionalText(config, 'RoutingPolicy') ?? 'MULTIVALUE';
  if (policy !== 'MULTIVALUE' && policy !== 'WEIGHTED')
    throw invalid(`RoutingPolicy ${policy} is not known`);
  const wanted = records(config, 'DnsRecords').map((record) => ({
    Type: readType(record),
    TTL: optionalNumber(record, 'TTL', [0, 2_147_483_647]) ?? missingTtl(),
  }));
  const types = wanted.map(({ Type }) => Type).sort();
  if (!['A', 'AAAA', 'A,AAAA', 'SRV', 'CNAME'].includes(types.join(',')))
    throw invalid(`DnsRecords ${types.join(' and ') || '(none)'} cannot be combined`);
  if (types.includes('CNAME') && policy !== 'WEIGHTED')
    throw invalid('CNAME needs the routing policy WEIGHTED');
  return { records: wanted, routingPolicy: policy };
};

const missingTtl = (): never => {
  throw invalid('TTL is required');
};

const readType = (record: Input): RecordType => {
  const type = text(record, 'Type');
  if (type === 'A' || type === 'AAAA' || type === 'SRV' || type === 'CNAME') return type;
  throw invalid(`Type ${type} is not known`);
};

const readHealthCheck = (input: Input, namespace: Namespace): Service['healthCheck'] => {
  const custom = optionalRecord(input, 'HealthCheckCustomConfig');
  const route53 = optionalRecord(input, 'HealthCheckConfig');
  if (custom && route53)
    throw invalid('HealthCheckConfig and HealthCheckCustomConfig exclude each other');
  if (route53 && namespace.type === 'DNS_PRIVATE')
    throw invalid('HealthCheckConfig is for public DNS and HTTP namespaces only');
  if (custom) return 'custom';
  return route53 ? 'route53' : 'none';
};

const describe = (service: Service) => ({
  ...summarize(service),
  NamespaceId: service.namespace.id,
  CreatorRequestId: service.creatorRequestId,
});

/** A list tells less of a service. */
const summarize = (service: Service) => ({
  Id: service.id,
  Arn: service.arn,
  Name: service.name,
  Description: service.description,
  InstanceCount: service.instances.size,
  Type: service.records.length > 0 ? 'DNS_HTTP' : 'HTTP',
  ...(service.records.length > 0 && {
    DnsConfig: { RoutingPolicy: service.routingPolicy, DnsRecords: service.records },
  }),
  ...(service.healthCheck === 'custom' && { HealthCheckCustomConfig: { FailureThreshold: 1 } }),
  ...(service.healthCheck === 'route53' && {
    HealthCheckConfig: { Type: 'HTTP', FailureThreshold: 1 },
  }),
  CreateDate: new Date(service.created),
});
