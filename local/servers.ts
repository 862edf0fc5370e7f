import { createEc2 } from './aws/ec2.ts';
import { createEcs } from './aws/ecs.ts';
import { createEventBus, type EventBus } from './aws/eventbridge.ts';
import { createInvocations, type Invocations } from './aws/invocations.ts';
import { createLogs, type Logs } from './aws/logs.ts';
import { createSecretsManager, type SecretsManager } from './aws/secretsmanager.ts';
import { type AwsServer, startAws } from './aws/server.ts';
import { createServiceDiscovery, type ServiceDiscovery } from './aws/servicediscovery.ts';
import { createSqs, type Sqs } from './aws/sqs.ts';
import { createSsm, type Ssm } from './aws/ssm.ts';
import { createStacks, type Stacks } from './aws/stacks.ts';
import { createWorld, type World } from './aws/world.ts';
import { type ConsulServer, startConsul } from './consul.ts';
import { SIMULATED_ACCOUNT, type Variables } from './environment.ts';
import { type EurekaServer, startEureka } from './eureka.ts';
import { nearPort } from './listen.ts';

export interface ServerOptions {
  readonly world?: World | undefined;
  /**
   * Clock of the queues, in milliseconds: a faster one shortens the delays of looks. Default
   * Date.now.
   */
  readonly queueNow?: (() => number) | undefined;
  /** Preferred; another is taken where one is not free. */
  readonly ports?:
    | { readonly aws?: number; readonly consul?: number; readonly eureka?: number }
    | undefined;
  /** Variables that name real registries: the in-process ones are then left out. */
  readonly real?: Variables | undefined;
  /** Milliseconds until an operation and a health status of Cloud Map show. */
  readonly cloudMapDelayMs?: number | undefined;
  /**
   * How old a list of Eureka's may be that is served again, in milliseconds; 30,000 on a server as
   * it comes.
   */
  readonly eurekaListLagMs?: number | undefined;
  /** Instances that the namespace may hold; 2,000 as AWS has it at first. */
  readonly cloudMapQuota?: number | undefined;
}

/** What stands in for an account and its registries, and the variables that lead to it. */
export interface Servers {
  readonly world: World;
  readonly sqs: Sqs;
  readonly ssm: Ssm;
  readonly logs: Logs;
  readonly bus: EventBus;
  readonly cloudmap: ServiceDiscovery;
  readonly secrets: SecretsManager;
  /** By which the command asks what it asks a deployment. */
  readonly invocations: Invocations;
  readonly stacks: Stacks;
  readonly aws: AwsServer;
  /** Absent: a real one is used. */
  readonly consul?: ConsulServer;
  readonly eureka?: EurekaServer;
  readonly environment: Variables;
  stop(): Promise<void>;
}

export const NAMESPACE = 'rollcall-local';
export const LOG_GROUP = '/aws/lambda/rollcall-local';

export const startServers = async (options: ServerOptions): Promise<Servers> => {
  const { world = createWorld(), ports = {}, real = {}, cloudMapDelayMs = 0 } = options;
  let origin = '';
  const sqs = createSqs({
    origin: () => origin,
    ...(options.queueNow && { now: options.queueNow }),
  });
  const cloudmap = createServiceDiscovery({
    operationDelayMs: cloudMapDelayMs,
    healthDelayMs: cloudMapDelayMs,
    instancesPerNamespace: options.cloudMapQuota,
  });
  cloudmap.addNamespace(NAMESPACE, 'HTTP');
  const ssm = createSsm(world);
  const secrets = createSecretsManager();
  const invocations = createInvocations();
  const stacks = createStacks(world);
  const logs = createLogs(LOG_GROUP, Date.now);
  const bus = createEventBus(world);
  const services = [
    createEcs(world),
    createEc2(world),
    cloudmap,
    sqs,
    ssm,
    logs,
    bus,
    invocations,
    stacks,
  ];
  const aws = await nearPort((port) => startAws([...services, secrets], { port }), ports.aws);
  origin = aws.url;
  const consul = real['CONSUL_HTTP_ADDR']
    ? undefined
    : await nearPort((port) => startConsul({ port }), ports.consul);
  const eureka = real['EUREKA_CLIENT_SERVICEURL_DEFAULTZONE']
    ? undefined
    : await nearPort(
        (port) => startEureka({ port, listLagMs: options.eurekaListLagMs ?? 0 }),
        ports.eureka,
      );
  return {
    world,
    sqs,
    ssm,
    logs,
    bus,
    cloudmap,
    secrets,
    invocations,
    stacks,
    aws,
    ...(consul && { consul }),
    ...(eureka && { eureka }),
    environment: {
      ...SIMULATED_ACCOUNT,
      AWS_ENDPOINT_URL: aws.url,
      ...(consul && { CONSUL_HTTP_ADDR: consul.url }),
      ...(eureka && { EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: `${eureka.url}/` }),
      ...real,
    },
    stop: async () => {
      await Promise.all([aws, consul, eureka].map((server) => server?.stop()));
    },
  };
};
