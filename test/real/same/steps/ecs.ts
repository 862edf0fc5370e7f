import * as ECS from '@aws-sdk/client-ecs';
import type { Step } from './step.ts';

export const ecs: readonly Step[] = [
  [
    'ecs: an unknown cluster is described',
    ({ ecs }) => ecs.send(new ECS.DescribeClustersCommand({ clusters: ['none'] })),
  ],
  [
    'ecs: tasks of an unknown cluster',
    ({ ecs }) => ecs.send(new ECS.ListTasksCommand({ cluster: 'none' })),
  ],
  [
    'ecs: instances of an unknown cluster',
    ({ ecs }) => ecs.send(new ECS.ListContainerInstancesCommand({ cluster: 'none' })),
  ],
  ['ecs: clusters are listed', ({ ecs }) => ecs.send(new ECS.ListClustersCommand({}))],
  [
    'ecs: tasks are listed where none run',
    ({ ecs }) => ecs.send(new ECS.ListTasksCommand({ cluster: 'shop' })),
  ],
  [
    'ecs: instances are listed where there are none',
    ({ ecs }) => ecs.send(new ECS.ListContainerInstancesCommand({ cluster: 'shop' })),
  ],
  [
    'ecs: services are listed where there are none',
    ({ ecs }) => ecs.send(new ECS.ListServicesCommand({ cluster: 'shop' })),
  ],
  [
    'ecs: an unknown instance is described',
    ({ ecs }) =>
      ecs.send(
        new ECS.DescribeContainerInstancesCommand({
          cluster: 'shop',
          containerInstances: ['00000000-0000-0000-0000-000000000000'],
        }),
      ),
  ],
  [
    'ecs: an unknown service is described',
    ({ ecs }) => ecs.send(new ECS.DescribeServicesCommand({ cluster: 'shop', services: ['none'] })),
  ],
  [
    'ecs: an unknown definition is described',
    ({ ecs }) => ecs.send(new ECS.DescribeTaskDefinitionCommand({ taskDefinition: 'none:1' })),
  ],
  [
    'ecs: an unknown task is stopped',
    ({ ecs }) =>
      ecs.send(
        new ECS.StopTaskCommand({ cluster: 'shop', task: '00000000000000000000000000000000' }),
      ),
  ],
  [
    'ecs: a definition is registered',
    ({ ecs }) =>
      ecs.send(
        new ECS.RegisterTaskDefinitionCommand({
          family: 'web',
          networkMode: 'bridge',
          containerDefinitions: [
            {
              name: 'web',
              image: 'web:1',
              memory: 64,
              essential: true,
              portMappings: [{ containerPort: 80, hostPort: 0, protocol: 'tcp' }],
              dockerLabels: { SERVICE_NAME: 'web' },
            },
          ],
          tags: [{ key: 'team', value: 'shop' }],
        }),
      ),
  ],
  [
    'ecs: it is described with its tags',
    ({ ecs }) =>
      ecs.send(new ECS.DescribeTaskDefinitionCommand({ taskDefinition: 'web', include: ['TAGS'] })),
  ],
  [
    'ecs: it is described without them',
    ({ ecs }) => ecs.send(new ECS.DescribeTaskDefinitionCommand({ taskDefinition: 'web:1' })),
  ],
];
