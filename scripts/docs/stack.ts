import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');

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

/** The part of the service's description that is read here. */
interface Printed {
  readonly resources: {
    readonly Parameters: Stack['parameters'];
    readonly Metadata: {
      readonly 'AWS::CloudFormation::Interface': {
        readonly ParameterGroups: readonly {
          readonly Label: { readonly default: string };
          readonly Parameters: readonly string[];
        }[];
      };
    };
  };
}

/** Asks the Serverless Framework for the service with every file and variable put in: seconds, no network. */
export const readStack = async (): Promise<Stack> => {
  const serverless = join(ROOT, 'node_modules/.bin/serverless');
  const { stdout } = await promisify(execFile)(serverless, ['print', '--format', 'json'], {
    cwd: ROOT,
    maxBuffer: 16 * 1024 * 1024,
  });
  const { resources }: Printed = JSON.parse(stdout);
  const { ParameterGroups } = resources.Metadata['AWS::CloudFormation::Interface'];
  return {
    parameters: resources.Parameters,
    groups: ParameterGroups.map(({ Label, Parameters }) => ({
      title: Label.default,
      parameters: Parameters,
    })),
  };
};
