import type { Check } from '../model/registration.ts';
import type { Endpoint } from './address.ts';
import { textOf, type Words } from './labels.ts';
import { type Fill, inUrl } from './placeholders.ts';
import { compact } from './records.ts';

/** Registrator's order: the first kind that is said wins. */
const KINDS = ['http', 'https', 'cmd', 'script', 'ttl', 'tcp', 'grpc'] as const;
const DEFAULT_INTERVAL = '10s';

type Kind = Check['kind'];

/**
 * The check that `SERVICE_CHECK_*` asks for, by Registrator's rules; without a kind there is none,
 * whatever else is said.
 */
export const checkOf = (words: Words, endpoint: Endpoint, fill: Fill): Check | undefined => {
  const said = (key: string) => {
    const text = textOf(words, `check_${key}`);
    return text && fill(text);
  };
  const kind = KINDS.find((each) => said(each));
  const value = kind && said(kind);
  if (!kind || !value) return undefined;
  const http = kind === 'http' || kind === 'https';
  const timed = http || kind === 'tcp' || kind === 'grpc';
  const tls = kind === 'grpc' && said('grpc_use_tls') !== undefined;
  return compact<Check>({
    kind,
    target: targetOf(kind, value, endpoint),
    method: http ? said(`${kind}_method`) : undefined,
    interval: kind === 'ttl' ? undefined : (said('interval') ?? DEFAULT_INTERVAL),
    timeout: timed ? said('timeout') : undefined,
    deregisterAfter: said('deregister_after'),
    initialStatus: said('initial_status'),
    useTls: tls || undefined,
    skipTlsVerify: (tls && said('tls_skip_verify') !== undefined) || undefined,
  });
};

const targetOf = (kind: Kind, value: string, { address, port }: Endpoint): string => {
  const place = `${inUrl(address)}:${port}`;
  switch (kind) {
    case 'http':
    case 'https':
      // Registrator knows no full URL here; with `{port:8081}` it is how another port of the task
      // is checked.
      return /^https?:\/\//.test(value) ? value : `${kind}://${place}${value}`;
    case 'tcp':
    case 'grpc':
      return place;
    case 'script':
      return value.replaceAll('$SERVICE_IP', address).replaceAll('$SERVICE_PORT', String(port));
    case 'ttl':
    case 'cmd':
      return value;
  }
};
