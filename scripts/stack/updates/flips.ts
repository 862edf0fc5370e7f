import { EXAMPLES } from '../../docs/examples.ts';
import type { Parameters, Template } from '../template.ts';

/** A change of parameters that does more than change functions in place, or that people fear it might. */
export interface Flip {
  /** As the documentation calls it, in Markdown. */
  readonly change: string;
  readonly from: Parameters;
  readonly to: Parameters;
  /** Logical ids of what is deleted or replaced though it holds something. */
  readonly loses?: readonly string[];
  /** What the update breaks unless the procedure is kept, as `judge` says it: resource and first words. */
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
const MOVE = `All is registered anew in the other namespace; purge before, or the records in the former stay and go stale. It is deleted last, and only if it has no services; else it is ${LEFT_BEHIND}`;
const BOTH_MAPPINGS = ['OnTaskEventEventSourceMappingSQSEventQueue', 'RenewEventSourceMappingSQSRenewQueue'];
const OLD_KEY =
  "Messages sent before lie under the old key, and the functions that receive them lose the right to it. So before: let that key's own policy allow `kms:Decrypt` to the roles of on-task-event and renew (`aws lambda get-function-configuration --function-name … --query Role`). Take that back a quarter of an hour later, when the queues have emptied. Logs and dead letters stay under the old key: keep it for as long as they are kept. Who deploys needs both keys, since the token is encrypted anew";

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
      'Do not: both namespaces would have one name, and the update is rolled back. Install a second stage instead',
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
    procedure: `All is registered anew in the stack's own; purge before. One that was ${LEFT_BEHIND} is in the way`,
  },
  {
    change: '`registries`: without cloudmap',
    from: { ...ALL, registries: 'cloudmap,consul' },
    to: { ...ALL, registries: 'consul' },
    loses: ['HttpNamespace'],
    procedure: `Purge before, or its records stay and go stale. The namespace is deleted only if it has no services; else it is ${LEFT_BEHIND}`,
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
    procedure: 'Purge before, or its records stay and go stale',
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
    loses: ['RenewLogGroup', 'RenewQueue'],
    procedure:
      'Purge before, or clients find its records until their leases end three minutes later. The log of renew goes; its queue holds nothing but reminders',
  },
  {
    change: '`registries`: eureka again',
    from: { ...ALL, registries: 'cloudmap,consul' },
    to: ALL,
    procedure: 'Filled in the next round',
  },
  {
    change: '`subnetIds` and `securityGroupIds`: given',
    from: ALL,
    to: { ...ALL, ...NETWORK },
    procedure:
      'See first that [the subnets reach AWS and the registries](networking.md). Lambda makes the interfaces while it changes each function: minutes',
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
      'Before: [the key must admit EventBridge and CloudWatch Logs](configuration.md#functions-and-operation), or events are lost. SQS may take a minute to use it',
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
    breaks: ['loses', 'has no longer'].flatMap((what) => BOTH_MAPPINGS.map((name) => `${name}: ${what}`)),
    procedure: 'As when it is taken away, and what the new key must admit as when it is given',
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
    procedure: 'The former records are nobody’s then: purge before',
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
    procedure:
      'Of clusters that are left out records stay and go stale: [purge before](operations.md#changing-parameters)',
  },
];

/** Parameters that no flip is about, each from its default to another value that the template takes. */
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
