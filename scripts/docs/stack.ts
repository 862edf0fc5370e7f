/** A CloudFormation parameter, as far as the documentation tells it. */
export interface Parameter {
  readonly Type: string;
  readonly Default: string;
  readonly Description: string;
  readonly AllowedValues?: readonly string[];
  readonly AllowedPattern?: string;
  readonly MaxLength?: number;
  readonly MinValue?: number;
  readonly MaxValue?: number;
}

export interface Group {
  readonly title: string;
  readonly parameters: readonly string[];
}

/** What a deployer may choose, and how the template arranges it. */
export interface Stack {
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly groups: readonly Group[];
}

/** The part of the packaged template that is read here. */
interface Packaged {
  readonly Parameters: Stack['parameters'];
  readonly Metadata: {
    readonly 'AWS::CloudFormation::Interface': {
      readonly ParameterGroups: readonly {
        readonly Label: { readonly default: string };
        readonly Parameters: readonly string[];
      }[];
    };
  };
}

/** As the template has it, whatever parameters of one's own lie beside it (params.yml). */
export const readStack = (template: object): Stack => {
  const { Parameters, Metadata } = template as Packaged;
  return {
    parameters: Parameters,
    groups: Metadata['AWS::CloudFormation::Interface'].ParameterGroups.map((group) => ({
      title: group.Label.default,
      parameters: group.Parameters,
    })),
  };
};
