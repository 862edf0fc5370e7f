import {
  DiscoverInstancesCommand,
  ListServicesCommand,
  ServiceDiscoveryClient,
} from '@aws-sdk/client-servicediscovery';
import { KEY, type RegistryName } from '../../shared/model/registration.ts';
import { NAMESPACE } from '../servers.ts';
import type { Stack } from '../stack.ts';

/** One record as its registry's own API tells it, read without any of Rollcall's code. */
export interface Held {
  readonly service: string;
  readonly place: string;
  readonly healthy: boolean;
  readonly owner: string | undefined;
}

export type Ask = () => Promise<readonly Held[]>;

/** Milliseconds. */
const PATIENCE = 5_000;

/** One question for each registry: everything it holds. */
export const askers = ({ environment, aws }: Stack): Readonly<Record<RegistryName, Ask>> => ({
  cloudmap: askCloudMap(aws.url),
  consul: askConsul(
    firstUrl(environment['CONSUL_HTTP_ADDR'] ?? ''),
    environment['CONSUL_HTTP_TOKEN'],
  ),
  eureka: askEureka(firstUrl(environment['EUREKA_CLIENT_SERVICEURL_DEFAULTZONE'] ?? '')),
});

const askCloudMap = (endpoint: string): Ask => {
  const client = new ServiceDiscoveryClient({ endpoint, disableHostPrefix: true });
  const instancesOf = async (service: string): Promise<readonly Held[]> => {
    const question = {
      NamespaceName: NAMESPACE,
      ServiceName: service,
      HealthStatus: 'ALL',
    } as const;
    const { Instances = [] } = await client.send(new DiscoverInstancesCommand(question));
    return Instances.map(({ Attributes = {}, HealthStatus }) => ({
      service,
      place: `${Attributes['AWS_INSTANCE_IPV4']}:${Attributes['AWS_INSTANCE_PORT']}`,
      healthy: HealthStatus !== 'UNHEALTHY',
      owner: Attributes[KEY.owner],
    }));
  };
  return async () => {
    const { Services = [] } = await client.send(new ListServicesCommand({ MaxResults: 100 }));
    return (await Promise.all(Services.map(({ Name = '' }) => instancesOf(Name)))).flat();
  };
};

const askConsul = ({ url, headers }: Target, token: string | undefined): Ask => {
  const get = (path: string) =>
    getJson(`${url}${path}`, { ...headers, ...(token && { 'x-consul-token': token }) });
  const instancesOf = async (service: string): Promise<readonly Held[]> => {
    const entries = await get(`/v1/health/service/${encodeURIComponent(service)}`);
    return list(entries).map((entry) => ({
      service,
      place: `${entry.Service.Address || entry.Node.Address}:${entry.Service.Port}`,
      healthy: list(entry.Checks).every(({ Status }) => Status === 'passing'),
      owner: entry.Service.Meta?.[KEY.owner],
    }));
  };
  return async () => {
    const services = Object.keys(Object(await get('/v1/catalog/services')));
    const all = await Promise.all(services.filter((name) => name !== 'consul').map(instancesOf));
    return all.flat();
  };
};

const askEureka =
  ({ url, headers }: Target): Ask =>
  async () => {
    const answer = await getJson(`${url}/apps`, { ...headers, accept: 'application/json' });
    const applications = list(Object(Object(answer).applications).application);
    return applications
      .flatMap(({ instance }) => list(instance))
      .map((instance) => ({
        service: String(instance.app).toLowerCase(),
        place: `${instance.ipAddr}:${instance.port.$}`,
        healthy: instance.status === 'UP',
        owner: instance.metadata?.[KEY.owner],
      }));
  };

export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The first of several addresses, with its credentials where fetch takes them. */
export const firstUrl = (addresses: string): Target => {
  const [first = ''] = addresses.split(',');
  const url = new URL(/^https?:/.test(first) ? first : `http://${first}`);
  const login = url.username && Buffer.from(`${url.username}:${url.password}`).toString('base64');
  url.username = '';
  url.password = '';
  return {
    url: url.href.replace(/\/+$/, ''),
    headers: login ? { authorization: `Basic ${login}` } : {},
  };
};

const getJson = async (
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<unknown> => {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
};

/** JSON of others, read without ceremony: what is not a list of objects is none. */
const list = (value: unknown) => (Array.isArray(value) ? value.map((item) => Object(item)) : []);
