import {
  at,
  deployed,
  type Json,
  list,
  type Parameters,
  type Template,
} from '../../../scripts/stack/template.ts';

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-central-1',
  'AWS::AccountId': '123456789012',
  'AWS::StackName': 'rollcall-dev',
};

/** What GetAtt and Ref of the stack's own resources would give. */
const ARNS: Readonly<Record<string, string>> = {
  // CloudFormation's Arn of a log group ends in `:*`, so that its streams are meant.
  'AWS::Logs::LogGroup': 'logs:eu-central-1:123456789012:log-group:NAME:*',
  'AWS::SQS::Queue': 'sqs:eu-central-1:123456789012:NAME',
  'AWS::SecretsManager::Secret': 'secretsmanager:eu-central-1:123456789012:secret:NAME',
};

/** Every policy document of the template for these parameters, all intrinsics carried out; by role or policy. */
export const policyDocuments = (template: Template, given: Parameters): Readonly<Record<string, Json>> => {
  const { Resources } = deployed(template, given);
  const nameOf = (logicalId: string): string => {
    const type = Resources[logicalId]?.Type ?? '';
    if (type.startsWith('AWS::ServiceDiscovery::')) return 'ns-0123456789abcdef';
    const arn = ARNS[type];
    if (!arn) throw new Error(`a policy refers to ${logicalId}, a ${type}`);
    return `arn:aws:${arn.replace('NAME', logicalId)}`;
  };
  const resolved = (json: Json): Json => {
    if (typeof json !== 'object' || json === null) return json;
    if (Array.isArray(json)) return json.flatMap((one) => spread(resolved(one)));
    const [[key, value] = ['', undefined]] = Object.entries(json);
    if (key === 'Ref') return PSEUDO[String(value)] ?? nameOf(String(value));
    if (key === 'Fn::GetAtt') return nameOf(String(at(value, 0)));
    if (key === 'Fn::Join') return list(resolved(at(value, 1))).join(String(at(value, 0)));
    if (key === 'Fn::Split') return String(resolved(at(value, 1))).split(String(at(value, 0)));
    if (key === 'Fn::Sub') return filled(value);
    return Object.fromEntries(Object.entries(json).map(([name, inner]) => [name, resolved(inner)]));
  };
  const filled = (value: Json): string => {
    const [pattern, names] = list(value);
    return String(pattern).replaceAll(/\$\{([^}]+)\}/g, (_all, name: string) =>
      String(resolved(at(names, name) ?? { Ref: name })),
    );
  };
  const documents = Object.entries(Resources).flatMap(([name, { Type, Properties }]): [string, Json][] => {
    const own = list(Properties['Policies']).map((one): [string, Json] => [name, at(one, 'PolicyDocument')]);
    return Type.startsWith('AWS::IAM::') && Properties['PolicyDocument']
      ? [...own, [name, Properties['PolicyDocument']]]
      : own;
  });
  return Object.fromEntries(documents.map(([name, document]) => [name, resolved(document)]));
};

const spread = (json: Json): readonly Json[] => (Array.isArray(json) ? json : [json]);
