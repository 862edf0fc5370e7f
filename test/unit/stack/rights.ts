import { takesNoResource } from '../../../scripts/stack/checker/iam.ts';
import {
  at,
  type Json,
  list,
  ofType,
  type Template,
  text,
} from '../../../scripts/stack/template.ts';

/** One action on one resource. */
export interface Right {
  readonly role: string;
  readonly effect: string;
  readonly action: string;
  readonly resource: string;
  readonly condition: Json;
}

/**
 * Every right of every role, whether it stands in the role itself or in a policy attached to it.
 */
export const rightsOf = (template: Template): Right[] => {
  const own = ofType(template, 'AWS::IAM::Role').flatMap(([role, { Properties }]) => [
    ...list(Properties['Policies']).map((policy) => ({
      role,
      document: at(policy, 'PolicyDocument'),
    })),
    ...list(Properties['ManagedPolicyArns']).map((policy) => ({
      role,
      document: template.Resources[String(at(policy, 'Ref'))]?.Properties['PolicyDocument'],
    })),
  ]);
  const attached = ofType(template, 'AWS::IAM::Policy').flatMap(([, { Properties }]) =>
    list(Properties['Roles']).map((role) => ({
      role: String(at(role, 'Ref')),
      document: Properties['PolicyDocument'],
    })),
  );
  return [...own, ...attached].flatMap(({ role, document }) =>
    list(at(document, 'Statement')).flatMap((statement) => rightsIn(statement, role)),
  );
};

const rightsIn = (statement: Json, role: string): Right[] =>
  list(at(statement, 'Action')).flatMap((action) =>
    list(at(statement, 'Resource')).map((resource) => ({
      role,
      effect: text(at(statement, 'Effect')),
      action: text(action),
      resource: text(resource),
      condition: at(statement, 'Condition'),
    })),
  );

/** Without a resource of their own, but bound by a condition. */
const WITH_CONDITION = new Map([
  ['ecs:ListTasks', 'ecs:cluster'],
  ['ecs:ListServices', 'ecs:cluster'],
  ['servicediscovery:TagResource', 'aws:TagKeys'],
]);

/** Lambda's own need for a function in a VPC; a Deny keeps the function's code from them. */
const NETWORK = new Set([
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]);

/** ARNs that end in `*`: what these name comes and goes while the stack stays. */
const PATTERNS = [
  /^arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:(cluster|task|container-instance|service)\/\*$/,
  /^arn:<AWS::Partition>:servicediscovery:<AWS::Region>:<AWS::AccountId>:(service|namespace)\/\*$/,
  /^arn:<AWS::Partition>:route53:::(hostedzone|healthcheck)\/\*$/,
];

/** A key may guard other things too: by way of the services alone that store what is read. */
const VIA = 'kms:ViaService';

const hasCondition = ({ condition }: Right, key: string) =>
  JSON.stringify(condition ?? {}).includes(`"${key}"`);

/** What is wider than it need be; empty for a template that asks for no more than it uses. */
export const tooWide = (template: Template): string[] => {
  const rights = rightsOf(template);
  const isDenied = ({ role, action }: Right) =>
    rights.some((one) => one.effect === 'Deny' && one.role === role && one.action === action);
  const isFine = (right: Right) => {
    const { action, resource } = right;
    if (action.includes('*')) return false;
    if (action.startsWith('kms:')) return hasCondition(right, VIA);
    if (!resource.includes('*')) return true;
    if (resource !== '*') return PATTERNS.some((pattern) => pattern.test(resource));
    const key = WITH_CONDITION.get(action);
    if (key) return hasCondition(right, key);
    return takesNoResource(action) || (NETWORK.has(action) && isDenied(right));
  };
  return rights
    .filter((right) => right.effect === 'Allow' && !isFine(right))
    .map(({ role, action, resource }) => `${role}: ${action} on ${resource}`);
};
