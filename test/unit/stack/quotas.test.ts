import { beforeAll, describe, expect, it } from 'vitest';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import {
  at,
  deployed,
  type Json,
  list,
  ofType,
  type Parameters,
  type Template,
} from '../../../scripts/stack/template.ts';

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

/** All that lengthens roles and environments, as long as it is found in practice. */
const EVERYTHING: Parameters = {
  registries: 'cloudmap,consul,eureka',
  namespace: 'ns-e3b7x5examplens2a',
  address: 'public',
  subnetIds: 'subnet-0123456789abcdef0',
  securityGroupIds: 'sg-0123456789abcdef0',
  consulHttpAddr: [1, 2, 3].map((one) => `https://consul-${one}.platform.internal:8501`).join(),
  consulHttpToken:
    'secretsmanager:arn:aws:secretsmanager:eu-central-1:111122223333:secret:consul-Ab1Cd2:token',
  consulCacert: 'ssm:/platform/consul/ca.pem',
  consulClientCert: 'ssm:/platform/consul/client.pem',
  consulClientKey: 'ssm:/platform/consul/client-key.pem',
  eurekaUrl: [1, 2, 3].map((one) => `http://eureka-${one}.platform.internal:8761/eureka/`).join(),
  secretArns: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:consul-Ab1Cd2',
  parameterArns: ['ca', 'client', 'client-key']
    .map((one) => `arn:aws:ssm:eu-central-1:111122223333:parameter/platform/consul/${one}.pem`)
    .join(),
  secretKeyArns: 'arn:aws:kms:eu-central-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321',
  kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
};

const named =
  (length: number, prefix = '') =>
  (_: unknown, at: number) =>
    prefix + `cluster${at}`.padEnd(length, '-');
const listOf = (count: number, name: (_: unknown, at: number) => string) =>
  Array.from({ length: count }, name).join();
/** As many as the parameter takes. */
const full = (name: (_: unknown, at: number) => string) =>
  listOf(Math.floor(Number(template.Parameters['clusters']?.['MaxLength']) / (name(0, 0).length + 1)), name);

const CLUSTERS: readonly (readonly [string, () => string])[] = [
  ['forty names of thirty characters', () => listOf(40, named(30))],
  ['as many short names as the parameter takes', () => full(named(10))],
  ['as many long names as the parameter takes', () => full(named(60))],
  [
    'as many ARNs as the parameter takes',
    () => full(named(30, 'arn:aws:ecs:eu-central-1:111122223333:cluster/')),
  ],
];

describe('hard limits of AWS, with everything given', () => {
  it.each(CLUSTERS)('hold the rights for %s in each role', (_, clusters) => {
    const { inline, managed } = policySizes(deployed(template, { ...EVERYTHING, clusters: clusters() }));
    expect(Object.keys(inline)).toHaveLength(5);
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: of all inline policies of a role together
    for (const [role, size] of Object.entries(inline)) expect(size, role).toBeLessThanOrEqual(10_240);
    for (const [policy, size] of Object.entries(managed)) expect(size, policy).toBeLessThanOrEqual(6_144);
  });

  it.each(CLUSTERS)('hold %s in each environment', (_, clusters) => {
    const given = { ...EVERYTHING, clusters: clusters() };
    for (const [name, { Properties }] of ofType(deployed(template, given), 'AWS::Lambda::Function'))
      expect(JSON.stringify(filled(at(Properties, 'Environment', 'Variables'))).length, name).toBeLessThan(
        4_096,
      );
  });
});

const policySizes = ({ Resources, ...rest }: Template) => {
  const whole = { ...rest, Resources };
  const size = (document: Json) => JSON.stringify(filled(document)).length;
  const inline: Record<string, number> = {};
  const add = (role: Json, document: Json) => {
    inline[String(role)] = (inline[String(role)] ?? 0) + size(document);
  };
  for (const [role, { Properties }] of ofType(whole, 'AWS::IAM::Role'))
    for (const one of list(Properties['Policies'])) add(role, at(one, 'PolicyDocument'));
  for (const [, { Properties }] of ofType(whole, 'AWS::IAM::Policy'))
    for (const role of list(Properties['Roles'])) add(at(role, 'Ref'), Properties['PolicyDocument']);
  const managed = ofType(whole, 'AWS::IAM::ManagedPolicy').map(([name, { Properties }]) => [
    name,
    size(Properties['PolicyDocument']),
  ]);
  return { inline, managed: Object.fromEntries(managed) as Record<string, number> };
};

/** A value with its functions carried out, and names of AWS's own making as long as they are. */
const filled = (json: Json): Json => {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(filled);
  const [key = '', value] = Object.entries(json)[0] ?? [];
  if (key === 'Ref') return reference(String(value));
  if (key === 'Fn::GetAtt')
    return `arn:aws:sqs:eu-central-1:111122223333:rollcall-production-${list(value)[0]}-Ab12Cd34Ef56`;
  if (key === 'Fn::Sub') {
    const [pattern, names] = list(value);
    return String(pattern).replaceAll(/\$\{([^}]+)\}/g, (_, name: string) =>
      String(filled(at(names, name) ?? { Ref: name })),
    );
  }
  if (key === 'Fn::Join')
    return list(filled(at(value, 1)))
      .flat()
      .join(String(at(value, 0)));
  if (key === 'Fn::Split') return String(filled(at(value, 1))).split(String(at(value, 0)));
  return Object.fromEntries(Object.entries(json).map(([name, inner]) => [name, filled(inner)]));
};

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-central-1',
  'AWS::AccountId': '111122223333',
  'AWS::StackName': 'rollcall-production',
};
const reference = (name: string) =>
  PSEUDO[name] ?? `https://sqs.eu-central-1.amazonaws.com/111122223333/rollcall-production-${name}`;
