import { beforeAll, describe, expect, it } from 'vitest';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import {
  at,
  deployed,
  type Json,
  type JsonObject,
  list,
  ofType,
  type Parameters,
  type Template,
  text,
} from '../../../scripts/stack/template.ts';
import { DETAIL_TYPE, SOURCE } from '../../../shared/platform/publish.ts';
import { OWNER_TAG } from '../../../shared/registries/cloudmap/own-services.ts';
import { rightsOf, tooWide } from './rights.ts';

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

const EVERYTHING: Parameters = {
  registries: 'cloudmap,consul,eureka',
  vpcId: 'vpc-0123456789abcdef0',
  address: 'public',
  subnetIds: 'subnet-0123456789abcdef0',
  securityGroupIds: 'sg-0123456789abcdef0',
  secretArns: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:consul-AbCdEf',
  parameterArns: 'arn:aws:ssm:eu-west-1:123456789012:parameter/eureka',
  secretKeyArns: 'arn:aws:kms:eu-west-1:123456789012:key/2',
  kmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/1',
  permissionsBoundary: 'arn:aws:iam::123456789012:policy/edge',
  rolePath: '/platform/',
  clusters: 'shop,arn:aws:ecs:eu-west-1:123456789012:cluster/web',
  publishEvents: 'on',
  pageHistory: 'on',
  tracing: 'Active',
};

/** What Lambda does with a role for a function in a VPC. */
const NETWORK = /^ec2:(\w+NetworkInterfaces?|DescribeSubnets|\w+PrivateIpAddresses)$/;

const actionsOf = (given: Parameters, role: string) =>
  [
    ...new Set(
      rightsOf(deployed(template, given))
        .filter((right) => right.role === role && right.effect === 'Allow')
        .map(({ action }) => action),
    ),
  ].sort();

const mutated = (role: string, statement: JsonObject): Template => {
  const copy = structuredClone(deployed(template)) as {
    Resources: Record<string, { Properties: unknown }>;
  };
  const before = template.Resources[role]?.Properties;
  const document = { Version: '2012-10-17', Statement: [statement] };
  copy.Resources[role] = {
    ...copy.Resources[role],
    Properties: {
      ...before,
      ManagedPolicyArns: [],
      Policies: [{ PolicyName: 'added', PolicyDocument: document }],
    },
  };
  return copy as Template;
};

describe('every role', () => {
  it.each([
    ['nothing given', {}],
    ['everything given', EVERYTHING],
    ['a namespace given', { namespace: 'shop.internal' }],
  ])('asks for no more than it uses, with %s', (_, given) => {
    expect(tooWide(deployed(template, given))).toEqual([]);
  });

  it.each([
    ['every resource', { Action: 'sqs:SendMessage', Resource: '*' }],
    [
      'every action of a service',
      { Action: 'sqs:*', Resource: { 'Fn::GetAtt': ['EventQueue', 'Arn'] } },
    ],
    ['every action there is', { Action: '*', Resource: '*' }],
    [
      'a whole class of resources',
      { Action: 'ssm:GetParameter', Resource: 'arn:aws:ssm:eu-west-1:1:parameter/*' },
    ],
    ['a key, whatever for', { Action: 'kms:Decrypt', Resource: EVERYTHING['kmsKeyArn'] ?? '' }],
    ['tasks of every cluster', { Action: ['ecs:ListTasks'], Resource: ['*'] }],
    ['interfaces that no Deny takes back', { Action: 'ec2:CreateNetworkInterface', Resource: '*' }],
  ])('would be caught with a right to %s', (_, right) => {
    expect(tooWide(mutated('OnTaskEventRole', { Effect: 'Allow', ...right }))).toHaveLength(1);
  });

  it('belongs to one function, which Lambda alone assumes for it', () => {
    const functions = ofType(template, 'AWS::Lambda::Function');
    const roles = functions.map(([, { Properties }]) => at(Properties, 'Role', 'Fn::GetAtt', 0));
    expect([...new Set(roles)].sort()).toEqual(
      ofType(template, 'AWS::IAM::Role')
        .map(([name]) => name)
        .sort(),
    );
    expect(roles).toHaveLength(functions.length);
    for (const [, { Properties }] of ofType(template, 'AWS::IAM::Role'))
      expect(at(Properties, 'AssumeRolePolicyDocument', 'Statement')).toEqual([
        {
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action: 'sts:AssumeRole',
        },
      ]);
  });

  it('has the path and the boundary that were given, and neither otherwise', () => {
    for (const [, { Properties }] of ofType(deployed(template, EVERYTHING), 'AWS::IAM::Role'))
      expect(Properties).toMatchObject({
        Path: '/platform/',
        PermissionsBoundary: EVERYTHING['permissionsBoundary'],
      });
    for (const [, { Properties }] of ofType(deployed(template), 'AWS::IAM::Role')) {
      expect(Properties['Path']).toBe('/');
      expect(Properties).not.toHaveProperty('PermissionsBoundary');
    }
  });

  it('writes the stack’s log only', () => {
    const logs = rightsOf(template).filter(({ action }) => action.startsWith('logs:'));
    expect([...new Set(logs.map(({ resource }) => resource))]).toEqual(['<LogGroup.Arn>']);
    expect(new Set(logs.map(({ role }) => role)).size).toBe(6);
  });

  it('may make network interfaces only in a VPC, and delete them always: they outlive the parameter that brought them', () => {
    const ofInterfaces = (given: Parameters, role: string) =>
      actionsOf(given, role).filter((action) => NETWORK.test(action));
    const { subnetIds: _, securityGroupIds: __, ...outside } = EVERYTHING;
    for (const [role] of ofType(template, 'AWS::IAM::Role')) {
      expect(ofInterfaces({ ...outside, address: 'private' }, role)).toEqual([
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:UnassignPrivateIpAddresses',
      ]);
      expect(ofInterfaces(EVERYTHING, role)).toEqual([
        'ec2:AssignPrivateIpAddresses',
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:UnassignPrivateIpAddresses',
      ]);
    }
  });
});

describe('network interfaces', () => {
  it('are denied to the code of every function, whatever the stack is called', () => {
    const named = ofType(template, 'AWS::Lambda::Function').map(([, { Properties }]) =>
      String(Properties['FunctionName']),
    );
    const denied = [{}, EVERYTHING].flatMap((given) =>
      rightsOf(deployed(template, given)).filter(({ effect }) => effect === 'Deny'),
    );
    // Four actions: of the five roles that a stack has without Eureka, and of the six with it.
    expect(denied).toHaveLength(4 * (5 + 6));
    for (const { condition } of denied) {
      const pattern = text(at(condition, 'ArnLike', 'lambda:SourceFunctionArn'));
      const prefix = /:function:([\w-]+)\*$/.exec(pattern)?.[1] ?? 'no name that is known';
      expect(named.filter((name) => !name.startsWith(prefix))).toEqual([]);
    }
  });
});

describe('rights that a choice brings', () => {
  const without: Parameters = { registries: 'consul,eureka' };

  it('touch Cloud Map and Route 53 only where Cloud Map is chosen', () => {
    const services = rightsOf(deployed(template, without)).map(
      ({ action }) => action.split(':')[0],
    );
    expect(services).not.toContain('servicediscovery');
    expect(services).not.toContain('route53');
  });

  it('touch Route 53 only where the namespace may have DNS', () => {
    expect(actionsOf({}, 'OnTaskEventRole')).not.toContain('route53:ChangeResourceRecordSets');
    expect(actionsOf({ namespace: 'shop' }, 'OnTaskEventRole')).toContain(
      'route53:ChangeResourceRecordSets',
    );
  });

  it('touch Route 53’s health checks wherever Cloud Map may write DNS, as its permissions reference lists them', () => {
    const touching = (given: Parameters, role: string) =>
      actionsOf(given, role).filter((action) => action.endsWith('HealthCheck'));
    const some = ['Delete', 'Get', 'Update'].map((verb) => `route53:${verb}HealthCheck`);
    for (const given of [{ vpcId: 'vpc-1' }, { namespace: 'shop' }]) {
      for (const role of ['OnTaskEventRole', 'ReconcileRole'])
        expect(touching(given, role)).toEqual(['route53:CreateHealthCheck', ...some]);
      expect(touching(given, 'OperateRole')).toEqual(some);
      for (const role of ['OnTaskEventRole', 'ReconcileRole'])
        expect(actionsOf(given, role)).toContain('ec2:DescribeInstances');
    }
    for (const role of ['OnTaskEventRole', 'ReconcileRole', 'OperateRole'])
      expect(touching({}, role)).toEqual([]);
  });

  it('decrypt with the keys of given secrets, by way of their stores alone', () => {
    const given = `<{"Fn::Split":[",","${EVERYTHING['secretKeyArns']}"]}>`;
    const keys = rightsOf(deployed(template, EVERYTHING)).filter(
      ({ role, action, resource }) =>
        role === 'RenewRole' && action === 'kms:Decrypt' && resource === given,
    );
    expect(keys.map(({ condition }) => at(condition, 'StringLike', 'kms:ViaService'))).toEqual([
      ['secretsmanager.*.amazonaws.com*', 'ssm.*.amazonaws.com*'],
    ]);
  });

  it('use the customer’s key by way of what stores under it: queues only where a function sends or takes', () => {
    const { secretKeyArns: _, ...given } = EVERYTHING;
    const via = (role: string) =>
      rightsOf(deployed(template, given))
        .filter((right) => right.role === role && right.action.startsWith('kms:'))
        .flatMap(({ action, condition }) =>
          list(at(condition, 'StringLike', 'kms:ViaService')).map(
            (one) => `${action} ${text(one).replace(/\.<AWS::Region>\.amazonaws\.com\*$/, '')}`,
          ),
        )
        .sort();
    const reading = ['lambda', 'secretsmanager', 'ssm'].map((one) => `kms:Decrypt ${one}`);
    const sending = ['kms:Decrypt sqs', 'kms:GenerateDataKey sqs'];
    for (const role of ['ResolveRole', 'InspectRole', 'OperateRole'])
      expect([role, via(role)]).toEqual([role, reading]);
    for (const role of ['OnTaskEventRole', 'RenewRole', 'ReconcileRole'])
      expect([role, via(role)]).toEqual([role, [...reading, ...sending].sort()]);
  });

  it('name the namespace that the stack makes', () => {
    const namespaces = (given: Parameters) => [
      ...new Set(
        rightsOf(deployed(template, given)).flatMap(
          ({ resource }) => /namespace\/(.*)$/.exec(resource)?.[1] ?? [],
        ),
      ),
    ];
    expect(namespaces({})).toEqual(['<HttpNamespace>']);
    expect(namespaces({ vpcId: 'vpc-1' })).toEqual(['<PrivateNamespace>']);
    expect(namespaces({ namespace: 'shop' })).toEqual(['*']);
  });

  it('read exactly the secrets that were named', () => {
    const secrets = rightsOf(deployed(template, EVERYTHING)).filter(
      ({ role, action }) => role === 'ReconcileRole' && action === 'secretsmanager:GetSecretValue',
    );
    expect(secrets.map(({ resource }) => resource)).toEqual([
      `<{"Fn::Split":[",","${EVERYTHING['secretArns']}"]}>`,
    ]);
    expect(actionsOf({}, 'ReconcileRole')).not.toContain('secretsmanager:GetSecretValue');
  });

  it('bind task reads to the chosen clusters, by name, glob or ARN', () => {
    const [right] = rightsOf(deployed(template, EVERYTHING)).filter(
      ({ action }) => action === 'ecs:ListTasks',
    );
    expect(evaluated(at(right?.condition, 'StringLike', 'ecs:cluster'))).toEqual([
      '*:cluster/shop',
      '*:cluster/arn:aws:ecs:eu-west-1:123456789012:cluster/web',
      'shop',
      'arn:aws:ecs:eu-west-1:123456789012:cluster/web',
    ]);
  });

  it('delete only services that bear the owner’s tag', () => {
    const [right] = rightsOf(deployed(template, { owner: 'shop' })).filter(
      ({ action }) => action === 'servicediscovery:DeleteService',
    );
    expect(right).toMatchObject({
      role: 'OperateRole',
      condition: { StringEquals: { [`aws:ResourceTag/${OWNER_TAG}`]: 'shop' } },
    });
  });
});

describe('what each function may do', () => {
  const LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];

  it('lets the resolver discover and read, nothing else', () => {
    expect(actionsOf({}, 'ResolveRole').filter((action) => !NETWORK.test(action))).toEqual([
      ...LOGS,
      'secretsmanager:GetSecretValue',
      'servicediscovery:DiscoverInstances',
      'servicediscovery:ListNamespaces',
      'servicediscovery:ListServices',
      'ssm:GetParameter',
    ]);
  });

  it('lets renewal use its queues, nothing else', () => {
    const actions = actionsOf({ registries: 'eureka' }, 'RenewRole');
    expect(actions.filter((action) => !NETWORK.test(action))).toEqual([
      ...LOGS,
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
    ]);
  });

  it.each([
    ['ReconcileRole', 'take from the queues', /^sqs:(Receive|Delete|Get)/],
    ['ReconcileRole', 'delete services', /:DeleteService$/],
    ['OnTaskEventRole', 'delete services', /:DeleteService$/],
    [
      'OperateRole',
      'register anything, ask ECS or EC2, or use the queues',
      /:(RegisterInstance|CreateService)$|^(sqs|ecs):|^ec2:DescribeInstances$/,
    ],
  ])('%s may not %s', (role, _, forbidden) => {
    expect(actionsOf(EVERYTHING, role)).not.toHaveLength(0);
    expect(actionsOf(EVERYTHING, role).filter((action) => forbidden.test(action))).toEqual([]);
  });

  it('lets inspect read, and write nothing but its own log', () => {
    // Traces are Lambda's.
    const given = { ...EVERYTHING, tracing: 'PassThrough' };
    const actions = actionsOf(given, 'InspectRole').filter((action) => !NETWORK.test(action));
    expect(actions.length).toBeGreaterThan(15);
    expect(
      actions.filter(
        (action) => !/:(List|Get|Describe|Discover|Filter)|^kms:Decrypt$/.test(action),
      ),
    ).toEqual(LOGS);
  });

  it('lets those publish that write, under our own source and type alone, and only if asked', () => {
    const publishing = (publishEvents: string) =>
      rightsOf(deployed(template, { registries: 'eureka', publishEvents })).filter(
        ({ action }) => action === 'events:PutEvents',
      );
    expect(publishing('off')).toEqual([]);
    expect(publishing('on').map(({ role }) => role)).toEqual([
      'OnTaskEventRole',
      'ReconcileRole',
      'OperateRole',
    ]);
    for (const { condition } of publishing('on'))
      expect(condition).toEqual({
        StringEquals: { 'events:source': SOURCE, 'events:detail-type': DETAIL_TYPE },
      });
  });

  it('lets the resolver invoke inspect where the page shows history, and nothing otherwise', () => {
    const invoking = (pageHistory: string) =>
      rightsOf(deployed(template, { pageHistory }))
        .filter(({ action }) => action === 'lambda:InvokeFunction')
        .map(({ role, resource }) => [role, resource]);
    expect(invoking('off')).toEqual([]);
    expect(invoking('on')).toEqual([['ResolveRole', '<InspectLambdaFunction.Arn>']]);
  });

  it('lets every function write traces where Lambda traces, and none otherwise', () => {
    const tracing = (mode: string) =>
      rightsOf(deployed(template, { registries: 'eureka', tracing: mode })).filter(({ action }) =>
        action.startsWith('xray:'),
      );
    expect(tracing('PassThrough')).toEqual([]);
    expect(new Set(tracing('Active').map(({ role }) => role)).size).toBe(6);
  });

  it('the reconciler hands lost leases on where there is Eureka, and uses no queue where there is none', () => {
    const ofQueues = (registries: string) =>
      actionsOf({ registries }, 'ReconcileRole').filter((action) => action.startsWith('sqs:'));
    expect(ofQueues('cloudmap,consul')).toEqual([]);
    expect(ofQueues('cloudmap,eureka')).toEqual(['sqs:SendMessage']);
  });

  it('only operate releases a plan, and only the reconciler leaves a summary and notes removals', () => {
    const puts = rightsOf(deployed(template)).filter(({ action }) => action === 'ssm:PutParameter');
    expect(puts.map(({ role, resource }) => [role, resource.split('/').at(-1)])).toEqual([
      ['ReconcileRole', 'summary'],
      ['ReconcileRole', 'removals'],
      ['OperateRole', 'release'],
    ]);
  });
});

/** `Fn::Split` and `Fn::Join`, carried out. */
const evaluated = (json: Json): readonly string[] => {
  const [separator, whole] = list(at(json, 'Fn::Split'));
  if (separator !== undefined) return evaluated(whole).join().split(String(separator));
  const [delimiter, parts] = list(at(json, 'Fn::Join'));
  if (delimiter !== undefined) return [list(parts).flatMap(evaluated).join(String(delimiter))];
  return [String(json)];
};
