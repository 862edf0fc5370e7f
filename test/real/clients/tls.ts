import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';

export interface Front {
  readonly port: number;
  /** The certificate, in a file: it vouches for itself. */
  readonly ca: string;
  stop(): void;
}

/**
 * TLS under that name before a server of this machine that speaks plain HTTP, as API Gateway stands
 * before the resolver.
 */
export const startTls = async (
  { url, folder }: { readonly url: string; readonly folder: string },
  name: string,
): Promise<Front> => {
  const [key, ca] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const made = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    key,
    '-out',
    ca,
  ];
  const about = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-days', '1'];
  await promisify(execFile)('openssl', ['req', '-x509', ...made, ...about]);
  const { hostname, port } = new URL(url);
  const options = { key: await readFile(key), cert: await readFile(ca) };
  const server = createServer(options, (client) => {
    const behind = connect(Number(port), hostname);
    for (const [one, other] of [[client, behind] as const, [behind, client] as const])
      one.on('error', () => other.destroy()).pipe(other);
  });
  // Who does not like the certificate hangs up.
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: Object(server.address()).port, ca, stop: () => server.close() };
};
