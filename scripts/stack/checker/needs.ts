import type { Made, Stack } from '../resolve.ts';
import { at, type Json, list } from '../template.ts';
import { type Context, fits, holds, type Statement, statementsOf, texts } from './statements.ts';

/** A right without which a resource cannot do its work, or is not even made. */
export interface Need {
  /** Logical id of what needs it. */
  readonly resource: string;
  /** A role as IAM calls it, or the service in whose name it is done. */
  readonly by: string;
  readonly action: string;
  /** The ARN that it is done to; `*` for anything. */
  readonly on: string;
}

/** What AWS itself does for the resources of a stack, with whose right. */
export const needsOf = (stack: Stack): readonly Need[] =>
  Object.entries(stack.resources).flatMap(([resource, one]) =>
    (BY_TYPE[one.Type]?.(one, stack) ?? []).map((need) => ({ resource, ...need })),
  );

type Needed = Omit<Need, 'resource'>;

const RECEIVE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/** AWS Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC". */
const ATTACH = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeSubnets',
  'ec2:AssignPrivateIpAddresses',
];
const DETACH = [
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:UnassignPrivateIpAddresses',
];

/** Whether it is needed until the resource is gone or changed, and not when it is made alone. */
export const isLasting = ({ action }: Need): boolean => !ATTACH.includes(action);

/**
 * Whether it is needed for a while even then: Lambda deletes interfaces later, with the function's
 * role.
 */
export const isForTheEnd = ({ action }: Need): boolean => DETACH.includes(action);

const BY_TYPE: Readonly<Record<string, (one: Made, stack: Stack) => readonly Needed[]>> = {
  // Lambda checks both when it is asked: CreateFunction and CreateEventSourceMapping are refused.
  'AWS::Lambda::Function': ({ Properties }, stack) =>
    Properties['VpcConfig'] === undefined
      ? []
      : [...ATTACH, ...DETACH].map((action) => ({
          by: roleBehind(stack, Properties['Role']),
          action,
          on: '*',
        })),
  'AWS::Lambda::EventSourceMapping': ({ Properties }, stack) => {
    const by = roleBehind(
      stack,
      functionBehind(stack, Properties['FunctionName'])?.Properties['Role'],
    );
    const on = String(Properties['EventSourceArn']);
    const key = byArn(stack, on)?.Properties['KmsMasterKeyId'];
    return [
      ...RECEIVE.map((action) => ({ by, action, on })),
      ...(key === undefined ? [] : [{ by, action: 'kms:Decrypt', on: String(key) }]),
    ];
  },
  // What no target takes is lost, unless the dead-letter queue takes it.
  'AWS::Events::Rule': ({ Properties }, stack) =>
    list(Properties['Targets'])
      .flatMap((target) => [at(target, 'Arn'), ...list(at(target, 'DeadLetterConfig', 'Arn'))])
      .flatMap((target) => deliveries(stack, 'events.amazonaws.com', target)),
  'AWS::CloudWatch::Alarm': ({ Properties }, stack) =>
    [...list(Properties['AlarmActions']), ...list(Properties['OKActions'])].flatMap((target) =>
      deliveries(stack, 'cloudwatch.amazonaws.com', target),
    ),
};

const DELIVERY: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'sqs:SendMessage',
  'AWS::SNS::Topic': 'sns:Publish',
  'AWS::Lambda::Function': 'lambda:InvokeFunction',
};

/** Only what the stack makes: who else is given, says himself whom he lets in. */
const deliveries = (stack: Stack, by: string, target: Json): readonly Needed[] => {
  const action = DELIVERY[byArn(stack, target)?.Type ?? ''];
  return action === undefined ? [] : [{ by, action, on: String(target) }];
};

const all = ({ resources }: Stack) => Object.values(resources);
const byArn = (stack: Stack, arn: Json) =>
  all(stack).find((one) => one.arn !== '' && one.arn === arn);
const functionBehind = (stack: Stack, name: Json) =>
  all(stack).find(
    ({ Type, ref, arn }) => Type === 'AWS::Lambda::Function' && (ref === name || arn === name),
  );
const roleBehind = (stack: Stack, arn: Json): string => byArn(stack, arn)?.ref ?? String(arn);

/**
 * Logical ids of all that grants it; none where nothing does. What a Deny takes is not granted.
 */
export const grantersOf = (stack: Stack, need: Need): readonly string[] => {
  const about = statementsOf(stack).filter((one) => speaksOf(stack, one, need));
  if (about.some(({ effect }) => effect === 'Deny')) return [];
  const statements = about
    .filter(({ effect }) => effect === 'Allow')
    .map(({ resource }) => resource);
  const permissions = Object.entries(stack.resources)
    .filter(([, one]) => isPermission(stack, one, need))
    .map(([name]) => name);
  return [...new Set([...statements, ...permissions])];
};

/** What a role's own policies ask of a request besides, AWS is taken to do when it comes to it. */
const speaksOf = (stack: Stack, one: Statement, need: Need): boolean =>
  (one.roles.includes(need.by) || isMeant(one.principal, need.by)) &&
  one.actions.some((pattern) => fits(need.action, pattern)) &&
  one.resources.some((pattern) => fits(need.on, pattern)) &&
  ((one.roles.length > 0 && one.effect === 'Allow') ||
    one.conditions.every((each) => holds(each, contextOf(stack, need))));

const isMeant = (principal: Json, by: string) =>
  principal === '*' || texts(at(principal, 'Service')).includes(by);

/** What a service says of the resource in whose name it comes, and a role of itself. */
const contextOf = ({ resources }: Stack, { resource, by }: Need): Context => {
  const role = Object.values(resources).find(
    ({ Type, ref }) => Type === 'AWS::IAM::Role' && ref === by,
  );
  if (role) return { 'aws:PrincipalArn': role.arn };
  const arn = resources[resource]?.arn ?? '';
  return { 'aws:SourceArn': arn, 'aws:SourceAccount': arn.split(':')[4] ?? '' };
};

/** Lambda's own form of a policy's statement. */
const isPermission = (
  stack: Stack,
  { Type, Properties }: Made,
  { resource, by, action, on }: Need,
): boolean => {
  if (Type !== 'AWS::Lambda::Permission') return false;
  const { Action, Principal, SourceArn, FunctionName } = Properties;
  const from = stack.resources[resource]?.arn ?? '';
  return (
    functionBehind(stack, FunctionName)?.arn === on &&
    Action === action &&
    Principal === by &&
    (SourceArn === undefined || fits(from, String(SourceArn)))
  );
};
