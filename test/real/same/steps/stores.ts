import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import * as SSM from '@aws-sdk/client-ssm';
import type { Step } from './step.ts';

export const stores: readonly Step[] = [
  [
    'ssm: a parameter is put',
    ({ ssm }) =>
      ssm.send(new SSM.PutParameterCommand({ Name: '/rollcall/a', Value: 'one', Type: 'String' })),
  ],
  [
    'ssm: it is put again',
    ({ ssm }) =>
      ssm.send(new SSM.PutParameterCommand({ Name: '/rollcall/a', Value: 'two', Type: 'String' })),
  ],
  [
    'ssm: it is put again to overwrite',
    ({ ssm }) =>
      ssm.send(
        new SSM.PutParameterCommand({
          Name: '/rollcall/a',
          Value: 'two',
          Type: 'String',
          Overwrite: true,
        }),
      ),
  ],
  [
    'ssm: it is read',
    ({ ssm }) =>
      ssm.send(new SSM.GetParameterCommand({ Name: '/rollcall/a', WithDecryption: true })),
  ],
  [
    'ssm: a secret one is put',
    ({ ssm }) =>
      ssm.send(
        new SSM.PutParameterCommand({ Name: '/rollcall/b', Value: 'hush', Type: 'SecureString' }),
      ),
  ],
  [
    'ssm: it is read decrypted, beside an unknown one',
    ({ ssm }) =>
      ssm.send(
        new SSM.GetParametersCommand({ Names: ['/rollcall/b', '/none'], WithDecryption: true }),
      ),
  ],
  [
    'ssm: more than 4,096 characters',
    ({ ssm }) =>
      ssm.send(
        new SSM.PutParameterCommand({
          Name: '/rollcall/c',
          Value: 'x'.repeat(4_097),
          Type: 'String',
        }),
      ),
  ],
  [
    'ssm: an unknown one is read',
    ({ ssm }) => ssm.send(new SSM.GetParameterCommand({ Name: '/none' })),
  ],
  [
    'ssm: one is deleted',
    ({ ssm }) => ssm.send(new SSM.DeleteParameterCommand({ Name: '/rollcall/a' })),
  ],
  [
    'ssm: it is deleted again',
    ({ ssm }) => ssm.send(new SSM.DeleteParameterCommand({ Name: '/rollcall/a' })),
  ],
  [
    'secrets manager: a secret is read by its name',
    ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: 'token' })),
  ],
  [
    'secrets manager: an unknown one is read',
    ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: 'none' })),
  ],
];
