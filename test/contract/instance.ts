import { randomUUID } from 'node:crypto';
import { isClusterArn } from '../../shared/model/arn.ts';
import { type Instance, KEY } from '../../shared/model/registration.ts';

const hex = () => randomUUID().replaceAll('-', '');

/**
 * A service name that no other test uses: real servers and shared simulators keep what earlier
 * tests left.
 */
export const uniqueName = (stem = 'web') => `${stem}-${hex().slice(0, 10)}`;

/**
 * A healthy awsvpc instance as derivation makes it, our metadata included; `metadata` given here is
 * added to it.
 */
export const instanceFor = (
  whose: { readonly owner: string; readonly cluster: string },
  over: Partial<Instance> = {},
): Instance => {
  const { cluster } = whose;
  if (!isClusterArn(cluster)) throw new Error(`expected the ARN of a cluster, got ${cluster}`);
  const taskId = hex();
  const clusterName = cluster.split('/').at(-1) ?? '';
  const task = `arn:aws:ecs:eu-west-1:123456789012:task/${clusterName}/${taskId}` as const;
  const { protocol = 'tcp', weight = 1, service = 'web' } = over;
  return {
    id: `${taskId}-8080-abcdefghij234567abcd`,
    service,
    protocol,
    cluster,
    task,
    address: '10.0.1.17',
    ipv4: '10.0.1.17',
    port: 8080,
    health: 'healthy',
    weight,
    tags: [],
    networkMode: 'awsvpc',
    eureka: {},
    ...over,
    metadata: {
      ...over.metadata,
      [KEY.owner]: whose.owner,
      [KEY.cluster]: whose.cluster,
      [KEY.task]: task,
      [KEY.started]: '2026-01-02T03:04:05.678Z',
      [KEY.clusterName]: clusterName,
      [KEY.serviceName]: 'web',
      [KEY.family]: 'web',
      [KEY.zone]: 'eu-west-1a',
      [KEY.region]: 'eu-west-1',
      ...(protocol !== 'tcp' && { [KEY.protocol]: protocol }),
      ...(weight !== 1 && { weight: String(weight) }),
    },
  };
};
