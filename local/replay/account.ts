import { text, texts } from '../aws/input.ts';
import { AwsFault, type AwsService } from '../aws/service.ts';
import { isObject, type Recording } from './recording.ts';

type Shape = Readonly<Record<string, unknown>>;

export interface Account {
  readonly services: readonly AwsService[];
  /** What the recording did not tell and had to be made up, in words. */
  readonly assumed: readonly string[];
}

/** An ECS and an EC2 that know just what one recorded event speaks of. */
export const createAccount = ({ event, taskDefinition, hosts }: Recording): Account => {
  const detail = member(event, 'detail');
  const containers = list(detail['containers']);
  const task = { ...toApiShape(detail), containers: containers.map(toApiShape) };
  const definition = taskDefinition ?? synthesize(detail, containers);
  const instanceArn = detail['containerInstanceArn'];
  const machines = typeof instanceArn === 'string' ? toMachines(hosts, instanceArn) : [];
  return {
    assumed: [
      ...(taskDefinition || detail['taskDefinitionArn'] === undefined
        ? []
        : [
            `the task definition, made up from the event: ${describe(definition)}; no labels, no tags`,
          ]),
      ...(machines.length > 0 && hosts.length === 0
        ? [`the host's address: ${machines[0]?.['privateIpAddress']}`]
        : []),
    ],
    services: [ecs({ task, definition, machines }), ec2(machines)],
  };
};

const ecs = ({
  task,
  definition,
  machines,
}: {
  task: Shape;
  definition: Shape;
  machines: readonly Shape[];
}): AwsService => {
  const { tags = [], ...taskDefinition } = definition;
  const answers: Readonly<Record<string, (input: Shape) => Record<string, unknown>>> = {
    ListClusters: () => ({ clusterArns: [task['clusterArn']] }),
    DescribeTasks: (input) => {
      const found = texts(input, 'tasks').filter((arn) => arn === task['taskArn']);
      const missing = texts(input, 'tasks').filter((arn) => arn !== task['taskArn']);
      return {
        tasks: found.map(() => task),
        failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
      };
    },
    DescribeTaskDefinition: () => ({ taskDefinition, tags }),
    ListContainerInstances: () => ({ containerInstanceArns: [] }),
    DescribeContainerInstances: (input) => ({
      containerInstances: machines
        .filter(({ containerInstanceArn }) =>
          texts(input, 'containerInstances').includes(String(containerInstanceArn)),
        )
        .map(({ containerInstanceArn, instanceId }) => ({
          containerInstanceArn,
          ec2InstanceId: instanceId,
        })),
      failures: [],
    }),
  };
  return serve('AmazonEC2ContainerServiceV20141113', answers);
};

const ec2 = (machines: readonly Shape[]): AwsService =>
  serve('ec2', {
    DescribeInstances: () => ({
      reservationSet: [
        { instancesSet: machines.map(({ containerInstanceArn: _, ...machine }) => machine) },
      ],
    }),
    DescribeNetworkInterfaces: () => ({ networkInterfaceSet: [] }),
  });

const serve = (
  target: string,
  answers: Readonly<Record<string, (input: Shape) => Record<string, unknown>>>,
): AwsService => ({
  target,
  async handle(operation, input) {
    const answer = answers[operation];
    if (!answer)
      throw new AwsFault('UnknownOperationException', `${operation} is not part of a replay.`);
    return answer(input);
  },
});

/**
 * Events write times as text and an interface as `eni`; the API has Dates, its own name for that,
 * and no `updatedAt`.
 */
const toApiShape = ({ updatedAt: _, ...shape }: Shape): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(shape).map(([name, value]) => [
      name,
      name.endsWith('At') ? new Date(String(value)) : value,
    ]),
  );

/**
 * One container port for every binding; a task with an interface of its own tells no ports, so 80
 * is as good as any.
 */
const synthesize = (detail: Shape, containers: readonly Shape[]): Shape => {
  const bindings = containers.some(({ networkBindings }) => list(networkBindings).length > 0);
  const [family = 'unknown'] =
    (text(detail, 'taskDefinitionArn') ?? '').split('/').at(-1)?.split(':') ?? [];
  return {
    taskDefinitionArn: detail['taskDefinitionArn'],
    family,
    networkMode: bindings ? 'bridge' : 'awsvpc',
    containerDefinitions: containers.map(({ name, image, networkBindings }) => ({
      name,
      image,
      portMappings: bindings
        ? portsOf(list(networkBindings))
        : [{ containerPort: 80, protocol: 'tcp' }],
    })),
  };
};

const portsOf = (bindings: readonly Shape[]): readonly Shape[] => {
  const ports = bindings.map(({ containerPort, containerPortRange, protocol }) => ({
    ...(containerPortRange === undefined ? { containerPort, hostPort: 0 } : { containerPortRange }),
    protocol,
  }));
  return [...new Map(ports.map((port) => [JSON.stringify(port), port])).values()];
};

/** From the block for documentation (RFC 5737), so that nobody takes it for real. */
const ASSUMED_HOST = { instanceId: 'i-00000000000000000', privateIpAddress: '192.0.2.1' };

const toMachines = (hosts: readonly Shape[], containerInstanceArn: string): readonly Shape[] =>
  (hosts.length > 0 ? hosts : [ASSUMED_HOST]).map((host) => ({
    containerInstanceArn,
    instanceState: { code: 16, name: 'running' },
    // As DescribeInstances' JSON has them, or as its XML does.
    ...Object.fromEntries(Object.entries(host).map(([name, value]) => [toLower(name), value])),
  }));

const toLower = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

const describe = ({ networkMode, containerDefinitions }: Shape): string => {
  const ports = list(containerDefinitions).map(({ name, portMappings }) => {
    const told = list(portMappings).map(
      (port) => `${port['containerPort'] ?? port['containerPortRange']}/${port['protocol']}`,
    );
    return `${name} ${told.join(' ') || 'without ports'}`;
  });
  return `${networkMode}, ${ports.join(', ') || 'no containers'}`;
};

const member = (value: unknown, name: string): Shape => {
  const found = isObject(value) ? value[name] : undefined;
  return isObject(found) ? found : {};
};

const list = (value: unknown): readonly Shape[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
