/** What a deployment says about addresses, beside what is withheld always. */
export interface AddressRules {
  /** Only where what runs is on this very machine: a local run. */
  readonly loopback?: 'allow';
  /** Networks (`10.0.0.0/8`, `fd00::/8`); where there are any, all else is withheld, names too. */
  readonly cidrs?: readonly string[];
}

/** Why an address may not be handed out, in words; undefined: it may. */
export type Withhold = (address: string) => string | undefined;

/** 128 bits; IPv4 as it is mapped into IPv6. */
type Bits = bigint;

interface Network {
  /** The bits that all its addresses begin with. */
  readonly prefix: Bits;
  /** How many bits follow those. */
  readonly rest: bigint;
}

/**
 * What reads an address as other than it looks (`127.1`, `0x7f.1`, `[::1]`, `1.2.3.4:80`) connects
 * to what it reads: so texts are read as browsers do, who take all of these.
 */
const hostOf = (address: string): string | undefined => {
  const text = address.trim();
  const ipv6 = text.includes(':')
    ? URL.parse(`http://[${text.split('%', 1)[0]?.replace(/^\[|\]$/g, '')}]/`)
    : null;
  return (ipv6 ?? URL.parse(`http://${text}/`))?.hostname.replace(/\.$/, '');
};

/** Of a URL its host; of anything else all of it. */
export const hostIn = (text: string): string =>
  (/^\s*[a-z][a-z0-9+.-]*:\/\//i.test(text) ? URL.parse(text)?.hostname : undefined) ?? text;

const MAPPED: Bits = 0xffff_0000_0000n;
const LOW: Bits = 0xffff_ffffn;

const DOTTED = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

const ipv4Bits = (host: string): Bits | undefined => {
  const bytes = DOTTED.exec(host)?.slice(1).map(Number);
  if (!bytes || bytes.some((byte) => byte > 255)) return undefined;
  return MAPPED | BigInt(bytes.reduce((sum, byte) => sum * 256 + byte, 0));
};

/** As `URL` writes it: in brackets, hexadecimal, `::` for the zeros. */
const ipv6Bits = (host: string): Bits | undefined => {
  if (!host.startsWith('[')) return undefined;
  const [head = '', tail] = host.slice(1, -1).split('::');
  const [front, back] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean));
  const zeros = Array<string>(8 - (front?.length ?? 0) - (back?.length ?? 0)).fill('0');
  const groups = [...(front ?? []), ...zeros, ...(back ?? [])];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
};

const bitsOf = (host: string): Bits | undefined => ipv4Bits(host) ?? ipv6Bits(host);

/** Undefined: it is no network. */
export const parseNetwork = (text: string): Network | undefined => {
  const [, address = '', given = ''] = /^([0-9A-Fa-f.:]+)\/(\d{1,3})$/.exec(text) ?? [];
  const isIpv4 = DOTTED.test(address);
  const bits = isIpv4 || address.includes(':') ? bitsOf(hostOf(address) ?? '') : undefined;
  const length = Number(given) + (isIpv4 ? 96 : 0);
  if (bits === undefined || length > 128) return undefined;
  const rest = BigInt(128 - length);
  return { prefix: bits >> rest, rest };
};

const isIn = (bits: Bits, { prefix, rest }: Network): boolean => bits >> rest === prefix;

const networks = (...texts: readonly string[]): readonly Network[] =>
  texts.flatMap((text) => parseNetwork(text) ?? []);

const LOOPBACK = 'a loopback address';
/** RFC 6890 and 4291; fd00:ec2:: is where EC2 has its metadata, DNS and time (IPv6). */
const NEVER: readonly (readonly [what: string, of: readonly Network[]])[] = [
  [LOOPBACK, networks('127.0.0.0/8', '::1/128')],
  ['a link-local address', networks('169.254.0.0/16', 'fe80::/10')],
  ['an unspecified address', networks('0.0.0.0/8', '::/128')],
  ['a multicast address', networks('224.0.0.0/4', 'ff00::/8')],
  ['the broadcast address', networks('255.255.255.255/32')],
  ["an address of EC2's own services", networks('fd00:ec2::/32')],
];

/**
 * Where an IPv4 address stands within one of IPv6: compatible, translated, 6to4 and NAT64 (RFC
 * 4291, 2765, 3056, 6052, 8215). Mapped ones are IPv4's own form here.
 */
const EMBEDDED: readonly (readonly [Network, shift: bigint])[] = (
  [
    ['::/96', 0n],
    ['::ffff:0:0:0/96', 0n],
    ['2002::/16', 80n],
    ['64:ff9b::/96', 0n],
    ['64:ff9b:1::/48', 0n],
  ] as const
).flatMap(([text, shift]) => networks(text).map((network) => [network, shift] as const));

/** The address, and the one that it leads to. */
const formsOf = (bits: Bits): readonly Bits[] => {
  if (bits <= 1n || bits >> 32n === MAPPED >> 32n) return [bits];
  const found = EMBEDDED.find(([network]) => isIn(bits, network));
  return found ? [bits, MAPPED | ((bits >> found[1]) & LOW)] : [bits];
};

/**
 * Whether an address may be handed to a client, or written where clients read: never one that means
 * another place to each who uses it, or a service of the host's own, such as its credentials. Names
 * are not resolved: of them only `localhost` is known. Pure.
 */
export const createWithhold = ({ loopback, cidrs = [] }: AddressRules): Withhold => {
  const allowed = networks(...cidrs);
  const never = NEVER.filter(([what]) => what !== LOOPBACK || loopback !== 'allow');
  const isLoopbackName = (host: string) => loopback !== 'allow' && /(^|\.)localhost$/i.test(host);
  return (address) => {
    const host = ipv4Bits(address) === undefined ? hostOf(address) : address;
    const bits = host === undefined ? undefined : bitsOf(host);
    if (bits === undefined) {
      if (host !== undefined && isLoopbackName(host)) return 'a loopback name';
      return allowed.length > 0 ? 'no address, and only those of resolveCidrs are' : undefined;
    }
    const forms = formsOf(bits);
    const found = never.find(([, of]) =>
      of.some((network) => forms.some((form) => isIn(form, network))),
    );
    if (found) return found[0];
    const isAllowed = allowed.length === 0 || allowed.some((network) => isIn(bits, network));
    return isAllowed ? undefined : 'outside resolveCidrs';
  };
};

/** As it stands before a port, and in a URL: IPv6 in brackets. */
export const inUrl = (address: string): string =>
  address.includes(':') ? `[${address}]` : address;
