import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { choicesOf } from '../../../scripts/serverless/registries.ts';
import { referred } from '../../../scripts/serverless/template.ts';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import {
  at,
  conditionsOf,
  deployed,
  list,
  ofType,
  type Parameters,
  type Template,
} from '../../../scripts/stack/template.ts';
import { REGISTRIES } from '../../../stack/registries.ts';

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

const registryChoices = () =>
  list(template.Parameters['registries']?.['AllowedValues']).map(String);

describe('conditions', () => {
  it('follow every choice of registries', () => {
    expect(registryChoices()).toEqual(choicesOf(Object.keys(REGISTRIES)));
    for (const registries of registryChoices())
      expect(conditionsOf(template, { registries })).toMatchObject(
        Object.fromEntries(
          Object.entries(REGISTRIES).map(([name, { logicalName }]) => [
            logicalName,
            registries.split(',').includes(name),
          ]),
        ),
      );
  });

  it.each([
    ['an HTTP namespace', {}, ['AWS::ServiceDiscovery::HttpNamespace']],
    [
      'a private DNS namespace in the VPC',
      { vpcId: 'vpc-1' },
      ['AWS::ServiceDiscovery::PrivateDnsNamespace'],
    ],
    ['none beside one that is given', { namespace: 'shop', vpcId: 'vpc-1' }, []],
    ['none without Cloud Map', { registries: 'consul' }, []],
  ])('make %s', (_, given, expected) => {
    const made = Object.values(deployed(template, given).Resources).map(({ Type }) => Type);
    expect(made.filter((type) => type.startsWith('AWS::ServiceDiscovery::'))).toEqual(expected);
  });

  it('leave nothing of renewal behind without Eureka', () => {
    const names = (given: Parameters) =>
      Object.keys(deployed(template, given).Resources).filter((name) => /renew/i.test(name));
    expect(names({ registries: 'cloudmap,consul' })).toEqual([]);
    expect(names({ registries: 'eureka' }).length).toBeGreaterThan(8);
  });

  it('make a secret only where the resolver asks for a token', () => {
    const secrets = (resolveAccess: string) =>
      ofType(deployed(template, { resolveAccess }), 'AWS::SecretsManager::Secret').length;
    expect(['token', 'iam', 'open'].map(secrets)).toEqual([1, 0, 0]);
  });

  it('leave no reference to what they leave out, whatever is chosen', () => {
    const either = (...values: string[]) => fc.constantFrom('', ...values);
    const choices = fc.record({
      registries: fc.constantFrom(...registryChoices()),
      namespace: either('shop'),
      vpcId: either('vpc-1'),
      owner: either('me'),
      clusters: either('shop'),
      address: fc.constantFrom('private', 'public'),
      resolveAccess: fc.constantFrom('token', 'iam', 'open'),
      subnetIds: either('subnet-1'),
      securityGroupIds: either('sg-1'),
      secretArns: either('arn:a'),
      parameterArns: either('arn:b'),
      secretKeyArns: either('arn:f'),
      kmsKeyArn: either('arn:c'),
      permissionsBoundary: either('arn:d'),
      alarmTopicArn: either('arn:e'),
    });
    fc.assert(
      fc.property(choices, (given) => {
        const { Resources, Outputs } = deployed(template, given);
        const known = (name: string) =>
          name in Resources || name in template.Parameters || name.startsWith('AWS::');
        // `Id` is a name within its own Fn::Sub.
        const dangling = [...referred(Resources), ...referred(Outputs)].filter(
          (name) => !known(name) && name !== 'Id',
        );
        expect(dangling).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('rules', () => {
  it('refuse a registry without its address, before anything is changed', () => {
    for (const [rule, registry, other] of [
      ['ConsulNeedsAnAddress', 'consul', 'consulHttpAddr'],
      ['EurekaNeedsAnAddress', 'eureka', 'eurekaUrl'],
    ] as const) {
      const exempt = list(
        at(template.Rules[rule], 'RuleCondition', 'Fn::Not', 0, 'Fn::Contains', 0),
      );
      expect(exempt).toEqual(registryChoices().filter((choice) => !choice.includes(registry)));
      expect(JSON.stringify(at(template.Rules[rule], 'Assertions'))).toContain(`"Ref":"${other}"`);
    }
  });

  it.each([
    ['cloudmap', 'ResolveFromCloudMap'],
    ['consul', 'ResolveFromConsul'],
    ['eureka', 'ResolveFromEureka'],
  ])('refuse a resolver of %s where that is none of the registries', (registry, name) => {
    const rule = template.Rules[name];
    expect(at(rule, 'RuleCondition')).toEqual({ 'Fn::Equals': [{ Ref: 'resolveFrom' }, registry] });
    expect(list(at(rule, 'Assertions', 0, 'Assert', 'Fn::Contains', 0))).toEqual(
      registryChoices().filter((choice) => choice.split(',').includes(registry)),
    );
    expect(at(rule, 'Assertions', 0, 'Assert', 'Fn::Contains', 1)).toEqual({ Ref: 'registries' });
  });

  it.each([
    ['ClientCertNeedsItsKey', 'consulClientCert', 'consulClientKey'],
    ['ClientKeyNeedsItsCert', 'consulClientKey', 'consulClientCert'],
    ['EurekaClientCertNeedsItsKey', 'eurekaClientCert', 'eurekaClientKey'],
    ['EurekaClientKeyNeedsItsCert', 'eurekaClientKey', 'eurekaClientCert'],
  ])('%s', (name, given, other) => {
    const isGiven = (parameter: string) => ({
      'Fn::Not': [{ 'Fn::Equals': [{ Ref: parameter }, ''] }],
    });
    expect(at(template.Rules[name], 'RuleCondition')).toEqual(isGiven(given));
    expect(at(template.Rules[name], 'Assertions', 0, 'Assert')).toEqual(isGiven(other));
  });

  it('refuse pages of other origins where requests are signed: a browser asks beforehand without a signature', () => {
    const rule = template.Rules['PagesCannotSign'];
    expect(at(rule, 'RuleCondition')).toEqual({ 'Fn::Equals': [{ Ref: 'resolveAccess' }, 'iam'] });
    expect(at(rule, 'Assertions', 0, 'Assert')).toEqual({
      'Fn::Equals': [{ Ref: 'resolveCorsOrigins' }, ''],
    });
  });

  it('ask for subnets and security groups together', () => {
    expect(Object.keys(template.Rules)).toEqual(
      expect.arrayContaining(['SubnetsNeedSecurityGroups', 'SecurityGroupsNeedSubnets']),
    );
  });
});
