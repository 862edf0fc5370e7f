import type { Catalogue } from './catalogue.ts';
import { reach } from './lifecycle.ts';
import type { Machines } from './machines.ts';
import { lastSegment, type Names } from './names.ts';
import type { createNetwork, Place, PlaceOptions } from './network.ts';
import type { Services } from './services.ts';
import type {
  Container,
  ContainerInstance,
  ContainerOverride,
  LaunchType,
  Machine,
  Tag,
  Task,
  TaskDefinition,
} from './shapes.ts';

export interface RunTask extends Partial<Omit<PlaceOptions, 'machine'>> {
  readonly cluster: string;
  /** `family`, `family:revision` or ARN. */
  readonly taskDefinition: string;
  /** The ECS service that owns the task; absent: started by RunTask. */
  readonly service?: string;
  /**
   * The managed daemon that owns it: its definition is of a kind of its own, which
   * DescribeTaskDefinition does not know.
   */
  readonly daemon?: string;
  /** Free text of RunTask's caller; default `family:NAME`. */
  readonly group?: string;
  /** Free text of RunTask's caller. A service's task has its deployment's id. */
  readonly startedBy?: string;
  /** Default: FARGATE if the definition requires it, else EC2 (EXTERNAL on an external machine). */
  readonly launchType?: LaunchType;
  readonly capacityProvider?: string;
  /** Instance id; default: the cluster's active machine with the fewest tasks. */
  readonly machine?: string;
  readonly overrides?: readonly ContainerOverride[];
  readonly tags?: readonly Tag[];
  /** Containers that ECS injects and no definition names (Service Connect, GuardDuty). */
  readonly sidecars?: readonly string[];
  /**
   * Containers that wait for others (`dependsOn`): PENDING although the task runs, until
   * `startContainer`.
   */
  readonly waiting?: readonly string[];
  /** How far the task walks at once, one event a step; default RUNNING. */
  readonly until?: 'PROVISIONING' | 'PENDING' | 'ACTIVATING' | 'RUNNING';
}

interface Context {
  readonly names: Names;
  readonly now: () => number;
  readonly catalogue: Catalogue;
  readonly services: Services;
  readonly machines: Machines;
  readonly network: ReturnType<typeof createNetwork>;
  /** How many tasks a container instance carries. */
  readonly load: (containerInstanceArn: string) => number;
}

interface Host {
  readonly machine: Machine;
  readonly containerInstance: ContainerInstance;
}

/**
 * Places a new task and describes it as it is at PROVISIONING. Throws where ECS would answer with a
 * failure.
 */
export const launch = (context: Context, options: RunTask): { place: Place; task: Task } => {
  const { names, catalogue, network } = context;
  const cluster = catalogue.cluster(options.cluster);
  const definition = catalogue.definition(options.taskDefinition)?.taskDefinition;
  if (!cluster) throw new Error(`no cluster ${options.cluster}`);
  if (!definition) throw new Error(`no task definition ${options.taskDefinition}`);

  const fargate = options.launchType
    ? options.launchType === 'FARGATE'
    : definition.requiresCompatibilities?.includes('FARGATE');
  const host = fargate ? undefined : chooseHost(context, cluster.clusterArn, options.machine);
  const availabilityZone =
    options.availabilityZone ?? host?.machine.availabilityZone ?? `${names.region}a`;
  const place = network.place(definition, {
    ...options,
    availabilityZone,
    machine: host?.machine,
  });
  const at = new Date(context.now());
  const taskArn = names.arn('ecs', `task/${cluster.clusterName}/${names.hex(32)}`);
  const task: Task = {
    taskArn,
    clusterArn: cluster.clusterArn,
    taskDefinitionArn: options.daemon
      ? definition.taskDefinitionArn.replace(':task-definition/', ':daemon-task-definition/')
      : definition.taskDefinitionArn,
    ...toHostMembers(host),
    ...(options.capacityProvider && { capacityProviderName: options.capacityProvider }),
    ...toOwner(context, options, definition),
    ...(!isExternal(host) && { availabilityZone }),
    desiredStatus: 'RUNNING',
    lastStatus: 'PROVISIONING',
    healthStatus: 'UNKNOWN',
    attachments: [],
    containers: toContainers(definition, taskArn, options, names),
    overrides: {
      containerOverrides:
        options.overrides ?? definition.containerDefinitions.map(({ name }) => ({ name })),
    },
    cpu: '256',
    memory: '512',
    createdAt: at,
    updatedAt: at,
    version: 1,
    tags: options.tags ?? [],
  };
  return {
    place,
    task: { ...task, ...reach(task, 'PROVISIONING', { place, at, waiting: new Set() }) },
  };
};

const chooseHost = ({ machines, load }: Context, clusterArn: string, wanted?: string): Host => {
  const [containerInstance] = machines
    .containerInstances(clusterArn)
    .filter(({ status, ec2InstanceId }) =>
      wanted ? ec2InstanceId === wanted : status === 'ACTIVE',
    )
    .toSorted((a, b) => load(a.containerInstanceArn) - load(b.containerInstanceArn));
  const machine = containerInstance && machines.machine(containerInstance.ec2InstanceId);
  if (!machine) throw new Error(`no machine ${wanted ?? ''} for a task in ${clusterArn}`);
  return { machine, containerInstance };
};

const isExternal = (host: Host | undefined) => host?.machine.instanceId.startsWith('mi-') ?? false;

const toHostMembers = (host: Host | undefined) =>
  host
    ? {
        containerInstanceArn: host.containerInstance.containerInstanceArn,
        launchType: isExternal(host) ? ('EXTERNAL' as const) : ('EC2' as const),
      }
    : { launchType: 'FARGATE' as const, platformVersion: '1.4.0' };

const toOwner = (
  { services }: Context,
  { cluster, service: name, daemon, group, startedBy }: RunTask,
  { family, taskDefinitionArn: taskDefinition }: TaskDefinition,
) => {
  if (daemon) return { group: `daemon:${daemon}` };
  if (!name) return { group: group ?? `family:${family}`, ...(startedBy && { startedBy }) };
  const { id } = services.deploymentOf({ cluster, name, taskDefinition });
  return { group: `service:${name}`, startedBy: id };
};

const toContainers = (
  definition: TaskDefinition,
  taskArn: string,
  { sidecars = [] }: RunTask,
  names: Names,
): Container[] =>
  [
    ...definition.containerDefinitions,
    ...sidecars.map((name) => ({ name, image: `${name}:latest` })),
  ].map(({ name, image }) => ({
    containerArn: names.arn(
      'ecs',
      `container/${taskArn.split('/').slice(1).join('/')}/${names.uuid()}`,
    ),
    taskArn,
    name,
    image,
    runtimeId: `${lastSegment(taskArn)}-${names.hex(10)}`,
    lastStatus: 'PENDING',
    networkBindings: [],
    networkInterfaces: [],
    healthStatus: 'UNKNOWN',
    cpu: '0',
  }));
