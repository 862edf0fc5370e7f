import { clientOptions } from '../target/clients.ts';
import type { Target } from '../target/target.ts';

/** How full the stack's namespace is. */
export interface NamespaceUse {
  readonly namespace: string;
  readonly services: number;
  readonly instances: number;
  readonly fullest?: { readonly name: string; readonly instances: number };
}

/** By the caller's own rights, read only. Undefined where Cloud Map is not in use. */
export const namespaceUse = async ({ stack, place }: Target): Promise<NamespaceUse | undefined> => {
  const namespace = stack.outputs['Namespace'];
  if (namespace === undefined) return undefined;
  const { paginateListNamespaces, paginateListServices, ServiceDiscoveryClient } = await import(
    '@aws-sdk/client-servicediscovery'
  );
  const client = new ServiceDiscoveryClient(clientOptions(place));
  let id = namespace;
  for await (const { Namespaces = [] } of paginateListNamespaces({ client }, {}))
    id = Namespaces.find(({ Name }) => Name === namespace)?.Id ?? id;
  const counts: { name: string; instances: number }[] = [];
  const Filters = [{ Name: 'NAMESPACE_ID' as const, Values: [id] }];
  for await (const { Services = [] } of paginateListServices({ client }, { Filters }))
    for (const { Name: name = '', InstanceCount: instances = 0 } of Services)
      counts.push({ name, instances });
  const [fullest] = counts.toSorted((a, b) => b.instances - a.instances);
  return {
    namespace,
    services: counts.length,
    instances: counts.reduce((sum, one) => sum + one.instances, 0),
    ...(fullest && { fullest }),
  };
};
