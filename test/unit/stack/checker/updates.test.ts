import { beforeAll, describe, expect, it } from 'vitest';
import { check } from '../../../../scripts/stack/checker/check.ts';
import { packageStack } from '../../../../scripts/stack/package-stack.ts';
import type { Resource, Template } from '../../../../scripts/stack/template.ts';
import { FLIPS, otherFlips } from '../../../../scripts/stack/updates/flips.ts';
import { judge, losses } from '../../../../scripts/stack/updates/judge.ts';
import { updateOf } from '../../../../scripts/stack/updates/update.ts';

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

describe.each(FLIPS)('$change', ({ from, to, loses = [], breaks = [], procedure }) => {
  it('changes something, into a stack that AWS takes', () => {
    const { changes, next } = updateOf(template, from, to);
    expect(changes.size).toBeGreaterThan(0);
    expect(check(next)).toEqual([]);
  });

  it('takes no right from what still needs it and no name twice, but for what its procedure is about', () => {
    const found = judge(updateOf(template, from, to));
    expect(found.filter((one) => !breaks.some((start) => one.startsWith(start)))).toEqual([]);
    expect(breaks.filter((start) => !found.some((one) => one.startsWith(start)))).toEqual([]);
  });

  it('deletes or replaces nothing that holds something, but for what its procedure is about', () => {
    expect(losses(updateOf(template, from, to)).toSorted()).toEqual(loses.toSorted());
    if (loses.length + breaks.length > 0) expect(procedure?.length).toBeGreaterThan(40);
  });
});

it('every parameter is told of, those too that all changes have given', () => {
  const told = [...FLIPS, ...otherFlips(template)].flatMap(
    ({ change }) => change.match(/\w+/g) ?? [],
  );
  expect(Object.keys(template.Parameters).filter((name) => !told.includes(name))).toEqual([]);
});

it('every other parameter changes what is there in place, and policies and a dashboard come and go with it', () => {
  const flips = otherFlips(template);
  expect(flips.length).toBeGreaterThan(15);
  for (const { change, from, to } of flips) {
    const update = updateOf(template, from, to);
    expect([change, judge(update), losses(update)]).toEqual([change, [], []]);
    const kinds = [...update.changes].filter(([name]) => {
      const { Type = '' } = update.next.resources[name] ?? update.old.resources[name] ?? {};
      return !/^AWS::(IAM::(Managed)?Policy|CloudWatch::Dashboard)$/.test(Type);
    });
    expect([change, kinds.filter(([, kind]) => kind !== 'changed')]).toEqual([change, []]);
  }
});

describe('an update', () => {
  /** One that a parameter decides: on or off. */
  const switched = (resources: object): Template => ({
    Description: '',
    Parameters: { on: { Default: '' } },
    Conditions: { On: { 'Fn::Equals': [{ Ref: 'on' }, 'yes'] } },
    Rules: {},
    Outputs: {},
    Resources: resources as Readonly<Record<string, Resource>>,
  });
  const turnedOff = (resources: object) => updateOf(switched(resources), { on: 'yes' }, {});
  const ifOn = (value: unknown) => ({ 'Fn::If': ['On', value, { Ref: 'AWS::NoValue' }] });
  const network = (Condition?: string) => ({
    Type: 'AWS::IAM::ManagedPolicy',
    ...(Condition ? { Condition } : {}),
    Properties: {
      PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'ec2:*', Resource: '*' }] },
    },
  });
  const role = (policy: unknown) => ({
    Type: 'AWS::IAM::Role',
    Properties: { AssumeRolePolicyDocument: {}, ManagedPolicyArns: [policy] },
  });
  const inVpc = {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'f',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      VpcConfig: ifOn({ SubnetIds: ['subnet-1'] }),
    },
  };

  it('is found that takes the right to interfaces from a function that is still in its subnets', () => {
    const resources = {
      Network: network('On'),
      Role: role(ifOn({ Ref: 'Network' })),
      Function: inVpc,
    };
    const found = judge(turnedOff(resources));
    expect(found).toContainEqual(
      expect.stringMatching(/^Function: loses .*ec2:DeleteNetworkInterface/),
    );
    expect(found).toContainEqual(
      expect.stringMatching(/^Function: has no longer .*ec2:DeleteNetworkInterface/),
    );
    expect(
      judge(turnedOff({ Network: network(), Role: role({ Ref: 'Network' }), Function: inVpc })),
    ).toEqual([]);
  });

  it('is found that replaces what has a name of its own', () => {
    const namespace = (Name: unknown) => ({
      Type: 'AWS::ServiceDiscovery::PrivateDnsNamespace',
      Properties: { Name, Vpc: { 'Fn::If': ['On', 'vpc-1', 'vpc-2'] } },
    });
    const found = turnedOff({ Namespace: namespace('n') });
    expect(judge(found)).toEqual([
      expect.stringMatching(/^Namespace: is made while .* n still stands/),
    ]);
    expect(losses(found)).toEqual(['Namespace']);
    expect(judge(turnedOff({ Namespace: namespace({ 'Fn::If': ['On', 'n', 'm'] }) }))).toEqual([]);
  });

  it('replaces only what cannot be changed, and then changes what refers to it', () => {
    const resources = (property: string) => ({
      A: { Type: 'AWS::SQS::Queue', Properties: { [property]: ifOn('a') } },
      B: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: { Queues: [{ Ref: 'A' }], PolicyDocument: { Statement: [] } },
      },
    });
    expect([...turnedOff(resources('QueueName')).changes]).toEqual([
      ['A', 'replaced'],
      ['B', 'changed'],
    ]);
    expect([...turnedOff(resources('DelaySeconds')).changes]).toEqual([['A', 'changed']]);
  });

  it('deletes a policy before what needs it, unless that refers to it', () => {
    const deleted = (DependsOn?: string) => ({
      Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
      Policy: {
        Type: 'AWS::SQS::QueuePolicy',
        Condition: 'On',
        Properties: {
          Queues: [{ Ref: 'Queue' }],
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'events.amazonaws.com' },
                Action: 'sqs:SendMessage',
                Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
              },
            ],
          },
        },
      },
      Rule: {
        Type: 'AWS::Events::Rule',
        Condition: 'On',
        ...(DependsOn ? { DependsOn } : {}),
        Properties: { Targets: [{ Id: 'a', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }] },
      },
    });
    expect(judge(turnedOff(deleted()))).toEqual([
      expect.stringMatching(/^Rule: loses .*sqs:SendMessage/),
    ]);
    expect(judge(turnedOff(deleted('Policy')))).toEqual([]);
  });
});
