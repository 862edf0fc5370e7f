import { EXAMPLES } from '../docs/examples.ts';
import type { Parameters, Template } from './template.ts';

const example = (...names: string[]): Parameters =>
  Object.fromEntries(names.map((name) => [name, EXAMPLES[name] ?? '']));

const REGISTRIES = [
  'cloudmap',
  'consul',
  'eureka',
  'cloudmap,consul',
  'cloudmap,eureka',
  'consul,eureka',
  'cloudmap,consul,eureka',
];
const NAMESPACES: readonly Parameters[] = [{}, example('namespace'), example('vpcId')];
const NETWORKS: readonly Parameters[] = [{}, example('subnetIds', 'securityGroupIds')];
const KEYS: readonly Parameters[] = [{}, example('kmsKeyArn')];
const ACCESS: readonly Parameters[] = [
  { resolveAccess: 'token' },
  { resolveAccess: 'iam', disableExecuteApiEndpoint: 'true' },
  { resolveAccess: 'open', resolver: 'function-only' },
  { resolver: 'off' },
];
/** What hangs together with nothing else: all of it, or nothing. */
const REST: readonly Parameters[] = [
  {},
  {
    ...example('owner', 'clusters', 'secretArns', 'parameterArns', 'secretKeyArns'),
    ...example('resolveSecretArns', 'resolveReservedConcurrency', 'resolveOriginSecret'),
    ...example('permissionsBoundary', 'rolePath', 'alarmTopicArn'),
    address: 'public',
    publishEvents: 'on',
    pageHistory: 'on',
    tracing: 'Active',
    dashboard: 'on',
  },
];

const SERVERS = example('consulHttpAddr', 'eurekaUrl');

/** Every choice that decides a condition of the template, beside every other of its kind. */
const CHOICES: readonly Parameters[] = REGISTRIES.flatMap((registries) =>
  NAMESPACES.flatMap((namespace) =>
    NETWORKS.flatMap((network) =>
      KEYS.flatMap((key) =>
        ACCESS.flatMap((access) =>
          REST.map((rest) => ({
            registries,
            ...SERVERS,
            ...namespace,
            ...network,
            ...key,
            ...access,
            ...rest,
          })),
        ),
      ),
    ),
  ),
);

/** All that lengthens roles and environments, as long as it is found in practice. */
const LONG: Parameters = {
  registries: 'cloudmap,consul,eureka',
  publishEvents: 'on',
  pageHistory: 'on',
  tracing: 'Active',
  dashboard: 'on',
  namespace: 'ns-e3b7x5examplens2a',
  address: 'public',
  subnetIds: 'subnet-0123456789abcdef0',
  securityGroupIds: 'sg-0123456789abcdef0',
  consulHttpAddr: [1, 2, 3].map((one) => `https://consul-${one}.platform.internal:8501`).join(),
  consulHttpToken:
    'secretsmanager:arn:aws:secretsmanager:eu-central-1:111122223333:secret:consul-Ab1Cd2:token',
  consulCacert: 'ssm:/platform/consul/ca.pem',
  consulClientCert: 'ssm:/platform/consul/client.pem',
  consulClientKey: 'ssm:/platform/consul/client-key.pem',
  eurekaUrl: [1, 2, 3].map((one) => `http://eureka-${one}.platform.internal:8761/eureka/`).join(),
  eurekaCacert: 'ssm:/platform/eureka/ca.pem',
  eurekaClientCert: 'ssm:/platform/eureka/client.pem',
  eurekaClientKey: 'ssm:/platform/eureka/client-key.pem',
  secretArns: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:consul-Ab1Cd2',
  parameterArns: ['consul', 'eureka']
    .flatMap((registry) => ['ca', 'client', 'client-key'].map((one) => `${registry}/${one}`))
    .map((one) => `arn:aws:ssm:eu-central-1:111122223333:parameter/platform/${one}.pem`)
    .join(),
  secretKeyArns: 'arn:aws:kms:eu-central-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321',
  kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
};

const listOf = (count: number, name: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => name(at)).join();
const named =
  (length: number, prefix = '') =>
  (at: number) =>
    prefix + `cluster${at}`.padEnd(length, '-');

/**
 * Forty names of thirty characters, and as many short ones, long ones and ARNs as the parameter
 * takes.
 */
const longest = (template: Template): readonly Parameters[] => {
  const most = Number(template.Parameters['clusters']?.['MaxLength']);
  const full = (name: (at: number) => string) =>
    listOf(Math.floor(most / (name(0).length + 1)), name);
  const arns = named(30, 'arn:aws:ecs:eu-central-1:111122223333:cluster/');
  return [listOf(40, named(30)), full(named(10)), full(named(60)), full(arns)].map((clusters) => ({
    ...LONG,
    clusters,
  }));
};

/** Where the stack is not called and does not lie as usual. */
const ELSEWHERE: readonly Parameters[] = [
  {
    'AWS::StackName':
      'StackSet-service-discovery-of-the-platform-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9',
  },
  { 'AWS::Partition': 'aws-us-gov', 'AWS::Region': 'us-gov-west-1' },
  { 'AWS::Partition': 'aws-cn', 'AWS::Region': 'cn-north-1', 'AWS::URLSuffix': 'amazonaws.com.cn' },
];

/** Under all of these the stack is to be one that AWS takes. */
export const parameterSets = (template: Template): readonly Parameters[] => [
  ...CHOICES,
  ...longest(template),
  ...ELSEWHERE.map((place) => ({ ...CHOICES.at(-1), ...place })),
];
