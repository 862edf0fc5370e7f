/**
 * ECS's and EC2's own shapes, as far as the simulator fills them. Member names are AWS's; times are
 * Date.
 */

export interface Cluster {
  readonly clusterArn: string;
  readonly clusterName: string;
  readonly status: 'ACTIVE' | 'INACTIVE';
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export type NetworkMode = 'awsvpc' | 'bridge' | 'host' | 'none';

/** What RegisterTaskDefinition takes; members that the simulator does not know are kept as sent. */
export interface DefinitionInput {
  readonly family: string;
  readonly networkMode?: NetworkMode;
  readonly requiresCompatibilities?: readonly string[];
  readonly containerDefinitions: readonly ContainerDefinition[];
  /** App Mesh's: which container is the proxy. */
  readonly proxyConfiguration?: { readonly type?: string; readonly containerName: string };
  readonly tags?: readonly Tag[];
}

export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  /** Whether the task stops with it; ECS fills in true. */
  readonly essential?: boolean;
  readonly portMappings?: readonly PortMapping[];
  readonly dockerLabels?: Readonly<Record<string, string>>;
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
  readonly healthCheck?: { readonly command: readonly string[] };
  readonly restartPolicy?: { readonly enabled: boolean };
  /** It routes the others' logs. */
  readonly firelensConfiguration?: { readonly type: string };
  readonly dependsOn?: readonly { readonly containerName: string; readonly condition: string }[];
}

export interface PortMapping {
  readonly name?: string;
  readonly containerPort?: number;
  readonly hostPort?: number;
  readonly protocol?: 'tcp' | 'udp';
  readonly appProtocol?: string;
  readonly containerPortRange?: string;
}

/** A revision as DescribeTaskDefinition returns it; its tags stand beside it there. */
export interface TaskDefinition extends Omit<DefinitionInput, 'tags'> {
  readonly taskDefinitionArn: string;
  readonly revision: number;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly registeredAt: Date;
}

export interface Service {
  readonly serviceArn: string;
  readonly serviceName: string;
  readonly clusterArn: string;
  readonly taskDefinition: string;
  readonly desiredCount: number;
  /** DRAINING once it is deleted; INACTIVE when its last task has stopped. */
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  readonly createdAt: Date;
  /** Newest first. */
  readonly deployments: readonly Deployment[];
}

/** One definition of a service's on its way to be the only one. */
export interface Deployment {
  /** `ecs-svc/` and 19 digits: what started its tasks. */
  readonly id: string;
  readonly taskDefinition: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type InstanceState =
  | 'pending'
  | 'running'
  | 'shutting-down'
  | 'terminated'
  | 'stopping'
  | 'stopped';

/**
 * A machine that runs tasks: the EC2 instance (`mi-…`: an external machine that EC2 does not know).
 */
export interface Machine {
  readonly instanceId: string;
  readonly state: InstanceState;
  readonly availabilityZone: string;
  /** Absent in a subnet of IPv6 alone. */
  readonly privateIpAddress?: string | undefined;
  readonly publicIpAddress?: string;
  readonly ipv6Address?: string;
  readonly launchTime: Date;
  /**
   * Docker binds dynamic ports for IPv6 too, on the same or on another host port, and the agent
   * reports both (ECS_EXCLUDE_IPV6_PORTBINDING=false).
   */
  readonly ipv6Bindings?: 'same port' | 'other port';
}

export interface ContainerInstance {
  readonly containerInstanceArn: string;
  readonly ec2InstanceId: string;
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  readonly agentConnected: boolean;
  readonly version: number;
  readonly registeredAt: Date;
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
}

export interface NetworkInterface {
  readonly networkInterfaceId: string;
  readonly subnetId: string;
  readonly macAddress: string;
  readonly availabilityZone: string;
  readonly privateIpAddress?: string;
  readonly ipv6Address?: string;
  readonly publicIp?: string;
}

export type Health = 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';
export type LaunchType = 'EC2' | 'FARGATE' | 'EXTERNAL';

/** In the order in which a task walks through them. */
export const STATUSES = [
  'PROVISIONING',
  'PENDING',
  'ACTIVATING',
  'RUNNING',
  'DEACTIVATING',
  'STOPPING',
  'DEPROVISIONING',
  'STOPPED',
] as const;
export type Status = (typeof STATUSES)[number];

export interface NetworkBinding {
  readonly bindIP: string;
  readonly containerPort?: number;
  readonly hostPort?: number;
  readonly containerPortRange?: string;
  readonly hostPortRange?: string;
  readonly protocol: 'tcp' | 'udp';
}

export interface Container {
  readonly containerArn: string;
  readonly taskArn: string;
  readonly name: string;
  readonly image: string;
  readonly runtimeId?: string;
  /** PENDING, RUNNING or STOPPED. */
  readonly lastStatus: Status;
  readonly exitCode?: number;
  /** Why it has stopped, where Docker or the agent says more than the exit code. */
  readonly reason?: string;
  readonly networkBindings: readonly NetworkBinding[];
  readonly networkInterfaces: readonly {
    readonly attachmentId: string;
    readonly privateIpv4Address: string;
    readonly ipv6Address?: string;
  }[];
  readonly healthStatus: Health;
  readonly cpu: string;
}

export interface Attachment {
  readonly id: string;
  /** `ElasticNetworkInterface` in API answers, `eni` in events. */
  readonly type: string;
  readonly status: string;
  readonly details: readonly { readonly name: string; readonly value: string }[];
}

export interface Task {
  readonly taskArn: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly containerInstanceArn?: string;
  readonly launchType: LaunchType;
  readonly capacityProviderName?: string;
  readonly platformVersion?: string;
  /** Not of external machines. */
  readonly availabilityZone?: string;
  readonly group: string;
  readonly startedBy?: string;
  readonly desiredStatus: 'RUNNING' | 'STOPPED';
  readonly lastStatus: Status;
  readonly healthStatus: Health;
  readonly attachments: readonly Attachment[];
  readonly containers: readonly Container[];
  readonly overrides: { readonly containerOverrides: readonly ContainerOverride[] };
  readonly connectivity?: 'CONNECTED';
  readonly connectivityAt?: Date;
  readonly cpu: string;
  readonly memory: string;
  readonly createdAt: Date;
  readonly pullStartedAt?: Date;
  readonly pullStoppedAt?: Date;
  readonly startedAt?: Date;
  readonly stoppingAt?: Date;
  readonly executionStoppedAt?: Date;
  readonly stoppedAt?: Date;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly updatedAt: Date;
  readonly version: number;
  readonly tags: readonly Tag[];
}

export interface ContainerOverride {
  readonly name: string;
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
}

/** What EventBridge delivers. */
export interface AwsEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** Whole seconds, as EventBridge has it. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}
