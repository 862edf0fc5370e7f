import type { Derived } from '../../../../shared/derive/derived.ts';
import { KEY } from '../../../../shared/model/registration.ts';
import {
  type DockerPort,
  type Flags,
  type Inspected,
  register,
} from '../../../support/registrator.ts';
import { binding, container, derived, host, running } from '../builders.ts';

/** One container of a bridge-mode task, as a task definition says it and as Docker runs it. */
export interface Given {
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly ports?: readonly DockerPort[];
}

/** What clients see of a record; tags are a set, so they are sorted. */
export interface Seen {
  readonly name: string;
  readonly place: string;
  readonly tags: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
}

const HOST = host();
export const FLAGS: Flags = { hostname: 'ip-10-0-9-9', hostIp: HOST.privateIpv4 ?? '' };

/** Published on every address, on a host port that tells which container port it is. */
export const published = (containerPort = 80, protocol: 'tcp' | 'udp' = 'tcp'): DockerPort => ({
  containerPort,
  protocol,
  bindings: [{ hostIp: '0.0.0.0', hostPort: 32_000 + containerPort }],
});

const filled = ({
  image = 'team/api:v1',
  labels = {},
  env = {},
  ports = [published()],
}: Given) => ({
  image,
  labels,
  env,
  ports,
});

export const toInspected = (given: Given): Inspected => {
  const { env, ...rest } = filled(given);
  return {
    ...rest,
    name: 'ecs-shop-web-5-app-9af2c0d1e3f4b5a60100',
    env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
  };
};

export const byRegistrator = (given: Given, flags: Partial<Flags> = {}): readonly Seen[] =>
  register(toInspected(given), { ...FLAGS, ...flags })
    .map(({ name, address, port, protocol, tags, attributes }) => ({
      name,
      place: `${address}:${port}/${protocol}`,
      tags: [...new Set(tags)].sort(),
      attributes,
    }))
    .sort(byPlace);

export const deriveGiven = (given: Given, rules = {}): Derived => {
  const { image, labels, env, ports } = filled(given);
  const mappings = ports.map(({ containerPort, protocol }) => ({
    containerPort,
    hostPort: 0,
    protocol,
  }));
  const bindings = ports.flatMap(({ containerPort, protocol, bindings }) =>
    bindings.map(({ hostIp, hostPort }) =>
      binding(containerPort, hostPort, { bindIp: hostIp, protocol }),
    ),
  );
  return derived({
    networkMode: 'bridge',
    containers: [container({ image, labels, environment: env, ports: mappings })],
    task: { containers: [running({ bindings })] },
    rules: { profile: 'registrator', ...rules },
    more: { host: HOST },
  });
};

export const byRollcall = (given: Given, rules = {}): readonly Seen[] =>
  deriveGiven(given, rules)
    .instances.map(({ service, address, port, protocol, tags, metadata }) => ({
      name: service,
      place: `${address}:${port}/${protocol}`,
      tags,
      attributes: Object.fromEntries(Object.entries(metadata).filter(([key]) => !OURS.has(key))),
    }))
    .sort(byPlace);

const OURS: ReadonlySet<string> = new Set(Object.values(KEY));
const byPlace = (a: Seen, b: Seen) => (a.place < b.place ? -1 : 1);
