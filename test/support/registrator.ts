/**
 * gliderlabs/registrator's rules, told a second time and apart from ours, so that the two can be
 * compared. Read in `bridge/bridge.go`, `bridge/util.go` and `consul/consul.go` of its newest
 * state; nothing of Rollcall is used here.
 */

/** A container as Docker's inspection shows it to Registrator. */
export interface Inspected {
  /** Docker's own: on ECS `ecs-<family>-<revision>-<container>-<hex>`. */
  readonly name: string;
  readonly image: string;
  /** `KEY=value`, the image's ENV included. */
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly DockerPort[];
}

export interface DockerPort {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp';
  /** Docker's order; none where the port is exposed and not published. */
  readonly bindings: readonly { readonly hostIp: string; readonly hostPort: number }[];
}

/** How Registrator was started. */
export interface Flags {
  readonly hostname: string;
  /** What the host name resolves to: the address of whatever is bound to every address. */
  readonly hostIp: string;
  /** `-ip`. */
  readonly ip?: string;
  /** `-tags`, without templates. */
  readonly tags?: string;
  readonly explicit?: boolean;
}

export interface RegistratorService {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly tags: readonly string[];
  /** Consul's Meta. */
  readonly attributes: Readonly<Record<string, string>>;
}

type Texts = Readonly<Record<string, string>>;

export const register = (container: Inspected, flags: Flags): readonly RegistratorService[] => {
  const published = container.ports.filter(({ bindings }) => bindings.length > 0);
  return published.flatMap((port) =>
    toService(port, { container, flags, several: published.length > 1 }),
  );
};

interface About {
  readonly container: Inspected;
  readonly flags: Flags;
  readonly several: boolean;
}

const toService = (port: DockerPort, about: About): readonly RegistratorService[] => {
  const { container, flags } = about;
  const { general, ofPort } = readWords(container, port);
  const { name, tags, id, ...attributes } = { ...general, ...ofPort };
  const [binding] = port.bindings;
  if (attributes['ignore'] || (!name && flags.explicit) || !binding) return [];
  const suffix = about.several && !Object.hasOwn(ofPort, 'name') ? `-${port.containerPort}` : '';
  const everywhere = binding.hostIp === '' || binding.hostIp === '0.0.0.0';
  const udp = port.protocol === 'udp';
  return [
    {
      id: id || `${flags.hostname}:${container.name}:${port.containerPort}${udp ? ':udp' : ''}`,
      name: (name || baseName(container.image)) + suffix,
      address: flags.ip ?? (everywhere ? flags.hostIp : binding.hostIp),
      port: binding.hostPort,
      protocol: port.protocol,
      tags: [...toTags(tags), ...toTags(flags.tags), ...(udp ? ['udp'] : [])],
      attributes,
    },
  ];
};

/**
 * Last segment of the path, up to the first colon: a digest without a tag leaves its `@sha256`
 * behind.
 */
const baseName = (image: string) => image.split('/').at(-1)?.split(':')[0] ?? '';

/**
 * Labels come after the environment, and what comes later wins; what is said of the port wins over
 * both.
 */
const readWords = (container: Inspected, port: DockerPort) => {
  const general: Record<string, string> = {};
  const ofPort: Record<string, string> = {};
  const entries = [
    ...container.env.filter((entry) => entry.includes('=')).map((entry) => entry.split(/=(.*)/s)),
    ...Object.entries(container.labels),
  ];
  for (const [key = '', value = ''] of entries) {
    if (!key.startsWith('SERVICE_')) continue;
    const word = key.slice('SERVICE_'.length).toLowerCase();
    const [, number, rest = ''] = /^([+-]?\d+)_(.*)$/s.exec(word) ?? [];
    if (number === undefined) general[word] = value;
    else if (number === String(port.containerPort)) ofPort[rest] = value;
  }
  return { general, ofPort } satisfies Record<string, Texts>;
};

/** Character by character, which is not how ours does it. */
const toTags = (text = ''): readonly string[] => {
  const tags = [''];
  for (const [at, character] of [...text].entries()) {
    const last = tags.length - 1;
    if (character !== ',') tags[last] += character;
    else if ([...text][at - 1] === '\\') tags[last] = `${tags[last]?.slice(0, -1)},`;
    else tags.push('');
  }
  return tags.filter((tag) => tag !== '');
};

const KINDS = ['http', 'https', 'cmd', 'script', 'ttl', 'tcp', 'grpc'] as const;

/**
 * The check that goes with a service's registration at the local agent, by the label that asked for
 * it.
 */
export interface AgentCheck {
  readonly kind: (typeof KINDS)[number];
  readonly target: string;
  readonly method?: string;
  readonly interval?: string;
  readonly timeout?: string;
  readonly deregisterAfter?: string;
  readonly initialStatus?: string;
}

/** The first kind that is said wins; without one there is no check, whatever else is said. */
export const toAgentCheck = (service: RegistratorService): AgentCheck | undefined => {
  const { attributes, address, port } = service;
  const said = (key: string) => attributes[`check_${key}`] || undefined;
  const kind = KINDS.find((each) => said(each));
  if (!kind) return undefined;
  const place = `${address}:${port}`;
  const value = said(kind) ?? '';
  const targets: Readonly<Record<AgentCheck['kind'], string>> = {
    http: `http://${place}${value}`,
    https: `https://${place}${value}`,
    cmd: value,
    script: value.replaceAll('$SERVICE_IP', address).replaceAll('$SERVICE_PORT', String(port)),
    ttl: value,
    tcp: place,
    grpc: place,
  };
  const fields = {
    method: kind === 'http' || kind === 'https' ? said(`${kind}_method`) : undefined,
    interval: kind === 'ttl' ? undefined : (said('interval') ?? '10s'),
    timeout: ['http', 'https', 'tcp', 'grpc'].includes(kind) ? said('timeout') : undefined,
    deregisterAfter: said('deregister_after'),
    initialStatus: said('initial_status'),
  };
  const given = Object.entries(fields).filter(([, text]) => text !== undefined);
  return { kind, target: targets[kind], ...Object.fromEntries(given) };
};
