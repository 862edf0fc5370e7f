import { inUrl } from '../model/address.ts';
import type { Check } from '../model/registration.ts';
import type { Protocol } from '../model/task.ts';
import type { Endpoint } from './address.ts';
import { textOf, type Words } from './labels.ts';
import { fillWhole, type Values } from './placeholders.ts';
import type { Note } from './ports.ts';
import { compact } from './records.ts';

/** Registrator's order: the first kind that is said wins. */
const KINDS = ['http', 'https', 'cmd', 'script', 'ttl', 'tcp', 'grpc'] as const;
const DEFAULT_INTERVAL = '10s';
/** Whoever makes the check must change nothing by it. */
const METHODS = ['GET', 'HEAD'] as const;

type Kind = Check['kind'];

const OVER_TCP: readonly Kind[] = ['http', 'https', 'tcp', 'grpc'];

interface CheckContext {
  readonly values: Values;
  readonly note: Note;
  readonly protocol: Protocol;
}

/**
 * The check that `SERVICE_CHECK_*` asks for, by Registrator's rules; without a kind there is none,
 * whatever else is said. Labels decide what is asked of a task, not what others are asked: a check
 * of another address than the task's own is left out, as is one with an unknown placeholder.
 */
export const checkOf = (
  words: Words,
  endpoint: Endpoint,
  { values, note, protocol }: CheckContext,
): Check | undefined => {
  const said = (key: string) => textOf(words, `check_${key}`);
  const kind = KINDS.find(said);
  if (!kind) return undefined;
  if (protocol === 'udp' && OVER_TCP.includes(kind)) {
    note(`SERVICE_CHECK_${kind.toUpperCase()} is left out: nothing answers it at a udp port`);
    return undefined;
  }
  const value = fillWhole(said(kind) ?? '', values);
  const target =
    'unknown' in value
      ? { fault: `nothing is known for ${value.unknown}` }
      : targetOf(kind, value.text, endpoint);
  if ('fault' in target) {
    note(`SERVICE_CHECK_${kind.toUpperCase()} is left out: ${target.fault}`);
    return undefined;
  }
  const http = kind === 'http' || kind === 'https';
  const timed = http || kind === 'tcp' || kind === 'grpc';
  const tls = kind === 'grpc' && said('grpc_use_tls') !== undefined;
  if (said('deregister_after'))
    note('SERVICE_CHECK_DEREGISTER_AFTER is ignored: a record goes when its task does');
  return compact<Check>({
    kind,
    target: target.text,
    method: http ? methodOf(kind, said(`${kind}_method`), note) : undefined,
    interval: kind === 'ttl' ? undefined : (said('interval') ?? DEFAULT_INTERVAL),
    timeout: timed ? said('timeout') : undefined,
    initialStatus: said('initial_status'),
    useTls: tls || undefined,
    skipTlsVerify: (tls && said('tls_skip_verify') !== undefined) || undefined,
  });
};

const methodOf = (kind: Kind, said: string | undefined, note: Note): Check['method'] => {
  const asked = said?.trim().toUpperCase();
  const method = METHODS.find((one) => one === asked);
  if (!asked || method) return method;
  note(
    `SERVICE_CHECK_${kind.toUpperCase()}_METHOD must be one of ${METHODS.join(', ')}, not ${JSON.stringify(said)}; GET is used`,
  );
  return 'GET';
};

type Target = { readonly text: string } | { readonly fault: string };

const targetOf = (kind: Kind, value: string, { address, port }: Endpoint): Target => {
  const place = `${inUrl(address)}:${port}`;
  switch (kind) {
    case 'http':
    case 'https':
      return ownUrl(value.trim(), { scheme: kind, place, host: inUrl(address) });
    case 'tcp':
    case 'grpc':
      return { text: place };
    case 'script':
      return {
        text: value.replaceAll('$SERVICE_IP', address).replaceAll('$SERVICE_PORT', String(port)),
      };
    case 'ttl':
    case 'cmd':
      return { text: value };
  }
};

/** Up to the first character that ends the authority of a URL, whoever reads it. */
const FULL_URL = /^(https?):\/\/([^/?#\\]*)(.*)$/s;

/**
 * A path on the task's own port, or a full URL, which Registrator does not know: with `{port:8081}`
 * it is how another port of the task is checked. Nothing is parsed that two programs could read in
 * two ways: the host must be the task's address to the letter, and nothing but a port may follow.
 */
export const ownUrl = (
  value: string,
  { scheme, place, host }: { readonly scheme: Kind; readonly place: string; readonly host: string },
): Target => {
  if (/[\s\p{Cc}\\]/u.test(value))
    return { fault: 'expected a path or a URL, without space, backslash or control character' };
  const [, said, authority = '', rest = ''] = FULL_URL.exec(value) ?? [];
  // Without the slash, as Registrator has it, the value would go on with the port, or the host.
  if (said === undefined)
    return { text: `${scheme}://${place}${value.startsWith('/') ? '' : '/'}${value}` };
  const port = authority.toLowerCase().startsWith(host) ? authority.slice(host.length) : undefined;
  if (port === undefined || !isPort(port)) {
    // What stands before it may be a password.
    const asked = JSON.stringify(authority.slice(authority.lastIndexOf('@') + 1));
    return {
      fault: `a task is asked at its own address and without a user, as in ${said}://{ip}:{port}/, not at ${asked}`,
    };
  }
  return { text: `${said}://${host}${port}${rest}` };
};

/** Empty, or a port after its colon. */
const isPort = (text: string) => {
  const [, digits] = /^:([1-9]\d{0,4})$/.exec(text) ?? [];
  return text === '' || (digits !== undefined && Number(digits) <= 65_535);
};
