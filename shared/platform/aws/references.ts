import { TIMEOUTS } from './clients.ts';

/**
 * Reads `secretsmanager:<arn>` and `ssm:<name>`. The clients are loaded on first use: most
 * installations need one of them or none. A secret's ARN may go on as in a task definition,
 * `<arn>:<json key>`, for one value of a JSON secret.
 */
export const readReference = async (reference: string): Promise<string> => {
  const at = reference.indexOf(':');
  const [kind, name] = [reference.slice(0, at), reference.slice(at + 1)];
  if (kind === 'ssm') return readParameter(name);
  if (kind === 'secretsmanager') return readSecret(name);
  throw new Error(`expected secretsmanager:<arn> or ssm:<name>, got ${reference}`);
};

const readParameter = async (Name: string): Promise<string> => {
  const { GetParameterCommand, SSMClient } = await import('./ssm.ts');
  const answer = await new SSMClient(TIMEOUTS).send(
    new GetParameterCommand({ Name, WithDecryption: true }),
  );
  return answer.Parameter?.Value ?? '';
};

/** `arn:aws:secretsmanager:region:account:secret:name` has seven parts. */
const ARN_PARTS = 7;

const readSecret = async (name: string): Promise<string> => {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('./secrets-manager.ts');
  const parts = name.split(':');
  const SecretId = name.startsWith('arn:') ? parts.slice(0, ARN_PARTS).join(':') : name;
  const key = name.startsWith('arn:') ? parts[ARN_PARTS] : undefined;
  const answer = await new SecretsManagerClient(TIMEOUTS).send(
    new GetSecretValueCommand({ SecretId }),
  );
  const text = answer.SecretString ?? '';
  return key ? member(text, key) : text;
};

const member = (text: string, key: string): string => {
  const found = Object.entries(parseObject(text)).find(([name]) => name === key)?.[1];
  if (typeof found !== 'string') throw new Error(`the secret has no text under "${key}"`);
  return found;
};

/** JSON.parse quotes what it cannot read, and this is a secret: its own words are not passed on. */
const parseObject = (text: string): object => {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json;
  } catch {}
  throw new Error('expected a secret that is a JSON object, got other text');
};
