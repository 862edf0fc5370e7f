import {
  paginateGetInstancesHealthStatus,
  paginateListInstances,
  paginateListServices,
} from '@aws-sdk/client-servicediscovery';
import type { ConsulServer } from '../../../scripts/real/consul.ts';
import type { EurekaServer } from '../../../scripts/real/eureka.ts';
import type { Account } from './account.ts';

/**
 * What a registry holds, asked by its own API: `service address:port` each, with what is not
 * healthy marked; sorted.
 */
export type View = readonly string[];

export const toEntry = (service: string, endpoint: string, healthy = true): string =>
  `${service} ${endpoint}${healthy ? '' : ' (not healthy)'}`;

/** What is missing in a view, and what it has too much, a second record of the same included. */
export const differences = (view: View, expected: View) => ({
  missing: expected.filter((entry) => !view.includes(entry)),
  surplus: view.filter((entry, at) => !expected.includes(entry) || view[at - 1] === entry),
});

export const fetchText = async (url: string, headers: Readonly<Record<string, string>> = {}) => {
  const answer = await fetch(url, { headers });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
  return text;
};

export interface ConsulEntry {
  readonly Service: { readonly Service: string; readonly Address: string; readonly Port: number };
  readonly Checks: readonly { readonly Status: string }[];
}

export const viewConsul = async ({ url, token = '' }: ConsulServer): Promise<View> => {
  const read = (path: string) => fetchText(`${url}/v1/${path}`, { 'x-consul-token': token });
  const services = Object.keys(JSON.parse(await read('catalog/services')));
  const texts = await Promise.all(
    services.filter((name) => name !== 'consul').map((name) => read(`health/service/${name}`)),
  );
  const entries = texts.flatMap((text): readonly ConsulEntry[] => JSON.parse(text));
  return entries
    .map(({ Service: { Service, Address, Port }, Checks }) => {
      const healthy = Checks.every(({ Status }) => Status === 'passing');
      return toEntry(Service, `${Address}:${Port}`, healthy);
    })
    .toSorted();
};

interface EurekaInstance {
  readonly vipAddress: string;
  readonly ipAddr: string;
  readonly status: string;
  readonly port: { readonly $: number };
}

export const viewEureka = async ({ url }: EurekaServer): Promise<View> => {
  const { applications } = JSON.parse(
    await fetchText(`${url}/apps`, { accept: 'application/json' }),
  );
  const applied: readonly { readonly instance: readonly EurekaInstance[] }[] =
    applications.application;
  return applied
    .flatMap(({ instance }) => instance)
    .map(({ vipAddress, ipAddr, status, port }) =>
      toEntry(vipAddress, `${ipAddr}:${port.$}`, status === 'UP'),
    )
    .toSorted();
};

export const viewCloudMap = async ({ cloudMap: client, namespaceId }: Account): Promise<View> => {
  const entries: string[] = [];
  const Filters = [{ Name: 'NAMESPACE_ID' as const, Values: [namespaceId] }];
  for await (const { Services = [] } of paginateListServices({ client }, { Filters }))
    for (const { Id: ServiceId = '', Name = '' } of Services) {
      const health = new Map<string, string>();
      for await (const { Status } of paginateGetInstancesHealthStatus({ client }, { ServiceId }))
        for (const [id, status] of Object.entries(Status ?? {})) health.set(id, status);
      for await (const { Instances = [] } of paginateListInstances({ client }, { ServiceId }))
        for (const { Id = '', Attributes = {} } of Instances) {
          const endpoint = `${Attributes['AWS_INSTANCE_IPV4']}:${Attributes['AWS_INSTANCE_PORT']}`;
          entries.push(toEntry(Name, endpoint, health.get(Id) !== 'UNHEALTHY'));
        }
    }
  return entries.toSorted();
};
