import { EC2Client, RunInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  ECSClient,
  RegisterContainerInstanceCommand,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  CreateHttpNamespaceCommand,
  ListNamespacesCommand,
  ServiceDiscoveryClient,
} from '@aws-sdk/client-servicediscovery';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Moto } from '../../../scripts/real/moto.ts';
import { mapBounded } from '../../../shared/platform/concurrency.ts';

export const CLUSTER = 'shop';
export const NAMESPACE = 'shop.example';

/** A machine of the cluster: an EC2 instance that ECS knows as a container instance. */
export interface Host {
  readonly instanceId: string;
  readonly address: string;
  readonly zone: string;
  readonly containerInstanceArn: string;
}

export interface Account {
  readonly sqs: SQSClient;
  readonly cloudMap: ServiceDiscoveryClient;
  readonly namespaceId: string;
  readonly hosts: readonly Host[];
  readonly queueUrl: string;
  readonly renewQueueUrl: string;
  /** By family. */
  readonly definitions: ReadonlyMap<string, string>;
  /** A new secret; its ARN. */
  createSecret(value: string): Promise<string>;
  changeSecret(arn: string, value: string): Promise<void>;
  terminate(hosts: readonly Host[]): Promise<void>;
  tagDefinition(family: string, key: string, value: string): Promise<void>;
}

export interface DefinitionInput {
  readonly family: string;
  readonly networkMode: 'awsvpc' | 'bridge' | 'host';
  readonly port: { readonly containerPort: number; readonly hostPort: number };
  readonly hasHealthCheck?: boolean;
}

/** Made as the stack makes it: without it nothing is known of the last hour. */
export const REMOVALS_PARAMETER = '/rollcall/removals';

/** Everything in the account but tasks: cluster, machines, definitions, namespace and queues. */
export const openAccount = async (
  moto: Moto,
  {
    machines,
    definitions,
  }: { readonly machines: number; readonly definitions: readonly DefinitionInput[] },
): Promise<Account> => {
  const options = {
    endpoint: moto.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'moto', secretAccessKey: 'moto' },
    disableHostPrefix: true,
  };
  const ecs = new ECSClient(options);
  const ec2 = new EC2Client(options);
  const sqs = new SQSClient(options);
  const secrets = new SecretsManagerClient(options);
  const cloudMap = new ServiceDiscoveryClient(options);
  const ssm = new SSMClient(options);
  await ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
  await ssm.send(
    new PutParameterCommand({ Name: REMOVALS_PARAMETER, Value: '{}', Type: 'String' }),
  );
  const createQueue = async (QueueName: string) =>
    (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? '';
  const known = new Map(
    await Promise.all(
      definitions.map(async (one) => [one.family, await registerDefinition(ecs, one)] as const),
    ),
  );
  return {
    sqs,
    cloudMap,
    namespaceId: await createNamespace(cloudMap),
    hosts: await startHosts({ ec2, ecs }, machines),
    queueUrl: await createQueue('events'),
    renewQueueUrl: await createQueue('renewals'),
    definitions: known,
    async createSecret(SecretString) {
      const command = new CreateSecretCommand({ Name: crypto.randomUUID(), SecretString });
      return (await secrets.send(command)).ARN ?? '';
    },
    async changeSecret(SecretId, SecretString) {
      await secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
    },
    async terminate(hosts) {
      const InstanceIds = hosts.map(({ instanceId }) => instanceId);
      await ec2.send(new TerminateInstancesCommand({ InstanceIds }));
    },
    async tagDefinition(family, key, value) {
      const resourceArn = known.get(family);
      await ecs.send(new TagResourceCommand({ resourceArn, tags: [{ key, value }] }));
    },
  };
};

const registerDefinition = async (
  ecs: ECSClient,
  { family, networkMode, port, hasHealthCheck }: DefinitionInput,
): Promise<string> => {
  const command = new RegisterTaskDefinitionCommand({
    family,
    networkMode,
    containerDefinitions: [
      {
        name: 'app',
        image: `example/${family}:1`,
        memory: 128,
        portMappings: [port],
        ...(hasHealthCheck && { healthCheck: { command: ['CMD-SHELL', 'true'] } }),
      },
    ],
  });
  return (await ecs.send(command)).taskDefinition?.taskDefinitionArn ?? '';
};

const createNamespace = async (client: ServiceDiscoveryClient): Promise<string> => {
  await client.send(new CreateHttpNamespaceCommand({ Name: NAMESPACE }));
  const { Namespaces } = await client.send(new ListNamespacesCommand({}));
  return Namespaces?.[0]?.Id ?? '';
};

const startHosts = async (
  { ec2, ecs }: { readonly ec2: EC2Client; readonly ecs: ECSClient },
  count: number,
): Promise<readonly Host[]> => {
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: count, MaxCount: count }),
  );
  return mapBounded(Instances, 4, async ({ InstanceId = '', PrivateIpAddress = '', Placement }) => {
    const identity = JSON.stringify({ instanceId: InstanceId });
    const { containerInstance } = await ecs.send(
      new RegisterContainerInstanceCommand({
        cluster: CLUSTER,
        instanceIdentityDocument: identity,
      }),
    );
    return {
      instanceId: InstanceId,
      address: PrivateIpAddress,
      zone: Placement?.AvailabilityZone ?? '',
      containerInstanceArn: containerInstance?.containerInstanceArn ?? '',
    };
  });
};
