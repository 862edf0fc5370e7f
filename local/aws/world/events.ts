import type { Names } from './names.ts';
import type { AwsEvent, ContainerInstance, Machine, Task } from './shapes.ts';

/** Builds the events that EventBridge would deliver. */
export const createEvents = (names: Names, now: () => number) => {
  const envelope = (
    source: string,
    detailType: string,
    resource: string,
    detail: Readonly<Record<string, unknown>>,
  ): AwsEvent => ({
    version: '0',
    id: names.uuid(),
    'detail-type': detailType,
    source,
    account: names.account,
    time: new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: names.region,
    resources: [resource],
    detail,
  });

  return {
    task: (task: Task) =>
      envelope('aws.ecs', 'ECS Task State Change', task.taskArn, toTaskDetail(task)),
    containerInstance: (clusterArn: string, instance: ContainerInstance) =>
      envelope('aws.ecs', 'ECS Container Instance State Change', instance.containerInstanceArn, {
        ...withIsoTimes(instance),
        clusterArn,
        updatedAt: new Date(now()).toISOString(),
      }),
    machine: ({ instanceId, state }: Machine) =>
      envelope(
        'aws.ec2',
        'EC2 Instance State-change Notification',
        names.arn('ec2', `instance/${instanceId}`),
        { 'instance-id': instanceId, state },
      ),
  };
};

/**
 * DescribeTasks' shape without health, tags and empty bindings, with ISO times, and with
 * attachments of type `eni`.
 */
const toTaskDetail = (task: Task): Record<string, unknown> => {
  const { healthStatus: _health, tags: _tags, ...told } = task;
  return withIsoTimes({
    ...told,
    attachments: task.attachments.map((attachment) => ({
      ...attachment,
      type: attachment.type === 'ElasticNetworkInterface' ? 'eni' : attachment.type,
    })),
    containers: task.containers.map(({ healthStatus: _, networkBindings, ...container }) =>
      networkBindings.length > 0 ? { ...container, networkBindings } : container,
    ),
  });
};

const withIsoTimes = (value: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      member instanceof Date ? member.toISOString() : member,
    ]),
  );
