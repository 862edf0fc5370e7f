import type { TlsConfig } from '../config/config.ts';
import type { Secret } from '../config/secret.ts';
import type { HttpSettings } from '../platform/http/client.ts';

/**
 * How a registry is met over TLS, and how its credentials are read again when it refuses: those of
 * TLS, and what else opens it. All are read, since a certificate and its key are rotated together.
 */
export const tlsSettings = (
  { ca, clientCert, clientKey, tlsServerName }: TlsConfig,
  others: readonly (Secret | undefined)[],
): Required<Pick<HttpSettings, 'tls' | 'refresh'>> => ({
  tls: () => ({
    ...(ca && { ca: ca.reveal() }),
    ...(clientCert && { cert: clientCert.reveal() }),
    ...(clientKey && { key: clientKey.reveal() }),
    ...(tlsServerName && { servername: tlsServerName }),
  }),
  refresh: () => refreshAll([...others, ca, clientCert, clientKey]),
});

/** Whether one of them is another now. One that cannot be read counts as unchanged. */
const refreshAll = async (secrets: readonly (Secret | undefined)[]): Promise<boolean> => {
  const changes = await Promise.all(secrets.map((secret) => secret?.refresh().catch(() => false)));
  return changes.includes(true);
};
