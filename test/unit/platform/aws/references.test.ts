import 'aws-sdk-client-mock-vitest/extend';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { readReference } from '../../../../shared/platform/aws/references.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:rollcall-a1b2c3';

// The clients are made where they are needed, so every one of their class is mocked.
const ssm = mockClient(SSMClient);
const secrets = mockClient(SecretsManagerClient);
afterEach(() => {
  ssm.reset();
  secrets.reset();
});
afterAll(() => {
  ssm.restore();
  secrets.restore();
});

const secretIs = (SecretString?: string) =>
  secrets
    .on(GetSecretValueCommand)
    .resolves({ ...(SecretString !== undefined && { SecretString }) });

describe('a reference to a parameter', () => {
  it('is read decrypted, colons in its name included', async () => {
    ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'text' } });
    expect(await readReference('ssm:arn:aws:ssm:eu-west-1:1:parameter/rollcall/token')).toBe(
      'text',
    );
    expect(ssm).toHaveReceivedCommandWith(GetParameterCommand, {
      Name: 'arn:aws:ssm:eu-west-1:1:parameter/rollcall/token',
      WithDecryption: true,
    });
  });
});

describe('a reference to a secret', () => {
  it('is the whole of its text', async () => {
    secretIs('{"not":"taken apart"}');
    expect(await readReference(`secretsmanager:${ARN}`)).toBe('{"not":"taken apart"}');
    expect(secrets).toHaveReceivedCommandWith(GetSecretValueCommand, { SecretId: ARN });
  });

  it('may name one key of a JSON secret after the ARN, as in a task definition', async () => {
    secretIs('{"token":"abc","other":1}');
    expect(await readReference(`secretsmanager:${ARN}:token`)).toBe('abc');
    expect(await readReference(`secretsmanager:${ARN}:token::`)).toBe('abc');
    expect(secrets).toHaveReceivedNthCommandWith(GetSecretValueCommand, 1, { SecretId: ARN });
  });

  it('may be a plain name', async () => {
    secretIs('abc');
    expect(await readReference('secretsmanager:rollcall/token')).toBe('abc');
  });

  it.each([
    ['text that is no JSON', 'hunter2', 'expected a secret that is a JSON object, got other text'],
    [
      'JSON that is no object',
      '"hunter2"',
      'expected a secret that is a JSON object, got other text',
    ],
    ['null', 'null', 'expected a secret that is a JSON object, got other text'],
    ['an object without the key', '{"hunter2":"x"}', 'the secret has no text under "token"'],
    ['a number under the key', '{"token":2}', 'the secret has no text under "token"'],
  ])('to a key of %s fails without a word of the secret', async (_what, text, message) => {
    secretIs(text);
    await expect(readReference(`secretsmanager:${ARN}:token`)).rejects.toThrow(new Error(message));
  });
});

it('a reference of another kind says what is expected', async () => {
  await expect(readReference('vault:x')).rejects.toThrow(
    'expected secretsmanager:<arn> or ssm:<name>, got vault:x',
  );
});
