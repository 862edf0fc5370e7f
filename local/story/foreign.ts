import {
  CreateServiceCommand,
  ListNamespacesCommand,
  RegisterInstanceCommand,
  ServiceDiscoveryClient,
} from '@aws-sdk/client-servicediscovery';
import type { Stack } from '../stack.ts';
import { firstUrl } from './held.ts';

/** A record that somebody else wrote: Rollcall must never touch it. */
export const FOREIGN = { service: 'legacy', address: '10.9.9.9', port: 8000 } as const;
const { service, address, port } = FOREIGN;
const NODE = 'somebody-elses';
const ID = 'legacy-1';

/**
 * Puts one into each registry by the registry's own API. Returns what takes those in real
 * registries out again.
 */
export const plantForeign = async (stack: Stack): Promise<() => Promise<void>> => {
  await plantInCloudMap(stack);
  const consul = consulCall(stack);
  const Service = { ID, Service: service, Address: address, Port: port };
  await consul('register', { Node: NODE, Address: address, Service });
  const eureka = eurekaCall(stack);
  await eureka('POST', '', { instance: eurekaInstance });
  return async () => {
    if (!stack.consul) await consul('deregister', { Node: NODE });
    if (!stack.eureka) await eureka('DELETE', `/${ID}`);
  };
};

const plantInCloudMap = async ({ aws }: Stack) => {
  const client = new ServiceDiscoveryClient({ endpoint: aws.url });
  const { Namespaces = [] } = await client.send(new ListNamespacesCommand({}));
  const created = await client.send(
    new CreateServiceCommand({ Name: service, NamespaceId: Namespaces[0]?.Id }),
  );
  const Attributes = { AWS_INSTANCE_IPV4: address, AWS_INSTANCE_PORT: String(port) };
  await client.send(
    new RegisterInstanceCommand({ ServiceId: created.Service?.Id, InstanceId: ID, Attributes }),
  );
};

const consulCall = ({ environment }: Stack) => {
  const { url, headers } = firstUrl(environment['CONSUL_HTTP_ADDR'] ?? '');
  const token = environment['CONSUL_HTTP_TOKEN'];
  return (what: 'register' | 'deregister', body: object) =>
    send(`${url}/v1/catalog/${what}`, {
      method: 'PUT',
      headers: { ...headers, ...(token && { 'x-consul-token': token }) },
      body: JSON.stringify(body),
    });
};

const eurekaCall = ({ environment }: Stack) => {
  const { url, headers } = firstUrl(environment['EUREKA_CLIENT_SERVICEURL_DEFAULTZONE'] ?? '');
  return (method: 'POST' | 'DELETE', path: string, body?: object) =>
    send(`${url}/apps/${service.toUpperCase()}${path}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
};

/** Its lease outlives the story, since nobody renews it. */
const eurekaInstance = {
  instanceId: ID,
  app: service.toUpperCase(),
  hostName: address,
  ipAddr: address,
  status: 'UP',
  port: { $: port, '@enabled': 'true' },
  vipAddress: service,
  leaseInfo: { durationInSecs: 900 },
  dataCenterInfo: {
    '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
    name: 'MyOwn',
  },
};

const send = async (url: string, init: RequestInit) => {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) });
  if (!response.ok)
    throw new Error(`${init.method} ${url} answered ${response.status}: ${await response.text()}`);
};
