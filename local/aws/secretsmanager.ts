import { createHash } from 'node:crypto';
import { required, text } from './input.ts';
import { AwsFault, type AwsService } from './service.ts';

export interface SecretsManager extends AwsService {
  /** Creates or rotates a secret; returns its ARN, which ends in six characters of AWS's own. */
  put(name: string, value: string): string;
}

export const createSecretsManager = ({
  account = '111122223333',
  region = 'eu-central-1',
} = {}): SecretsManager => {
  const secrets = new Map<
    string,
    { readonly value: string; readonly version: number; readonly at: Date }
  >();
  const hash = (value: string) => createHash('sha256').update(value).digest('hex');
  const toArn = (name: string) =>
    `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${hash(name).slice(0, 6)}`;

  return {
    target: 'secretsmanager',
    put(name, value) {
      secrets.set(name, { value, version: (secrets.get(name)?.version ?? 0) + 1, at: new Date() });
      return toArn(name);
    },
    async handle(operation, input) {
      if (operation !== 'GetSecretValue')
        throw new AwsFault(
          'UnknownOperationException',
          `Secrets Manager ${operation} is not simulated.`,
        );
      const id = required(input, 'SecretId');
      // Name, whole ARN, or the ARN without its last six characters.
      const name = [...secrets.keys()].find((each) =>
        [each, toArn(each), toArn(each).slice(0, -7)].includes(id),
      );
      const secret = name === undefined ? undefined : secrets.get(name);
      const stage = text(input, 'VersionStage') ?? 'AWSCURRENT';
      if (name === undefined || !secret || stage !== 'AWSCURRENT')
        throw new AwsFault(
          'ResourceNotFoundException',
          "Secrets Manager can't find the specified secret.",
        );
      return {
        ARN: toArn(name),
        Name: name,
        VersionId: hash(`${name} ${secret.version}`).slice(0, 32),
        VersionStages: ['AWSCURRENT'],
        SecretString: secret.value,
        CreatedDate: secret.at,
      };
    },
  };
};
