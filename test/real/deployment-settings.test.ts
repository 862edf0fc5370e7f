import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOTO_ACCOUNT, type Moto, motoPython, startMoto } from '../../scripts/real/moto.ts';
import { check } from '../../scripts/stack/checker/check.ts';
import { resolve } from '../../scripts/stack/resolve.ts';
import {
  at,
  deployed,
  type Json,
  list,
  ofType,
  type Parameters,
  type Resource,
  type Template,
  text,
} from '../../scripts/stack/template.ts';
import { rightsOf } from '../unit/stack/rights.ts';
import { withReal } from './real.ts';
import { copyProject, type Project, REGION } from './support/project.ts';
import { type Ask, asking, type ReadStack, readStack } from './support/stack.ts';

const PATIENCE = 600_000;
const NAMES = ['inspect', 'on-task-event', 'operate', 'reconcile', 'renew', 'resolve'] as const;

/** A network, a key and a boundary that are there, and every registry. */
const makeParameters = async (ask: Ask): Promise<Parameters> => {
  const boundary = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  };
  const [subnets, groups, key, policy] = await ask(
    ['ec2', 'describe_subnets'],
    ['ec2', 'describe_security_groups'],
    ['kms', 'create_key'],
    ['iam', 'create_policy', { PolicyName: 'edge', PolicyDocument: JSON.stringify(boundary) }],
  );
  const subnetIds = list(at(subnets, 'Subnets')).map((one) => at(one, 'SubnetId'));
  return {
    registries: 'cloudmap,consul,eureka',
    owner: 'shop',
    clusters: 'shop,web-*',
    policy: 'observe',
    vpcId: String(at(subnets, 'Subnets', 0, 'VpcId')),
    subnetIds: subnetIds.slice(0, 2).join(),
    securityGroupIds: String(at(groups, 'SecurityGroups', 0, 'GroupId')),
    kmsKeyArn: String(at(key, 'KeyMetadata', 'Arn')),
    permissionsBoundary: String(at(policy, 'Policy', 'Arn')),
    rolePath: '/platform/',
    consulHttpAddr: 'https://consul.internal:8501',
    consulHttpToken: 'ssm:/consul/token',
    eurekaUrl: 'http://eureka.internal:8761/eureka/',
    parameterArns: `arn:aws:ssm:${REGION}:${MOTO_ACCOUNT}:parameter/consul/token`,
    secretArns: `arn:aws:secretsmanager:${REGION}:${MOTO_ACCOUNT}:secret:eureka-AbCdEf`,
    eventConcurrency: '7',
    logRetention: '7',
  };
};

await withReal('moto', motoPython, (python) =>
  describe('a stack with every registry, in a VPC', () => {
    let moto: Moto;
    let project: Project;
    let ask: Ask;
    let given: Parameters;
    let template: Template;
    let stack: ReadStack;
    beforeAll(async () => {
      moto = await startMoto(python);
      ask = asking(moto, python);
      given = await makeParameters(ask);
      project = await copyProject(moto.environment);
      await project.serverless('deploy', given);
      template = deployed(await project.template());
      stack = await readStack(ask);
    }, PATIENCE);
    afterAll(async () => {
      await project?.remove();
      await moto?.stop();
    });

    const functionOf = (name: string) => stack.functions[`rollcall-dev-${name}`];
    const arnOf = (resources: object, logicalId: string) =>
      Object.keys(resources).find((arn) => arn.includes(`rollcall-dev-${logicalId}-`)) ??
      `no ${logicalId}`;
    const queue = (logicalId: string) => arnOf(stack.queues, logicalId);
    const rule = (name: string) => stack.rules[`rollcall-dev-${name}`];

    it('is one that AWS takes, by the rules that moto lacks', async () => {
      expect(check(resolve(await project.template()))).toEqual([]);
    });

    it('has its five functions, each in the network, with a role of its own', () => {
      expect(Object.keys(stack.functions).toSorted()).toEqual(
        NAMES.map((name) => `rollcall-dev-${name}`),
      );
      const roles = Object.values(stack.functions).map(({ Role }) => Role);
      expect(roles.toSorted()).toEqual(Object.keys(stack.roles).toSorted());
      for (const one of Object.values(stack.functions))
        expect(one).toMatchObject({
          Runtime: 'nodejs24.x',
          VpcConfig: {
            SubnetIds: given['subnetIds']?.split(','),
            SecurityGroupIds: [given['securityGroupIds']],
          },
        });
    });

    it('has the handler, the time and the memory for each that the template says', () => {
      for (const [, { Properties }] of ofType(template, 'AWS::Lambda::Function')) {
        const { FunctionName, Handler, Timeout, MemorySize } = Properties;
        expect(stack.functions[text(FunctionName)]).toMatchObject({ Handler, Timeout, MemorySize });
      }
    });

    it('hands every function the settings that were given, and no text that is still to be filled in', () => {
      const functions = ofType(template, 'AWS::Lambda::Function');
      for (const [, { Properties }] of functions) {
        const is = variablesOf(stack.functions[text(Properties['FunctionName'])]);
        const wanted = Object.entries(variablesOf(Properties));
        const settled = wanted.filter(([, value]) => typeof value === 'string');
        expect(settled.length).toBeGreaterThan(2);
        expect(is).toMatchObject(Object.fromEntries(settled));
        // Secrets are not among what moto makes.
        const unmade = ['ROLLCALL_RESOLVE_TOKEN'];
        const known = Object.entries(is).filter(([key]) => !unmade.includes(key));
        expect(JSON.stringify(known)).not.toMatch(/\$\{|\[object|undefined|Fn::|"Ref"/);
        expect(
          wanted
            .map(([key]) => key)
            .filter((key) => !unmade.includes(key))
            .toSorted(),
        ).toEqual(known.map(([key]) => key).toSorted());
      }
    });

    it('leads events and looks to the event queue, and the second half of a minute to its own', () => {
      const url = (arn: string) => expect.stringMatching(new RegExp(`/${arn.split(':').at(-1)}$`));
      const variables = (name: string) => at(functionOf(name), 'Environment', 'Variables');
      expect(variables('on-task-event')).toMatchObject({
        ROLLCALL_QUEUE_URL: url(queue('EventQueue')),
      });
      expect(variables('renew')).toMatchObject({
        ROLLCALL_QUEUE_URL: url(queue('EventQueue')),
        ROLLCALL_RENEW_QUEUE_URL: url(queue('RenewQueue')),
      });
    });

    it('maps both queues to their functions', () => {
      const arn = (name: string) => at(functionOf(name), 'FunctionArn');
      const of = (name: string) => stack.mappings.find((one) => one['FunctionArn'] === arn(name));
      expect(stack.mappings).toHaveLength(2);
      expect(of('on-task-event')).toMatchObject({
        EventSourceArn: queue('EventQueue'),
        BatchSize: 10,
        MaximumBatchingWindowInSeconds: 0,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 7 },
        State: 'Enabled',
      });
      expect(of('renew')).toMatchObject({ EventSourceArn: queue('RenewQueue'), BatchSize: 1 });
    });

    it('sends tasks and hosts to the event queue, and what cannot be delivered to the dead letters', () => {
      for (const name of ['task-events', 'host-events'])
        expect(rule(name)).toMatchObject({
          State: 'ENABLED',
          EventBusName: 'default',
          Targets: [
            {
              Arn: queue('EventQueue'),
              DeadLetterConfig: { Arn: queue('EventDeadLetters') },
              RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 185 },
            },
          ],
        });
    });

    it('lets these two rules put something into the queues, and of all others the functions alone', () => {
      const rules = ['task-events', 'host-events'].map(
        (name) => `arn:aws:events:${REGION}:${MOTO_ACCOUNT}:rule/rollcall-dev-${name}`,
      );
      const statements = (name: string) =>
        list(at(JSON.parse(String(stack.queues[queue(name)]?.['Policy'])), 'Statement'));
      const allowed = (name: string) => ({
        Sid: 'OnlyOurRulesSend',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queue(name),
        Condition: {
          ArnEquals: { 'aws:SourceArn': rules },
          StringEquals: { 'aws:SourceAccount': MOTO_ACCOUNT },
        },
      });
      const roleOf = (name: string) => at(functionOf(name), 'Role');
      const denied = (name: string, ArnNotEquals: object) => ({
        Sid: 'NobodyElseSends',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:SendMessage',
        Resource: queue(name),
        Condition: { ArnNotEquals },
      });
      expect(statements('EventDeadLetters')).toEqual([allowed('EventDeadLetters')]);
      expect(statements('EventQueue')).toEqual([
        allowed('EventQueue'),
        denied('EventQueue', {
          'aws:SourceArn': rules,
          'aws:PrincipalArn': ['on-task-event', 'reconcile', 'renew'].map(roleOf),
        }),
      ]);
      expect(statements('RenewQueue')).toEqual([
        denied('RenewQueue', { 'aws:PrincipalArn': roleOf('renew') }),
      ]);
      expect(
        rules.filter((arn) => !Object.values(stack.rules).some(({ Arn }) => Arn === arn)),
      ).toEqual([]);
    });

    it('keeps tasks in a private namespace of its own', async () => {
      const [answer] = await ask(['servicediscovery', 'list_namespaces']);
      const [namespace, ...others] = list(at(answer, 'Namespaces'));
      expect(others).toEqual([]);
      expect(namespace).toMatchObject({ Name: 'dev.rollcall.internal', Type: 'DNS_PRIVATE' });
      expect(at(namespace, 'Id')).toBe(
        variablesOf(functionOf('reconcile') ?? {})['ROLLCALL_NAMESPACE'],
      );
    });

    it.each(['reconcile', 'renew'])(
      'invokes %s each minute, and only that rule may',
      async (name) => {
        const [[ruleName, schedule] = ['', undefined]] = Object.entries(stack.rules).filter(
          ([, { Targets }]) => at(Targets, 0, 'Arn') === at(functionOf(name), 'FunctionArn'),
        );
        expect(schedule).toMatchObject({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
        const [answer] = await ask([
          'lambda',
          'get_policy',
          { FunctionName: `rollcall-dev-${name}` },
        ]);
        const { Statement } = JSON.parse(String(at(answer, 'Policy')));
        expect(Statement).toEqual([
          expect.objectContaining({
            Effect: 'Allow',
            Action: 'lambda:InvokeFunction',
            Principal: { Service: 'events.amazonaws.com' },
            Condition: { ArnLike: { 'AWS:SourceArn': String(schedule?.['Arn']) } },
          }),
        ]);
        expect(ruleName).toMatch(new RegExp(`^rollcall-dev-${name}-`));
      },
    );

    it('hides, delays and gives up on messages as the template says, under the key', () => {
      const queues = ofType(template, 'AWS::SQS::Queue');
      expect(Object.keys(stack.queues)).toHaveLength(queues.length);
      for (const [name, { Properties }] of queues) {
        const { RedrivePolicy, ...is } = stack.queues[queue(name)] ?? {};
        const { RedrivePolicy: redrive, ...wanted } = Properties;
        const numbers = Object.entries(wanted).filter(([, value]) => typeof value === 'number');
        const texts = numbers.map(([key, value]) => [key, String(value)]);
        expect(is).toMatchObject({
          KmsMasterKeyId: given['kmsKeyArn'],
          ...Object.fromEntries(texts),
        });
        const target = at(redrive, 'deadLetterTargetArn', 'Fn::GetAtt', 0);
        expect(RedrivePolicy && JSON.parse(String(RedrivePolicy))).toEqual(
          redrive && { ...Object(redrive), deadLetterTargetArn: queue(String(target)) },
        );
      }
    });

    it('has roles with the path and the boundary that were given', () => {
      for (const one of Object.values(stack.roles)) {
        expect(one).toMatchObject({
          Path: '/platform/',
          PermissionsBoundary: { PermissionsBoundaryArn: given['permissionsBoundary'] },
        });
        expect(at(one, 'AssumeRolePolicyDocument', 'Statement')).toEqual([
          {
            Effect: 'Allow',
            Principal: { Service: 'lambda.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        ]);
      }
    });

    it('grants each role what the template says, with every name filled in', () => {
      // moto attaches no managed policies out of templates.
      const isManaged = ({ Type }: Resource) => Type === 'AWS::IAM::ManagedPolicy';
      const Resources = Object.fromEntries(
        Object.entries(template.Resources).filter(([, one]) => !isManaged(one)),
      );
      const wanted = rightsOf({ ...template, Resources });
      for (const [logicalId] of ofType(template, 'AWS::IAM::Role')) {
        const role = stack.roles[arnOf(stack.roles, logicalId)];
        const statements = list(at(role, 'RolePolicyList')).flatMap((one) =>
          list(at(one, 'PolicyDocument', 'Statement')),
        );
        const actions = (all: readonly Json[]) => [...new Set(all.map(String))].toSorted();
        const own = wanted.filter((one) => one.role === logicalId);
        expect(actions(statements.flatMap((one) => list(at(one, 'Action'))))).toEqual(
          actions(own.map(({ action }) => action)),
        );
        // Nor does it make secrets: that of the resolver's token is nowhere.
        const named = statements.filter((one) => at(one, 'Sid') !== 'ReadToken');
        const resources = named.flatMap((one) => list(at(one, 'Resource')));
        expect(resources.filter((one) => !/^(\*|arn:aws:[^$<{]+)$/.test(String(one)))).toEqual([]);
      }
    });

    it(
      'leaves nothing of its own when it is removed',
      async () => {
        await project.serverless('remove', given);
        const left = await readStack(ask);
        expect(left).toEqual({ functions: {}, mappings: [], rules: {}, queues: {}, roles: {} });
      },
      PATIENCE,
    );
  }),
);

const variablesOf = (configuration: Json): Readonly<Record<string, Json>> =>
  Object(at(configuration, 'Environment', 'Variables'));
