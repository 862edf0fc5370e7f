interface Resource {
  readonly Type: string;
  Condition?: string;
  DependsOn?: string | string[];
  readonly Properties?: unknown;
}

interface Serverless {
  readonly service: {
    readonly custom: { readonly rules: unknown };
    readonly provider: {
      compiledCloudFormationTemplate: { Rules?: unknown; readonly Resources: Record<string, Resource> };
    };
  };
}

const LAMBDA = 'AWS::Lambda::Function';
const TRIGGERS = ['AWS::Events::Rule', 'AWS::Lambda::Permission', 'AWS::Lambda::EventSourceMapping'];

/**
 * What the framework does not say in the template: Rules, which its schema does not know; a function's
 * condition on what triggers it; and no DependsOn that the properties imply already. It writes several,
 * CloudFormation's linter calls each a fault (W3005), and whoever validates templates by it refuses ours.
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
        dropImplied(template.Resources);
      },
    };
  }
}

/** The framework's triggers of a conditional function: rule, permission, event source mapping. */
const spreadConditions = (resources: Record<string, Resource>) => {
  for (const resource of Object.values(resources).filter(({ Type }) => TRIGGERS.includes(Type))) {
    const lambda = referred(resource.Properties)
      .map((name) => resources[name])
      .find((one) => one?.Type === LAMBDA);
    if (lambda?.Condition !== undefined) resource.Condition = lambda.Condition;
  }
};

const dropImplied = (resources: Record<string, Resource>) => {
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

const inText = (text: string) => [...text.matchAll(/\$\{([^}.!]+)[^}]*\}/g)].map((match) => match[1] ?? '');
