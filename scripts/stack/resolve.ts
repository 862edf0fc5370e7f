import {
  at,
  comesAfter,
  deployed,
  type Json,
  type JsonObject,
  list,
  type Parameters,
  type Resource,
  type Template,
} from './template.ts';

/** A resource as AWS is asked for it, and what it is then called; empty where that is not known. */
export interface Made extends Resource {
  readonly ref: string;
  readonly arn: string;
}

/**
 * What AWS would be asked to make: conditions decided, and every function and reference carried
 * out.
 */
export interface Stack {
  /** By logical id, with no `Ref` and no `Fn::` left in the properties. */
  readonly resources: Readonly<Record<string, Made>>;
  /**
   * What CloudFormation makes and changes before a resource, and deletes after it: logical ids, no
   * order.
   */
  readonly before: (name: string) => readonly string[];
}

const PSEUDO: Parameters = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-central-1',
  'AWS::AccountId': '111122223333',
  'AWS::StackName': 'rollcall-production',
  'AWS::URLSuffix': 'amazonaws.com',
};

/**
 * The template under these parameters; pseudo parameters (`AWS::StackName`) may be among them.
 * Names of AWS's own making are made up, as long as they are there; `remade` have others than
 * before.
 */
export const resolve = (
  template: Template,
  given: Parameters = {},
  remade: ReadonlySet<string> = new Set(),
): Stack => {
  const made = deployed(template, given);
  const defaults = Object.entries(template.Parameters).map(([name, one]) => [
    name,
    String(one['Default']),
  ]);
  const { fill, refer } = filling(
    made,
    { ...PSEUDO, ...Object.fromEntries(defaults), ...given },
    remade,
  );
  const resources = Object.entries(made.Resources).map(([name, one]): [string, Made] => {
    const ref = refer(name, 'Ref') ?? '';
    const arn = refer(name, 'Arn') ?? (ref.startsWith('arn:') ? ref : '');
    return [name, { ...one, Properties: fill(one.Properties) as JsonObject, ref, arn }];
  });
  const known = new Map<string, readonly string[]>();
  const before = (name: string) => {
    const found = known.get(name) ?? comesAfter(made, name);
    known.set(name, found);
    return found;
  };
  return { resources: Object.fromEntries(resources), before };
};

/**
 * CloudFormation shortens the stack's part of a name that it makes up; here to what the tightest
 * type takes (S3).
 */
const SHORTEST = 63;

const filling = ({ Resources }: Template, pseudo: Parameters, remade: ReadonlySet<string>) => {
  const fill = (json: Json): Json => {
    if (typeof json !== 'object' || json === null) return json;
    if (Array.isArray(json)) return json.flatMap((one) => spread(one, fill(one)));
    const [[key, value] = ['', undefined]] = Object.entries(json);
    if (key === 'Ref') return pseudo[String(value)] ?? referred(String(value), 'Ref');
    if (key === 'Fn::GetAtt') return referred(String(at(value, 0)), String(at(value, 1)));
    if (key === 'Fn::Sub') return inserted(value);
    if (key === 'Fn::Split') return String(fill(at(value, 1))).split(String(at(value, 0)));
    if (key === 'Fn::Join') return list(fill(at(value, 1))).join(String(at(value, 0)));
    return Object.fromEntries(Object.entries(json).map(([name, inner]) => [name, fill(inner)]));
  };
  const inserted = (value: Json): string => {
    const [pattern, names] = list(value);
    return String(pattern).replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
      // `${!x}` stands for `${x}` itself.
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      const [id = '', attribute] = name.split('.');
      return String(
        fill(at(names, name) ?? (attribute ? { 'Fn::GetAtt': [id, attribute] } : { Ref: id })),
      );
    });
  };
  const referred = (id: string, attribute: string): string => {
    const found = refer(id, attribute);
    if (found === undefined) throw new Error(`what ${attribute} of ${id} is like is not known`);
    return found;
  };
  const refer = (id: string, attribute: string): string | undefined => {
    const resource = Resources[id];
    const form = FORMS[resource?.Type ?? '']?.[attribute];
    if (!resource || form === undefined) return undefined;
    const own = NAMED_BY[resource.Type];
    const name = own === undefined ? undefined : resource.Properties[own];
    const tail = `-${id}-${remade.has(id) ? 'Zy98Xw76Vu54' : 'Ab12Cd34Ef56'}`;
    const generated = `${String(pseudo['AWS::StackName']).slice(0, SHORTEST - tail.length)}${tail}`;
    const words: Parameters = {
      ...pseudo,
      NAME: name === undefined ? generated : String(fill(name)),
      PATH: String(fill(resource.Properties['Path'] ?? '/')),
      ID: `${id.toLowerCase()}${remade.has(id) ? 'z9' : 'a1'}`,
    };
    return form.replaceAll(/AWS::\w+|NAME|PATH|ID/g, (word) => words[word] ?? word);
  };
  return { fill, refer };
};

/** A function within a list that gives a list (`Fn::Split`) does not make a list of lists. */
const spread = (before: Json, after: Json): readonly Json[] =>
  Array.isArray(after) && !Array.isArray(before) ? after : [after];

/** The property by which a resource has a name that is one only in its account and region. */
export const NAMED_BY: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::ServiceDiscovery::HttpNamespace': 'Name',
  'AWS::ServiceDiscovery::PrivateDnsNamespace': 'Name',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SSM::Parameter': 'Name',
};

const arn = (rest: string) => `arn:AWS::Partition:${rest}`;
const HERE = 'AWS::Region:AWS::AccountId';

/** What `Ref` and attributes give, as CloudFormation documents each under "Return values". */
const FORMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS::ApiGatewayV2::Api': { Ref: 'ID' },
  'AWS::ApiGatewayV2::Integration': { Ref: 'ID' },
  'AWS::CloudWatch::Alarm': { Ref: 'NAME', Arn: arn(`cloudwatch:${HERE}:alarm:NAME`) },
  'AWS::Events::Rule': { Ref: 'NAME', Arn: arn(`events:${HERE}:rule/NAME`) },
  'AWS::IAM::ManagedPolicy': { Ref: arn('iam::AWS::AccountId:policyPATHNAME') },
  'AWS::IAM::Policy': { Ref: 'NAME' },
  'AWS::IAM::Role': { Ref: 'NAME', Arn: arn('iam::AWS::AccountId:rolePATHNAME') },
  'AWS::Lambda::Function': { Ref: 'NAME', Arn: arn(`lambda:${HERE}:function:NAME`) },
  // Its Arn ends in `:*`, so that its streams are meant.
  'AWS::Logs::LogGroup': { Ref: 'NAME', Arn: arn(`logs:${HERE}:log-group:NAME:*`) },
  'AWS::S3::Bucket': { Ref: 'NAME', Arn: arn('s3:::NAME') },
  'AWS::SecretsManager::Secret': { Ref: arn(`secretsmanager:${HERE}:secret:NAME`) },
  'AWS::ServiceDiscovery::HttpNamespace': {
    Ref: 'ns-ID',
    Arn: arn(`servicediscovery:${HERE}:namespace/ns-ID`),
  },
  'AWS::ServiceDiscovery::PrivateDnsNamespace': {
    Ref: 'ns-ID',
    Arn: arn(`servicediscovery:${HERE}:namespace/ns-ID`),
  },
  'AWS::SNS::Topic': { Ref: arn(`sns:${HERE}:NAME`) },
  'AWS::SQS::Queue': {
    Ref: 'https://sqs.AWS::Region.amazonaws.com/AWS::AccountId/NAME',
    Arn: arn(`sqs:${HERE}:NAME`),
    QueueName: 'NAME',
  },
  'AWS::SSM::Parameter': { Ref: 'NAME' },
};
