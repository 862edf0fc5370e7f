import { parseTokens } from '../../shared/resolver/pipeline/tokens.ts';
import { notAnswered, wrongUse } from '../exit.ts';
import { clientOptions } from './clients.ts';
import type { Place, StandingStack } from './target.ts';

interface Asked {
  readonly stack: StandingStack;
  readonly place: Place;
  readonly signal: AbortSignal;
}

/** Milliseconds. */
const PATIENCE = 30_000;

/** As a client asks: by HTTP, with the token from its secret where the resolver wants one. */
export const askResolver = async (
  path: string,
  { stack, place, signal }: Asked,
): Promise<Response> => {
  const url = resolverUrl(stack);
  if (stack.parameters['resolveAccess'] === 'iam')
    throw wrongUse(
      `the resolver of ${stack.name} takes signed requests only (resolveAccess=iam): ask it by curl, as the output TryResolver shows`,
    );
  const token = await resolverToken(stack, place);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  try {
    return await fetch(`${url}${path}`, {
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
  } catch (error) {
    throw notAnswered(`the resolver at ${url} does not answer: ${Object(error).cause ?? error}`);
  }
};

export const resolverUrl = (stack: StandingStack): string => {
  const url = stack.outputs['Resolver'];
  if (url === undefined) throw notAnswered(`stack ${stack.name} has no resolver`);
  return url.replace(/\/$/, '');
};

/** Undefined where the resolver asks for none. */
export const resolverToken = async (
  { outputs }: StandingStack,
  place: Place,
): Promise<string | undefined> => {
  const SecretId = outputs['ResolverTokenSecret'];
  if (SecretId === undefined) return undefined;
  const { GetSecretValueCommand, SecretsManagerClient } = await import(
    '@aws-sdk/client-secrets-manager'
  );
  const client = new SecretsManagerClient(clientOptions(place));
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
  // Of several clients' tokens any opens it.
  return parseTokens(SecretString, 'the secret of the tokens')[0]?.text;
};
