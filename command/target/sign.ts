import { clientOptions } from './clients.ts';
import type { Place } from './target.ts';

/**
 * The headers by which IAM knows who sends a GET, made with the caller's own credentials
 * (Signature Version 4). API Gateway refuses them five minutes later. Rejects where there are no
 * credentials.
 */
export const signedHeaders = async (
  url: URL,
  headers: Readonly<Record<string, string>>,
  place: Place,
): Promise<Record<string, string>> => {
  const [{ SignatureV4 }, { LambdaClient }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('@aws-sdk/client-lambda'),
  ]);
  // Where credentials are looked for, and how is hashed, any client of the SDK knows.
  const { credentials, sha256 } = new LambdaClient(clientOptions(place)).config;
  const { region } = place;
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256 });
  const signed = await signer.sign({
    method: 'GET',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: queryOf(url),
    headers: { ...headers, host: url.host },
  });
  return signed.headers;
};

const queryOf = ({ searchParams }: URL) =>
  Object.fromEntries(
    [...new Set(searchParams.keys())].map((key) => [key, searchParams.getAll(key)]),
  );
