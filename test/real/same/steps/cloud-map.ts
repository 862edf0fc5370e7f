import * as CloudMap from '@aws-sdk/client-servicediscovery';
import type { Memory, Step } from './step.ts';

const instance = (memory: Memory, InstanceId: string) => ({
  ServiceId: memory.serviceId,
  InstanceId,
});

export const cloudMap: readonly Step[] = [
  [
    'cloud map: a namespace is made',
    ({ cloudMap }) => cloudMap.send(new CloudMap.CreateHttpNamespaceCommand({ Name: 'shop' })),
  ],
  [
    'cloud map: namespaces are listed',
    async ({ cloudMap }, memory) => {
      const answer = await cloudMap.send(new CloudMap.ListNamespacesCommand({}));
      memory.namespaceId = answer.Namespaces?.[0]?.Id ?? '';
      return answer;
    },
  ],
  [
    'cloud map: an unknown namespace is asked for',
    ({ cloudMap }) => cloudMap.send(new CloudMap.GetNamespaceCommand({ Id: 'ns-none' })),
  ],
  [
    'cloud map: a service is made',
    async ({ cloudMap }, memory) => {
      const answer = await cloudMap.send(
        new CloudMap.CreateServiceCommand({
          Name: 'web',
          NamespaceId: memory.namespaceId,
          Tags: [{ Key: 'owner', Value: 'me' }],
          HealthCheckCustomConfig: {},
        }),
      );
      memory.serviceId = answer.Service?.Id ?? '';
      return answer;
    },
  ],
  [
    'cloud map: it is asked for',
    ({ cloudMap }, memory) =>
      cloudMap.send(new CloudMap.GetServiceCommand({ Id: memory.serviceId })),
  ],
  [
    'cloud map: services are listed',
    ({ cloudMap }) => cloudMap.send(new CloudMap.ListServicesCommand({})),
  ],
  [
    'cloud map: an unknown service is asked for',
    ({ cloudMap }) => cloudMap.send(new CloudMap.GetServiceCommand({ Id: 'srv-none' })),
  ],
  [
    'cloud map: an instance is registered',
    ({ cloudMap }, memory) =>
      cloudMap.send(
        new CloudMap.RegisterInstanceCommand({
          ...instance(memory, 'a'),
          Attributes: {
            AWS_INSTANCE_IPV4: '10.0.0.1',
            AWS_INSTANCE_PORT: '80',
            AWS_INIT_HEALTH_STATUS: 'UNHEALTHY',
          },
        }),
      ),
  ],
  [
    'cloud map: an instance of an unknown service is registered',
    ({ cloudMap }) =>
      cloudMap.send(
        new CloudMap.RegisterInstanceCommand({
          ServiceId: 'srv-none',
          InstanceId: 'a',
          Attributes: {},
        }),
      ),
  ],
  [
    'cloud map: the instance is asked for',
    ({ cloudMap }, memory) => cloudMap.send(new CloudMap.GetInstanceCommand(instance(memory, 'a'))),
  ],
  [
    'cloud map: an unknown instance is asked for',
    ({ cloudMap }, memory) =>
      cloudMap.send(new CloudMap.GetInstanceCommand(instance(memory, 'none'))),
  ],
  [
    'cloud map: instances are listed',
    ({ cloudMap }, memory) =>
      cloudMap.send(new CloudMap.ListInstancesCommand({ ServiceId: memory.serviceId })),
  ],
  [
    'cloud map: health is asked for',
    ({ cloudMap }, memory) =>
      cloudMap.send(new CloudMap.GetInstancesHealthStatusCommand({ ServiceId: memory.serviceId })),
  ],
  [
    'cloud map: instances are discovered',
    ({ cloudMap }) =>
      cloudMap.send(
        new CloudMap.DiscoverInstancesCommand({
          NamespaceName: 'shop',
          ServiceName: 'web',
          HealthStatus: 'ALL',
        }),
      ),
  ],
  [
    'cloud map: healthy ones are discovered where none is',
    ({ cloudMap }) =>
      cloudMap.send(
        new CloudMap.DiscoverInstancesCommand({
          NamespaceName: 'shop',
          ServiceName: 'web',
          HealthStatus: 'HEALTHY',
        }),
      ),
  ],
  [
    'cloud map: health is set',
    ({ cloudMap }, memory) =>
      cloudMap.send(
        new CloudMap.UpdateInstanceCustomHealthStatusCommand({
          ...instance(memory, 'a'),
          Status: 'HEALTHY',
        }),
      ),
  ],
  [
    'cloud map: it is asked for again',
    ({ cloudMap }, memory) =>
      cloudMap.send(
        new CloudMap.GetInstancesHealthStatusCommand({
          ServiceId: memory.serviceId,
          Instances: ['a'],
        }),
      ),
  ],
  [
    'cloud map: health of an unknown instance is set',
    ({ cloudMap }, memory) =>
      cloudMap.send(
        new CloudMap.UpdateInstanceCustomHealthStatusCommand({
          ...instance(memory, 'none'),
          Status: 'HEALTHY',
        }),
      ),
  ],
  [
    'cloud map: the instance is sent again',
    ({ cloudMap }, memory) =>
      cloudMap.send(
        new CloudMap.RegisterInstanceCommand({
          ...instance(memory, 'a'),
          Attributes: { AWS_INSTANCE_IPV4: '10.0.0.2' },
        }),
      ),
  ],
  [
    'cloud map: instances are listed after that',
    ({ cloudMap }, memory) =>
      cloudMap.send(new CloudMap.ListInstancesCommand({ ServiceId: memory.serviceId })),
  ],
  [
    'cloud map: an unknown service is discovered',
    ({ cloudMap }) =>
      cloudMap.send(
        new CloudMap.DiscoverInstancesCommand({ NamespaceName: 'shop', ServiceName: 'none' }),
      ),
  ],
  [
    'cloud map: an unknown namespace is discovered',
    ({ cloudMap }) =>
      cloudMap.send(
        new CloudMap.DiscoverInstancesCommand({ NamespaceName: 'none', ServiceName: 'web' }),
      ),
  ],
  [
    'cloud map: the instance is deregistered',
    ({ cloudMap }, memory) =>
      cloudMap.send(new CloudMap.DeregisterInstanceCommand(instance(memory, 'a'))),
  ],
  [
    'cloud map: an unknown instance is deregistered',
    ({ cloudMap }, memory) =>
      cloudMap.send(new CloudMap.DeregisterInstanceCommand(instance(memory, 'none'))),
  ],
  [
    'cloud map: an unknown operation is asked for',
    ({ cloudMap }) => cloudMap.send(new CloudMap.GetOperationCommand({ OperationId: 'none' })),
  ],
  [
    'cloud map: another is registered',
    ({ cloudMap }, memory) =>
      cloudMap.send(
        new CloudMap.RegisterInstanceCommand({
          ...instance(memory, 'b'),
          Attributes: { AWS_INSTANCE_IPV4: '10.0.0.3' },
        }),
      ),
  ],
  [
    'cloud map: a service with an instance is deleted',
    ({ cloudMap }, memory) =>
      cloudMap.send(new CloudMap.DeleteServiceCommand({ Id: memory.serviceId })),
  ],
];
