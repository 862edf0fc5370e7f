import { beforeAll, describe, expect, it } from 'vitest';
import { functionNames, packageStack } from '../../../scripts/stack/package-stack.ts';
import { at, deployed, ofType, type Template, text } from '../../../scripts/stack/template.ts';
import { SETTINGS, type Setting } from '../../../shared/config/settings.ts';

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

describe('functions', () => {
  it('are the files of functions/, one each, on Node 24 and arm64', async () => {
    const functions = ofType(template, 'AWS::Lambda::Function').map(
      ([, { Properties }]) => Properties,
    );
    expect(functions.map(({ Handler }) => Handler).sort()).toEqual(
      (await functionNames()).map((name) => `.build/${name}/index.handler`),
    );
    for (const one of functions)
      expect(one).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  });

  it('get no version with each deployment', () => {
    expect(ofType(template, 'AWS::Lambda::Version')).toEqual([]);
  });

  it('get only settings that the configuration knows', () => {
    const known: readonly string[] = Object.values(SETTINGS).map(({ env }: Setting) => env);
    for (const [name, { Properties }] of ofType(template, 'AWS::Lambda::Function')) {
      const given = Object.keys(at(Properties, 'Environment', 'Variables') ?? {});
      expect([name, given.filter((key) => !known.includes(key))]).toEqual([name, []]);
    }
  });

  it('get every setting that has a parameter, and the parameter it says', () => {
    const variables = ofType(template, 'AWS::Lambda::Function').map(([, { Properties }]) =>
      at(Properties, 'Environment', 'Variables'),
    );
    for (const { env, param } of Object.values(SETTINGS) as Setting[])
      if (param)
        expect([
          env,
          variables.some((all) => JSON.stringify(at(all, env) ?? '').includes(`"${param}"`)),
        ]).toEqual([env, true]);
  });

  it('read the resolver’s token by reference, and only the resolver does', () => {
    const readers = ofType(deployed(template), 'AWS::Lambda::Function').filter(
      ([, { Properties }]) => at(Properties, 'Environment', 'Variables', 'ROLLCALL_RESOLVE_TOKEN'),
    );
    expect(readers.map(([name]) => name)).toEqual(['ResolveLambdaFunction']);
    expect(
      text(at(readers[0]?.[1].Properties, 'Environment', 'Variables', 'ROLLCALL_RESOLVE_TOKEN')),
    ).toBe('secretsmanager:<ResolveToken>');
  });

  it('know the parameters that their role may read or write, and no others', () => {
    const known = (name: string) =>
      Object.keys(
        Object(
          at(template.Resources[`${name}LambdaFunction`]?.Properties, 'Environment', 'Variables'),
        ),
      ).flatMap((key) => /^ROLLCALL_(\w+)_PARAMETER$/.exec(key)?.[1]?.toLowerCase() ?? []);
    expect(known('Reconcile')).toEqual(['summary', 'release', 'removals']);
    expect(known('Inspect')).toEqual(['summary', 'removals']);
    expect(known('Operate')).toEqual(['summary', 'release']);
    expect(known('Resolve')).toEqual(['summary']);
    expect(known('OnTaskEvent')).toEqual([]);
  });

  it('own their records by stack, account and region unless told', () => {
    const owner = (given: Record<string, string>) =>
      at(
        deployed(template, given).Resources['ReconcileLambdaFunction']?.Properties,
        'Environment',
        'Variables',
        'ROLLCALL_OWNER',
      );
    expect(text(owner({}))).toBe('<AWS::StackName>:<AWS::AccountId>:<AWS::Region>');
    expect(owner({ owner: 'me' })).toBe('me');
  });

  it('that read or write tasks know their partition, region and account', () => {
    const given = ofType(deployed(template, { registries: 'eureka' }), 'AWS::Lambda::Function').map(
      ([name, { Properties }]) => [
        name,
        text(at(Properties, 'Environment', 'Variables', 'ROLLCALL_PLACE') ?? ''),
      ],
    );
    const place = '<AWS::Partition>:<AWS::Region>:<AWS::AccountId>';
    expect(Object.fromEntries(given)).toEqual({
      OnTaskEventLambdaFunction: place,
      ReconcileLambdaFunction: place,
      RenewLambdaFunction: place,
      InspectLambdaFunction: place,
      OperateLambdaFunction: place,
      ResolveLambdaFunction: '',
    });
  });

  it('write a log of JSON throughout, of the level given, and Lambda keeps nothing of it back', () => {
    const functions = ofType(
      deployed(template, { registries: 'eureka', logLevel: 'warn' }),
      'AWS::Lambda::Function',
    );
    expect(functions).toHaveLength(6);
    for (const [, { Properties }] of functions) {
      expect(at(Properties, 'Environment', 'Variables', 'ROLLCALL_LOG_LEVEL')).toBe('warn');
      // Above INFO it would drop the lines of metrics, which have no level.
      expect(Properties['LoggingConfig']).toMatchObject({
        LogFormat: 'JSON',
        ApplicationLogLevel: 'TRACE',
      });
    }
  });

  it('write into the one log group of the stack, which is kept as long as was said', () => {
    const given = { registries: 'eureka', logRetention: '90' };
    const groups = ofType(deployed(template, given), 'AWS::Logs::LogGroup');
    expect(groups).toMatchObject([
      [
        'LogGroup',
        { Properties: { LogGroupName: '/aws/lambda/rollcall-dev', RetentionInDays: '90' } },
      ],
    ]);
    const functions = ofType(deployed(template, given), 'AWS::Lambda::Function');
    expect(functions).toHaveLength(6);
    for (const [, { Properties }] of functions)
      expect(at(Properties, 'LoggingConfig', 'LogGroup')).toEqual({ Ref: 'LogGroup' });
  });

  it('are traced as was asked, which is not at all by themselves', () => {
    const modes = (given: Record<string, string>) =>
      ofType(deployed(template, { registries: 'eureka', ...given }), 'AWS::Lambda::Function').map(
        ([, { Properties }]) => at(Properties, 'TracingConfig', 'Mode'),
      );
    expect(modes({})).toEqual(Array(6).fill('PassThrough'));
    expect(modes({ tracing: 'Active' })).toEqual(Array(6).fill('Active'));
  });

  it('lie in a VPC only when subnets are given, all of them then', () => {
    const given = {
      registries: 'eureka',
      subnetIds: 'subnet-1,subnet-2',
      securityGroupIds: 'sg-1',
    };
    for (const [, { Properties }] of ofType(deployed(template), 'AWS::Lambda::Function'))
      expect(Properties).not.toHaveProperty('VpcConfig');
    const inside = ofType(deployed(template, given), 'AWS::Lambda::Function');
    expect(inside).toHaveLength(6);
    for (const [, { Properties }] of inside)
      expect(Properties['VpcConfig']).toEqual({
        SubnetIds: { 'Fn::Split': [',', 'subnet-1,subnet-2'] },
        SecurityGroupIds: { 'Fn::Split': [',', 'sg-1'] },
      });
  });
});
