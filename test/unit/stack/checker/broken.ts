import type { RULES } from '../../../../scripts/stack/checker/check.ts';
import type { JsonObject } from '../../../../scripts/stack/template.ts';

/** Resources that a rule finds fault with, what it says, and the same without the fault. */
export interface Broken {
  readonly rule: keyof typeof RULES;
  readonly about: string;
  readonly resources: Resources;
  readonly finding: RegExp;
  readonly mended: Resources;
}

type Resources = Readonly<Record<string, JsonObject>>;

const arnOf = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });

const queue = (Properties: JsonObject = {}) => ({ Type: 'AWS::SQS::Queue', Properties });

const SEND = {
  Effect: 'Allow',
  Principal: { Service: 'events.amazonaws.com' },
  Action: 'sqs:SendMessage',
};

const queuePolicy = (queues: readonly string[], ...statements: readonly JsonObject[]) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: queues.map((Ref) => ({ Ref })),
    PolicyDocument: { Version: '2012-10-17', Statement: statements },
  },
});

const sendTo = (...names: readonly string[]) => ({ ...SEND, Resource: names.map(arnOf) });

const rule = (more: JsonObject = {}, properties: JsonObject = {}) => ({
  Type: 'AWS::Events::Rule',
  ...more,
  Properties: {
    EventPattern: { source: ['aws.ecs'] },
    Targets: [{ Id: 'a', Arn: arnOf('A') }],
    ...properties,
  },
});

const statement = (Action: string, Resource: string | JsonObject, more: JsonObject = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

const role = (...statements: readonly JsonObject[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {},
    Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: statements } }],
  },
});

const policy = (...statements: readonly JsonObject[]) => ({
  Type: 'AWS::IAM::Policy',
  Properties: {
    PolicyName: 'p',
    Roles: [{ Ref: 'Role' }],
    PolicyDocument: { Statement: statements },
  },
});

const lambda = (more: JsonObject = {}, properties: JsonObject = {}) => ({
  Type: 'AWS::Lambda::Function',
  ...more,
  Properties: { FunctionName: 'f', Role: arnOf('Role'), ...properties },
});

const mapping = (more: JsonObject = {}) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  ...more,
  Properties: { EventSourceArn: arnOf('A'), FunctionName: arnOf('Function') },
});

const receive = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'].map(
  (action) => statement(action, arnOf('A')),
);

const attach = [
  'CreateNetworkInterface',
  'DescribeNetworkInterfaces',
  'DescribeSubnets',
  'DeleteNetworkInterface',
  'AssignPrivateIpAddresses',
  'UnassignPrivateIpAddresses',
].map((action) => statement(`ec2:${action}`, '*'));

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1';
const inVpc = { VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] } };

const alarm = (more: JsonObject = {}) => ({
  Type: 'AWS::CloudWatch::Alarm',
  ...more,
  Properties: { AlarmActions: [{ Ref: 'Topic' }] },
});
const topic = { Type: 'AWS::SNS::Topic', Properties: {} };
const topicPolicy = {
  Type: 'AWS::SNS::TopicPolicy',
  Properties: {
    Topics: [{ Ref: 'Topic' }],
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: { Ref: 'Topic' },
        },
      ],
    },
  },
};

const invoke = (SourceArn: JsonObject | string) => ({
  Type: 'AWS::Lambda::Permission',
  Properties: {
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    FunctionName: arnOf('Function'),
    SourceArn,
  },
});
const RULE_R = 'arn:aws:events:eu-central-1:111122223333:rule/r';
const schedule = (more: JsonObject = {}) =>
  rule(more, { Name: 'r', Targets: [{ Id: 'a', Arn: arnOf('Function') }] });

const parameter = (properties: JsonObject) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name: '/rollcall/summary', Type: 'String', Value: '{}', ...properties },
});

const register = statement(
  'servicediscovery:RegisterInstance',
  'arn:aws:servicediscovery:eu-central-1:111122223333:service/*',
);

export const BROKEN: readonly Broken[] = [
  {
    rule: 'queuePolicies',
    about: 'one policy for two queues, with both in one statement',
    resources: { A: queue(), B: queue(), Policy: queuePolicy(['A', 'B'], sendTo('A', 'B')) },
    finding: /statement on 2 resources/,
    mended: {
      A: queue(),
      B: queue(),
      Policy: queuePolicy(['A'], sendTo('A')),
      Other: queuePolicy(['B'], sendTo('B')),
    },
  },
  {
    rule: 'queuePolicies',
    about: 'a statement on another queue',
    resources: { A: queue(), B: queue(), Policy: queuePolicy(['A'], sendTo('B')) },
    finding: /on something else than/,
    mended: { A: queue(), B: queue(), Policy: queuePolicy(['A'], sendTo('A')) },
  },
  {
    rule: 'queuePolicies',
    about: 'two policies of one queue',
    resources: {
      A: queue(),
      One: queuePolicy(['A'], sendTo('A')),
      Two: queuePolicy(['A'], sendTo('A')),
    },
    finding: /not the only policy/,
    mended: { A: queue(), One: queuePolicy(['A'], sendTo('A')) },
  },
  {
    rule: 'queuePolicySizes',
    about: 'more statements than SQS takes',
    resources: { A: queue(), Policy: queuePolicy(['A'], ...Array(21).fill(sendTo('A'))) },
    finding: /21 statements: AWS takes 20/,
    mended: { A: queue(), Policy: queuePolicy(['A'], ...Array(20).fill(sendTo('A'))) },
  },
  {
    rule: 'rightsFirst',
    about: 'a rule before its queue lets it send',
    resources: { A: queue(), Policy: queuePolicy(['A'], sendTo('A')), Rule: rule() },
    finding: /^Rule: may be made before Policy/,
    mended: {
      A: queue(),
      Policy: queuePolicy(['A'], sendTo('A')),
      Rule: rule({ DependsOn: 'Policy' }),
    },
  },
  {
    rule: 'rightsFirst',
    about: 'a queue that lets in another rule',
    resources: {
      A: queue(),
      Policy: queuePolicy(['A'], {
        ...sendTo('A'),
        Condition: { ArnEquals: { 'aws:SourceArn': `${RULE_R}-of-another` } },
      }),
      Rule: rule({ DependsOn: 'Policy' }, { Name: 'r' }),
    },
    finding: /nothing grants events.amazonaws.com sqs:SendMessage/,
    mended: {
      A: queue(),
      Policy: queuePolicy(['A'], {
        ...sendTo('A'),
        Condition: { ArnLike: { 'aws:SourceArn': RULE_R } },
      }),
      Rule: rule({ DependsOn: 'Policy' }, { Name: 'r' }),
    },
  },
  {
    rule: 'rightsFirst',
    about: 'a dead-letter queue that lets nobody send',
    resources: {
      A: queue(),
      B: queue(),
      Policy: queuePolicy(['A'], sendTo('A')),
      Rule: rule(
        { DependsOn: 'Policy' },
        { Targets: [{ Id: 'a', Arn: arnOf('A'), DeadLetterConfig: { Arn: arnOf('B') } }] },
      ),
    },
    finding: /nothing grants .*-B-/,
    mended: {
      A: queue(),
      B: queue(),
      Policy: queuePolicy(['A'], sendTo('A')),
      Other: queuePolicy(['B'], sendTo('B')),
      Rule: rule(
        { DependsOn: ['Policy', 'Other'] },
        { Targets: [{ Id: 'a', Arn: arnOf('A'), DeadLetterConfig: { Arn: arnOf('B') } }] },
      ),
    },
  },
  {
    rule: 'rightsFirst',
    about: 'a rule before the permission to invoke its function',
    resources: {
      Role: role(),
      Function: lambda(),
      Permission: invoke(arnOf('Rule')),
      Rule: schedule(),
    },
    finding: /^Rule: may be made before Permission/,
    mended: {
      Role: role(),
      Function: lambda(),
      Permission: invoke(RULE_R),
      Rule: schedule({ DependsOn: 'Permission' }),
    },
  },
  {
    rule: 'rightsFirst',
    about: 'an alarm before its topic lets it publish',
    resources: { Topic: topic, Policy: topicPolicy, Alarm: alarm() },
    finding: /^Alarm: may be made before Policy/,
    mended: { Topic: topic, Policy: topicPolicy, Alarm: alarm({ DependsOn: 'Policy' }) },
  },
  {
    rule: 'rightsFirst',
    about: 'an event source mapping before its role may receive',
    resources: {
      A: queue(),
      Role: role(),
      Policy: policy(...receive),
      Function: lambda(),
      Mapping: mapping(),
    },
    finding: /^Mapping: may be made before Policy.*sqs:ReceiveMessage/,
    mended: {
      A: queue(),
      Role: role(),
      Policy: policy(...receive),
      Function: lambda(),
      Mapping: mapping({ DependsOn: 'Policy' }),
    },
  },
  {
    rule: 'rightsFirst',
    about: 'an event source mapping of an encrypted queue whose role may not decrypt',
    resources: {
      A: queue({ KmsMasterKeyId: KEY }),
      Role: role(...receive),
      Function: lambda(),
      Mapping: mapping(),
    },
    finding: /^Mapping: nothing grants .* kms:Decrypt/,
    mended: {
      A: queue({ KmsMasterKeyId: KEY }),
      Role: role(...receive, statement('kms:Decrypt', KEY)),
      Function: lambda(),
      Mapping: mapping(),
    },
  },
  {
    rule: 'rightsFirst',
    about: 'a function in a VPC before its role may make interfaces',
    resources: { Role: role(), Policy: policy(...attach), Function: lambda({}, inVpc) },
    finding: /^Function: may be made before Policy.*ec2:CreateNetworkInterface/,
    mended: {
      Role: role(),
      Policy: policy(...attach),
      Function: lambda({ DependsOn: 'Policy' }, inVpc),
    },
  },
  {
    rule: 'rightsFirst',
    about: 'a function in a VPC whose role is denied interfaces',
    resources: {
      Role: role(...attach, { Effect: 'Deny', Action: 'ec2:*', Resource: '*' }),
      Function: lambda({}, inVpc),
    },
    finding: /^Function: nothing grants/,
    mended: { Role: role(...attach), Function: lambda({}, inVpc) },
  },
  {
    rule: 'functionsAfterRights',
    about: 'a function before a policy of its role',
    resources: {
      Role: role(),
      Policy: policy(statement('ecs:ListClusters', '*')),
      Function: lambda(),
    },
    finding: /^Function: may run before Policy/,
    mended: {
      Role: role(),
      Policy: policy(statement('ecs:ListClusters', '*')),
      Function: lambda({ Metadata: { Rights: { Ref: 'Policy' } } }),
    },
  },
  {
    rule: 'cloudMapInCallersName',
    about: 'a role that registers in DNS without the rights of Route 53',
    resources: { Role: role(register) },
    finding: /not route53:ChangeResourceRecordSets/,
    mended: {
      Role: role(register),
      Namespace: { Type: 'AWS::ServiceDiscovery::HttpNamespace', Properties: { Name: 'n' } },
    },
  },
  ...(
    [
      ['an action that is not', statement('ecs:DescribeTask', '*'), /knows no such action/],
      [
        'a resource where IAM knows none',
        statement('ecs:ListClusters', 'arn:aws:ecs:eu-central-1:111122223333:cluster/shop'),
        /ecs:ListClusters takes none of/,
      ],
      [
        'a resource of another kind',
        statement('ecs:DescribeClusters', 'arn:aws:sqs:eu-central-1:111122223333:a'),
        /no action of its statement takes arn:aws:sqs/,
      ],
      [
        'a condition that the action does not know',
        statement('ecs:ListClusters', '*', {
          Condition: { StringLike: { 'ecs:cluster': 'shop' } },
        }),
        /knows no condition ecs:cluster/,
      ],
    ] as const
  ).map(
    ([about, fault, finding]): Broken => ({
      rule: 'knownToIam',
      about,
      resources: { Role: role(fault) },
      finding,
      mended: { Role: role(statement('ecs:ListClusters', '*')) },
    }),
  ),
  {
    rule: 'propertyLimits',
    about: 'a description that is too long',
    resources: { Role: role(), Function: lambda({}, { Description: 'a'.repeat(257) }) },
    finding: /Description: has 257 characters/,
    mended: { Role: role(), Function: lambda({}, { Description: 'a'.repeat(256) }) },
  },
  {
    rule: 'propertyLimits',
    about: 'a number out of range',
    resources: { A: queue({ VisibilityTimeout: 43_201 }) },
    finding: /43201 is not within/,
    mended: { A: queue({ VisibilityTimeout: 43_200 }) },
  },
  {
    rule: 'propertyLimits',
    about: 'a name of other letters than its service takes',
    resources: { Rule: rule({}, { Name: 'a:b' }), A: queue() },
    finding: /Name: "a:b" does not fit/,
    mended: { Rule: rule({}, { Name: 'a-b' }), A: queue() },
  },
  {
    rule: 'propertyLimits',
    about: 'more than a list takes',
    resources: {
      Rule: rule({}, { Targets: Array(6).fill({ Id: 'a', Arn: arnOf('A') }) }),
      A: queue(),
    },
    finding: /Targets: has 6 entries/,
    mended: {
      Rule: rule({}, { Targets: Array(5).fill({ Id: 'a', Arn: arnOf('A') }) }),
      A: queue(),
    },
  },
  {
    rule: 'propertyLimits',
    about: 'a type of which nothing is known',
    resources: { A: { Type: 'AWS::Pipes::Pipe', Properties: {} } },
    finding: /nothing is known of this type/,
    mended: {},
  },
  ...(
    [
      [
        'inline policies of a role that are too long together',
        {
          Role: role(statement('ecs:ListClusters', 'a'.repeat(6_000))),
          Policy: policy(statement('ecs:ListClusters', 'a'.repeat(5_000))),
        },
        /^Role: inline: \d+, and AWS takes 10240/,
      ],
      [
        'a managed policy that is too long',
        {
          Managed: {
            Type: 'AWS::IAM::ManagedPolicy',
            Properties: {
              PolicyDocument: { Statement: [statement('ecs:ListClusters', 'a'.repeat(6_144))] },
            },
          },
        },
        /^Managed: managed/,
      ],
      [
        'an environment that is too large',
        {
          Role: role(),
          Function: lambda({}, { Environment: { Variables: { A: 'a'.repeat(4_096) } } }),
        },
        /^Function: environment/,
      ],
      [
        'an event pattern that is too long',
        { A: queue(), Rule: rule({}, { EventPattern: { source: ['a'.repeat(2_048)] } }) },
        /^Rule: pattern/,
      ],
      [
        'a value that a parameter cannot hold',
        { A: parameter({ Value: 'a'.repeat(4_097) }) },
        /^A: value/,
      ],
    ] as const
  ).map(
    ([about, resources, finding]): Broken => ({
      rule: 'sizes',
      about,
      resources,
      finding,
      mended: { Role: role(), Function: lambda(), A: parameter({ Value: 'a'.repeat(4_096) }) },
    }),
  ),
  {
    rule: 'reservedValues',
    about: 'a parameter with {{ in its value',
    resources: { A: parameter({ Value: '{"label":"{{x}}"}' }) },
    finding: /holds \{\{/,
    mended: { A: parameter({ Value: '{"label":"{ {x} }"}' }) },
  },
  {
    rule: 'reservedValues',
    about: 'a parameter with a name of AWS’s own',
    resources: { A: parameter({ Name: '/aws/rollcall' }) },
    finding: /name that AWS keeps/,
    mended: { A: parameter({}) },
  },
  {
    rule: 'reservedValues',
    about: 'a queue with a key that keeps SQS’s own encryption',
    resources: { A: queue({ KmsMasterKeyId: KEY }) },
    finding: /does not say that SqsManagedSseEnabled is false/,
    mended: { A: queue({ KmsMasterKeyId: KEY, SqsManagedSseEnabled: false }) },
  },
];
