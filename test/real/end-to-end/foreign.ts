import {
  CreateServiceCommand,
  RegisterInstanceCommand,
  type ServiceDiscoveryClient,
} from '@aws-sdk/client-servicediscovery';
import type { ConsulServer } from '../../../scripts/real/consul.ts';
import type { EurekaServer } from '../../../scripts/real/eureka.ts';
import type { Account } from './account.ts';
import { arnOf, CLUSTER_ARN } from './fleet.ts';

/**
 * A stranger's, and one of another installation for the same cluster under a name of ours, whose
 * task nobody knows.
 */
const RECORDS = [
  { service: 'legacy', address: '192.0.2.7', port: 7000, metadata: {} },
  {
    service: 'web',
    address: '192.0.2.8',
    port: 8000,
    metadata: {
      ROLLCALL_OWNER: 'another:installation',
      ROLLCALL_CLUSTER: CLUSTER_ARN,
      ROLLCALL_TASK: arnOf(`task/shop/${'0'.repeat(32)}`),
      ROLLCALL_STARTED: '2020-01-01T00:00:00.000Z',
    },
  },
] as const;

/** service and address:port of each. */
export const FOREIGN = RECORDS.map(
  ({ service, address, port }) => [service, `${address}:${port}`] as const,
);

const send = async (url: string, init: RequestInit) => {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${init.method} ${url}: ${answer.status} ${await answer.text()}`);
};

export const plantInConsul = async ({ url, token = '' }: ConsulServer): Promise<void> => {
  for (const { service, address, port, metadata } of RECORDS)
    await send(`${url}/v1/catalog/register`, {
      method: 'PUT',
      headers: { 'x-consul-token': token },
      body: JSON.stringify({
        Node: 'elsewhere',
        Address: address,
        SkipNodeUpdate: service !== 'legacy',
        Service: {
          ID: `${service}-1`,
          Service: service,
          Address: address,
          Port: port,
          Meta: metadata,
        },
      }),
    });
};

export const plantInEureka = async ({ url }: EurekaServer): Promise<void> => {
  for (const { service, address, port, metadata } of RECORDS)
    await send(`${url}/apps/${service}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        instance: {
          instanceId: `${service}-1`,
          app: service.toUpperCase(),
          hostName: address,
          ipAddr: address,
          vipAddress: service,
          status: 'UP',
          port: { $: port, '@enabled': 'true' },
          dataCenterInfo: {
            '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
            name: 'MyOwn',
          },
          leaseInfo: { durationInSecs: 900 },
          metadata,
        },
      }),
    });
};

export const plantInCloudMap = async ({ cloudMap, namespaceId }: Account): Promise<void> => {
  for (const record of RECORDS) await registerIn(cloudMap, namespaceId, record);
};

const registerIn = async (
  client: ServiceDiscoveryClient,
  NamespaceId: string,
  { service, address, port, metadata }: (typeof RECORDS)[number],
) => {
  const { Service } = await client.send(
    new CreateServiceCommand({
      Name: service,
      NamespaceId,
      HealthCheckCustomConfig: { FailureThreshold: 1 },
    }),
  );
  await client.send(
    new RegisterInstanceCommand({
      ServiceId: Service?.Id,
      InstanceId: `${service}-1`,
      Attributes: { AWS_INSTANCE_IPV4: address, AWS_INSTANCE_PORT: String(port), ...metadata },
    }),
  );
};
