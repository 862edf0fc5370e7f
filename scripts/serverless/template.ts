interface Resource {
  readonly Type: string;
  Condition?: string;
  DependsOn?: string | string[];
  Metadata?: Record<string, unknown>;
  readonly Properties?: unknown;
}

type Resources = Record<string, Resource>;

type Outputs = Record<string, { readonly Value: unknown; Condition?: string | undefined }>;

interface Serverless {
  readonly service: {
    readonly custom: { readonly rules: unknown };
    readonly provider: {
      compiledCloudFormationTemplate: {
        Rules?: unknown;
        readonly Resources: Resources;
        readonly Outputs: Outputs;
      };
    };
  };
}

const LAMBDA = 'AWS::Lambda::Function';
const API = 'AWS::ApiGatewayV2::Api';
const RULE = 'AWS::Events::Rule';
const PERMISSION = 'AWS::Lambda::Permission';
const TRIGGERS = [RULE, PERMISSION, 'AWS::Lambda::EventSourceMapping'];

/**
 * What the framework does not say in the template: Rules, which its schema does not know; a
 * function's condition on what triggers it; rights before what uses them; and no DependsOn that the
 * properties imply already. It writes several, CloudFormation's linter calls each a fault (W3005),
 * and whoever validates templates by it refuses ours.
 */
export default class Template {
  readonly hooks: Record<string, () => void>;

  constructor(serverless: Serverless) {
    this.hooks = {
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { custom, provider } = serverless.service;
        const template = provider.compiledCloudFormationTemplate;
        template.Rules = custom.rules;
        spreadConditions(template.Resources);
        spreadToOutputs(template.Outputs, template.Resources);
        rightsBeforeFunctions(template.Resources);
        permissionsBeforeRules(template.Resources);
        dropImplied(template.Resources);
      },
    };
  }
}

/** The framework's triggers of a conditional function: rule, permission, event source mapping. */
const spreadConditions = (resources: Resources) => {
  for (const resource of Object.values(resources).filter(({ Type }) => TRIGGERS.includes(Type))) {
    const all = referred(resource.Properties).map((name) => resources[name]);
    // An API is there only where its function is.
    const found = [API, LAMBDA].map((type) => all.find((one) => one?.Type === type));
    const condition = found.find((one) => one?.Condition !== undefined)?.Condition;
    if (condition !== undefined) resource.Condition = condition;
  }
};

/** The framework's outputs of what a condition leaves out. */
const spreadToOutputs = (outputs: Outputs, resources: Resources) => {
  for (const output of Object.values(outputs)) {
    const condition = referred(output.Value).map((name) => resources[name]?.Condition);
    output.Condition ??= condition.find((one) => one !== undefined);
    if (output.Condition === undefined) delete output.Condition;
  }
};

/**
 * A function is made and changed after the policies of its role, and deleted before them. DependsOn
 * may not name what a condition leaves out (E3005), and takes no functions: a conditional reference
 * in the metadata, which nothing reads, orders the two instead.
 */
const rightsBeforeFunctions = (resources: Resources) => {
  const policies = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::IAM::Policy');
  for (const lambda of Object.values(resources).filter(({ Type }) => Type === LAMBDA)) {
    const roles = referred((lambda.Properties as { readonly Role?: unknown }).Role);
    const own = policies.filter(([, { Properties }]) =>
      referred((Properties as { readonly Roles?: unknown }).Roles).some((role) =>
        roles.includes(role),
      ),
    );
    const Rights = own.map(([name, { Condition }]) =>
      Condition === undefined ? { Ref: name } : { 'Fn::If': [Condition, { Ref: name }, ''] },
    );
    if (Rights.length > 0) lambda.Metadata = { ...lambda.Metadata, Rights };
  }
};

/**
 * A rule that invokes a function is made after the permission to do so, which knows it by its name.
 */
const permissionsBeforeRules = (resources: Resources) => {
  const lambdaOf = ({ Properties }: Resource) =>
    referred(Properties).find((name) => resources[name]?.Type === LAMBDA);
  const permissions = Object.entries(resources).filter(
    ([, { Type, Properties }]) =>
      Type === PERMISSION &&
      (Properties as { readonly Principal?: unknown }).Principal === 'events.amazonaws.com',
  );
  for (const rule of Object.values(resources).filter(({ Type }) => Type === RULE)) {
    const lambda = lambdaOf(rule);
    const own = permissions.filter(([, one]) => lambda !== undefined && lambdaOf(one) === lambda);
    if (own.length > 0) rule.DependsOn = [rule.DependsOn ?? [], own.map(([name]) => name)].flat(2);
  }
};

const dropImplied = (resources: Resources) => {
  for (const resource of Object.values(resources)) {
    const implied = new Set(referred(resource.Properties));
    const left = [resource.DependsOn ?? []].flat().filter((name) => !implied.has(name));
    if (left.length === 0) delete resource.DependsOn;
    else resource.DependsOn = left;
  }
};

/** The names behind every Ref, GetAtt and Sub at or below a value of a template. */
export const referred = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return [String(inner)];
    if (key === 'Fn::GetAtt') return [String(inner).split(/[.,]/)[0] ?? ''];
    if (key === 'Fn::Sub') return [...inText(String([inner].flat()[0])), ...referred(inner)];
    return referred(inner);
  });
};

const inText = (text: string) =>
  [...text.matchAll(/\$\{([^}.!]+)[^}]*\}/g)].map((match) => match[1] ?? '');
