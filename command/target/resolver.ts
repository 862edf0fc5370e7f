import { DEFAULT_CLIENT, parseTokens } from '../../shared/resolver/pipeline/tokens.ts';
import { notAnswered, wrongUse } from '../exit.ts';
import { clientOptions } from './clients.ts';
import { signedHeaders } from './sign.ts';
import type { Place, StandingStack } from './target.ts';

interface Caller {
  readonly stack: StandingStack;
  readonly place: Place;
  /** Whose token is sent, of a secret that holds several. */
  readonly client: string | undefined;
}

/** Milliseconds. */
const PATIENCE = 30_000;

/**
 * As a client asks: by HTTP, with the token from its secret where the resolver wants one, or signed
 * where it wants to know the caller by IAM.
 */
export const askResolver = async (
  path: string,
  { signal, ...caller }: Caller & { readonly signal: AbortSignal },
): Promise<Response> => {
  const { stack } = caller;
  const base = resolverUrl(stack);
  const url = toUrl(base, path);
  const headers = await headersOf(url, caller);
  try {
    return await fetch(url, {
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
  } catch (error) {
    throw notAnswered(`the resolver at ${base} does not answer: ${Object(error).cause ?? error}`);
  }
};

/** A URL drops segments of dots, escaped or not: something else would be asked for. */
const toUrl = (base: string, path: string): URL => {
  const url = new URL(`${base}${path}`);
  const [asked = path] = path.split('?');
  if (url.pathname.endsWith(asked)) return url;
  throw wrongUse(`no URL can have the path ${asked}, so the resolver cannot be asked for it`);
};

const headersOf = async (url: URL, caller: Caller): Promise<Record<string, string>> => {
  const accept = 'application/json';
  if (takesSigned(caller.stack)) return signedHeaders(url, { accept }, caller.place);
  const token = await resolverToken(caller);
  return token === undefined ? { accept } : { accept, authorization: `Bearer ${token}` };
};

/** Whether callers are known by IAM, and not by a token. */
export const takesSigned = ({ parameters }: StandingStack): boolean =>
  parameters['resolveAccess'] === 'iam';

export const resolverUrl = (stack: StandingStack): string => {
  const url = stack.outputs['Resolver'];
  if (url === undefined) throw notAnswered(`stack ${stack.name} has no resolver`);
  return url.replace(/\/$/, '');
};

/** Undefined where the resolver asks for none. */
export const resolverToken = async ({
  stack: { outputs },
  place,
  client,
}: Caller): Promise<string | undefined> => {
  const SecretId = outputs['ResolverTokenSecret'];
  if (SecretId === undefined) return undefined;
  const { GetSecretValueCommand, SecretsManagerClient } = await import(
    '@aws-sdk/client-secrets-manager'
  );
  const secrets = new SecretsManagerClient(clientOptions(place));
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  return tokenOf(client, parseTokens(SecretString, 'the secret of the tokens'));
};

/** Each client has a share of its own, so none is taken that nobody has named. */
const tokenOf = (client: string | undefined, tokens: ReturnType<typeof parseTokens>) => {
  const wanted = client ?? DEFAULT_CLIENT;
  const [only, ...others] = tokens;
  const isOnly = client === undefined && others.length === 0;
  const found = tokens.find((one) => one.client === wanted) ?? (isOnly ? only : undefined);
  if (found) return found.text;
  const names = tokens.map((one) => one.client).join(', ') || 'nobody';
  throw wrongUse(
    `--client: expected whose token is to be sent, one of ${names}, got ${client ?? 'none'}`,
  );
};
