import { EXAMPLES } from '../../docs/examples.ts';
import type { Parameters, Template } from '../template.ts';

/**
 * A change of parameters that does more than change functions in place, or that people fear it
 * might.
 */
export interface Flip {
  /** As the documentation calls it, in Markdown. */
  readonly change: string;
  readonly from: Parameters;
  readonly to: Parameters;
  /** Logical ids of what is deleted or replaced though it holds something. */
  readonly loses?: readonly string[];
  /**
   * What the update breaks unless the procedure is kept, as `judge` says it: resource and first
   * words.
   */
  readonly breaks?: readonly string[];
  /** What to do, and when; needed where something is lost or broken. */
  readonly procedure?: string;
}

const example = (...names: readonly string[]): Parameters =>
  Object.fromEntries(names.map((name) => [name, EXAMPLES[name] ?? '']));

/** Every registry, so that everything is there that could be touched. */
const ALL: Parameters = {
  registries: 'cloudmap,consul,eureka',
  ...example('consulHttpAddr', 'eurekaUrl'),
};
const NETWORK = example('subnetIds', 'securityGroupIds');
const KEY = example('kmsKeyArn');
const VPC = example('vpcId');

const LEFT_BEHIND = '[left behind](operations.md#a-namespace-that-was-left-behind)';
const PURGE_BEFORE = '[purge before](operations.md#changing-parameters)';
const MOVE = `All is registered anew in the other namespace; ${PURGE_BEFORE}, with \`"registry":"cloudmap"\`, or the records in the former stay and go stale. It is deleted last, and only if it has no services; else it is ${LEFT_BEHIND}`;
const ONE_LESS = (registry: string) =>
  `${PURGE_BEFORE.replace('[p', '[P')}, with \`"registry":"${registry}"\``;
/** What a registry's new address means. */
const elsewhere = (registry: string, otherwise: string) =>
  `Where it leads to another catalogue all is registered anew there: ${PURGE_BEFORE}, with \`"registry":"${registry}"\`, ${otherwise}. A later purge does not see the former records. Another way to the same servers: nothing`;
const BOTH_MAPPINGS = [
  'OnTaskEventEventSourceMappingSQSEventQueue',
  'RenewEventSourceMappingSQSRenewQueue',
];
const OLD_KEY =
  "Messages sent before lie under the old key, and the functions that receive them lose the right to it. So before: let that key's own policy allow `kms:Decrypt` to the roles of on-task-event and renew (`aws lambda get-function-configuration --function-name … --query Role`). Take that back a quarter of an hour later, when the queues have emptied. Logs and dead letters stay under the old key: keep it for as long as they are kept. Whoever deploys needs both keys, since the token is encrypted anew";

export const FLIPS: readonly Flip[] = [
  {
    change: '`vpcId`: given',
    from: ALL,
    to: { ...ALL, ...VPC },
    loses: ['HttpNamespace'],
    procedure: MOVE,
  },
  {
    change: '`vpcId`: taken away',
    from: { ...ALL, ...VPC },
    to: ALL,
    loses: ['PrivateNamespace'],
    procedure: `${MOVE}. An HTTP namespace that the first change left behind is in the way: \`serverless deploy\` says so, and proposes to adopt it`,
  },
  {
    change: '`vpcId`: another',
    from: { ...ALL, ...VPC },
    to: { ...ALL, vpcId: 'vpc-1' },
    loses: ['PrivateNamespace'],
    breaks: ['PrivateNamespace: is made while'],
    procedure:
      'Install a second stage instead. Both namespaces would have one name at once, and AWS does not say whether Cloud Map admits that in different VPCs. If not, the update is rolled back; if so, the former VPC loses the names while clients there may still ask for them',
  },
  {
    change: '`namespace`: given',
    from: ALL,
    to: { ...ALL, ...example('namespace') },
    loses: ['HttpNamespace'],
    procedure: `${MOVE}. Where it is the stack's own that was left behind, given by its id, nothing moves`,
  },
  {
    change: '`namespace`: taken away',
    from: { ...ALL, ...example('namespace') },
    to: ALL,
    procedure: `All is registered anew in the stack's own; ${PURGE_BEFORE}, with \`"registry":"cloudmap"\`. One that was ${LEFT_BEHIND} is in the way`,
  },
  {
    change: '`registries`: without cloudmap',
    from: { ...ALL, registries: 'cloudmap,consul' },
    to: { ...ALL, registries: 'consul' },
    loses: ['HttpNamespace'],
    procedure: `${ONE_LESS('cloudmap')}, or its records stay and go stale. The namespace is deleted only if it has no services; else it is ${LEFT_BEHIND}`,
  },
  {
    change: '`registries`: cloudmap again',
    from: { ...ALL, registries: 'consul' },
    to: { ...ALL, registries: 'cloudmap,consul' },
    procedure: `Filled in the next round. A namespace that was ${LEFT_BEHIND} is in the way: \`serverless deploy\` says so, and proposes to adopt it`,
  },
  {
    change: '`registries`: without consul',
    from: ALL,
    to: { ...ALL, registries: 'cloudmap,eureka' },
    procedure: `${ONE_LESS('consul')}, or its records stay and go stale`,
  },
  {
    change: '`registries`: consul again',
    from: { ...ALL, registries: 'cloudmap,eureka' },
    to: ALL,
    procedure: 'Filled in the next round',
  },
  {
    change: '`registries`: without eureka',
    from: ALL,
    to: { ...ALL, registries: 'cloudmap,consul' },
    loses: ['RenewQueue'],
    procedure: `${ONE_LESS('eureka')}, or clients find its records until their leases end three minutes later. The queue of renew holds nothing but reminders`,
  },
  {
    change: '`registries`: eureka again',
    from: { ...ALL, registries: 'cloudmap,consul' },
    to: ALL,
    procedure: 'Filled in the next round',
  },
  {
    change: '`registries`: in another order',
    from: ALL,
    to: { ...ALL, registries: 'consul,cloudmap,eureka' },
    procedure:
      'Nothing. While `resolveFrom` is empty the resolver reads the first of them, so another one from then on',
  },
  {
    change: '`consulHttpAddr`: other servers',
    from: ALL,
    to: { ...ALL, consulHttpAddr: 'https://consul-3.internal:8501' },
    procedure: elsewhere('consul', 'or the records in the former stay and go stale'),
  },
  {
    change: '`consulNamespace`, `consulPartition`, `consulDatacenter`',
    from: ALL,
    to: { ...ALL, ...example('consulNamespace', 'consulPartition', 'consulDatacenter') },
    procedure: elsewhere('consul', 'or the records in the former stay and go stale'),
  },
  {
    change: '`eurekaUrl`: other servers',
    from: ALL,
    to: { ...ALL, eurekaUrl: 'http://eureka-3.internal:8761/eureka/' },
    procedure: elsewhere(
      'eureka',
      'or the records in the former stay until their leases end, three minutes later',
    ),
  },
  {
    change: '`subnetIds` and `securityGroupIds`: given',
    from: ALL,
    to: { ...ALL, ...NETWORK },
    procedure:
      'See first that [the subnets reach AWS and the registries](networking.md). Lambda makes the interfaces while it changes each function: minutes. IAM takes seconds to apply the new right; should Lambda refuse a function meanwhile ("The provided execution role does not have permissions to call CreateNetworkInterface on EC2"), the update is rolled back: deploy again',
  },
  {
    change: '`subnetIds` and `securityGroupIds`: taken away',
    from: { ...ALL, ...NETWORK },
    to: ALL,
    procedure:
      '[Lambda deletes the interfaces](networking.md#security-groups) some twenty minutes later or more; subnets and groups can be deleted only then. The roles keep the right to do so',
  },
  {
    change: '`subnetIds` and `securityGroupIds`: others',
    from: { ...ALL, ...NETWORK },
    to: { ...ALL, subnetIds: 'subnet-1', securityGroupIds: 'sg-1' },
    procedure: 'The same for the former ones',
  },
  {
    change: '`kmsKeyArn`: given',
    from: ALL,
    to: { ...ALL, ...KEY },
    procedure:
      'Before: [the key must admit EventBridge and CloudWatch Logs](configuration.md#functions-and-operation), or events are lost. SQS may take a minute to use it. The queues come under the key before the functions have their right to it: until then events wait for seconds to minutes, and none is lost',
  },
  {
    change: '`kmsKeyArn`: taken away',
    from: { ...ALL, ...KEY },
    to: ALL,
    breaks: BOTH_MAPPINGS.map((name) => `${name}: has no longer`),
    procedure: OLD_KEY,
  },
  {
    change: '`kmsKeyArn`: another',
    from: { ...ALL, ...KEY },
    to: { ...ALL, kmsKeyArn: EXAMPLES['secretKeyArns'] ?? '' },
    breaks: ['loses', 'has no longer'].flatMap((what) =>
      BOTH_MAPPINGS.map((name) => `${name}: ${what}`),
    ),
    procedure: 'As when it is taken away, and what the new key must admit as when it is given',
  },
  {
    change: '`resolver`: from http-api to function-only',
    from: ALL,
    to: { ...ALL, resolver: 'function-only' },
    procedure:
      'Clients find nothing at the address of the HTTP API any more, and the way back makes another address. What stands before the function then must speak payload format 2.0',
  },
  {
    change: '`resolver`: off',
    from: ALL,
    to: { ...ALL, resolver: 'off' },
    loses: ['ResolveToken'],
    procedure:
      'Nobody is answered any more, the page included. The token goes, and another is made on the way back. To keep its text, copy it before',
  },
  {
    change: '`resolver`: back to http-api',
    from: { ...ALL, resolver: 'off' },
    to: ALL,
    procedure: 'Another address and another token, which the outputs show',
  },
  {
    change: '`resolveAccess`: from token to iam',
    from: ALL,
    to: { ...ALL, resolveAccess: 'iam' },
    loses: ['ResolveToken'],
    breaks: ['HttpApiRouteDefault: lets everybody in'],
    procedure:
      'Clients that send the token are refused from then on; another token is made on the way back. To keep its text, copy it before. The function gives up its check before API Gateway begins with its own: for seconds everybody may ask. Where that must not be, stop the function for as long (`aws lambda put-function-concurrency --reserved-concurrent-executions 0 --function-name …`, and `delete-function-concurrency` afterwards)',
  },
  {
    change: '`resolveAccess`: from token to open',
    from: ALL,
    to: { ...ALL, resolveAccess: 'open' },
    loses: ['ResolveToken'],
    procedure: 'Clients may go on sending it; another token is made on the way back',
  },
  {
    change: '`resolveAccess`: back to token',
    from: { ...ALL, resolveAccess: 'iam' },
    to: ALL,
    procedure:
      'Another token, which [clients must have](operations.md#changing-parameters): the output ResolverToken prints it',
  },
  {
    change: '`alarmTopicArn`: given or taken away',
    from: ALL,
    to: { ...ALL, ...example('alarmTopicArn') },
  },
  {
    change: '`owner`',
    from: ALL,
    to: { ...ALL, ...example('owner') },
    procedure: `The former records are nobody’s then: ${PURGE_BEFORE}`,
  },
  {
    change: '`rolePath`',
    from: { ...ALL, ...NETWORK },
    to: { ...ALL, ...NETWORK, ...example('rolePath') },
    procedure:
      'Roles get other ARNs: change what names them beforehand (key policies, policies of an organisation). For seconds a function may run without a right, and fail; events wait, and the next round has it',
  },
  {
    change: '`permissionsBoundary`',
    from: ALL,
    to: { ...ALL, ...example('permissionsBoundary') },
    procedure: 'It must allow [all that the functions may do](permissions.md)',
  },
  {
    change: '`clusters`',
    from: ALL,
    to: { ...ALL, ...example('clusters') },
    procedure: `Of clusters that are left out records stay and go stale: ${PURGE_BEFORE}`,
  },
];

/**
 * Parameters that no flip is about, each from its default to another value that the template takes.
 */
export const otherFlips = (template: Template): readonly Flip[] => {
  const told = new Set(FLIPS.flatMap(({ from, to }) => Object.keys({ ...from, ...to })));
  return Object.entries(template.Parameters)
    .filter(([name]) => !told.has(name))
    .map(([name, { AllowedValues, Default }]) => {
      const values = Array.isArray(AllowedValues) ? AllowedValues.map(String) : [];
      const other =
        EXAMPLES[name] ?? values.findLast((one) => one !== Default) ?? String(Number(Default) + 1);
      return { change: name, from: ALL, to: { ...ALL, [name]: other } };
    });
};
