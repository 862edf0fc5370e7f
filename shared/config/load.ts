import { REGISTRY_NAMES, type RegistryName } from '../model/registration.ts';
import { describe } from '../telemetry.ts';
import type { Config, ConsulConfig } from './config.ts';
import { isReference, plainSecret, type ReadReference, type Secret, secretByReference } from './secret.ts';
import { SETTINGS, type Setting, type SettingName } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every fault of the configuration at once, each naming the variable, what was expected and what came. */
export class InvalidConfig extends Error {
  override readonly name = 'InvalidConfig';
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`configuration: ${faults.join('; ')}`);
    this.faults = faults;
  }
}

/** Reads and checks the environment. Empty means unset. Values given by reference are fetched, each once. */
export const loadConfig = async (env: Environment, readReference: ReadReference): Promise<Config> => {
  const faults: string[] = unknownKeys(env);
  const texts = new Map<SettingName, Text>();
  const read = reader(texts, faults);
  const readTexts = textReader(env, readReference, { texts, faults });
  await readTexts(({ registry }) => registry === undefined);
  const registries = read.list('registries').filter((name): name is RegistryName => {
    const known = (REGISTRY_NAMES as readonly string[]).includes(name);
    if (!known) read.refuse('registries', `any of ${REGISTRY_NAMES.join(', ')}`, name);
    return known;
  });
  // What stands behind the references of another registry is nobody's business here, and may not be readable.
  await readTexts(({ registry }) => registry !== undefined && registries.includes(registry));
  const owner = read.required('owner');
  if (owner && !OWNER.test(owner)) {
    read.refuse('owner', 'at most 256 ASCII letters, digits, spaces or any of _ . : / = + - @', owner);
  }
  const uses = (name: RegistryName) => registries.includes(name);
  const config: Config = {
    registries: [...new Set(registries)],
    owner,
    clusters: read.list('clusters'),
    policy: read.choice('policy'),
    deleteLimit: read.number('deleteLimit', 0, 100),
    rules: {
      owner,
      profile: read.choice('profile'),
      mode: read.choice('mode'),
      address: read.choice('address'),
    },
    resolve: {
      from: read.text('resolveFrom') ? read.choice('resolveFrom') : (registries[0] ?? 'cloudmap'),
      access: read.choice('resolveAccess'),
      ttl: read.number('resolveTtl', 0, 300),
      corsOrigins: read.list('resolveCorsOrigins'),
      wait: read.number('resolveWait', 0, 600),
      held: read.number('resolveHeld', 0, 100),
      ...read.secret('resolveToken', 'token'),
    },
    stack: {
      ...read.optional('queueUrl'),
      ...read.optional('renewQueueUrl'),
      ...read.optional('summaryParameter'),
      ...read.optional('releaseParameter'),
    },
    ...(uses('cloudmap') && {
      cloudmap: { namespace: read.required('namespace'), dns: read.choice('dns') },
    }),
    ...(uses('consul') && { consul: consulConfig(read) }),
    ...(uses('eureka') && { eureka: { urls: read.addresses('eurekaUrl') } }),
  };
  if (uses('eureka')) for (const url of read.list('eurekaUrl')) read.url('eurekaUrl', url, 'http');
  if (read.list('registries').length === 0) {
    read.refuse('registries', 'at least one registry', read.text('registries'));
  }
  if (read.text('resolveFrom') && !uses(config.resolve.from)) {
    read.refuse('resolveFrom', `one of ROLLCALL_REGISTRIES (${registries})`, config.resolve.from);
  }
  if (faults.length > 0) throw new InvalidConfig(faults);
  return deepFreeze(config);
};

/** What an AWS tag's value may hold, and a metric's dimension, which is ASCII: the owner is both. */
const OWNER = /^[A-Za-z0-9 _.:/=+@-]{1,256}$/;

type Reader = ReturnType<typeof reader>;

const consulConfig = (read: Reader): ConsulConfig => {
  const scheme = read.choice('consulSsl') === 'true' ? 'https' : 'http';
  const source = read.addresses('consulAddr');
  // A certificate is of no use without its key, nor a key without its certificate.
  if (read.text('consulClientCert')) read.required('consulClientKey');
  if (read.text('consulClientKey')) read.required('consulClientCert');
  for (const text of read.list('consulAddr')) read.url('consulAddr', text, scheme);
  return {
    get addresses() {
      return toList(source.reveal()).map((text) => toUrl(text, scheme));
    },
    addressSource: source,
    ...read.secret('consulToken', 'token'),
    ...read.secret('consulCacert', 'ca'),
    ...read.secret('consulClientCert', 'clientCert'),
    ...read.secret('consulClientKey', 'clientKey'),
    ...read.optional('consulTlsServerName', 'tlsServerName'),
    ...read.optional('consulNamespace', 'namespace'),
    ...read.optional('consulPartition', 'partition'),
    ...read.optional('consulDatacenter', 'datacenter'),
  };
};

/** A mistyped `ROLLCALL_` key would otherwise be a default that nobody asked for. */
const unknownKeys = (env: Environment): string[] => {
  const known = new Set<string>(Object.values(SETTINGS).map((one: Setting) => one.env));
  return Object.keys(env)
    .filter((key) => key.startsWith('ROLLCALL_') && !known.has(key))
    .map((key) => `${key}: unknown setting`);
};

interface Text {
  readonly text: string;
  readonly secret: Secret;
  readonly byReference: boolean;
}

interface Found {
  readonly texts: Map<SettingName, Text>;
  readonly faults: string[];
}

const textReader =
  (env: Environment, read: ReadReference, { texts, faults }: Found) =>
  async (isWanted: (setting: Setting) => boolean): Promise<void> => {
    const names = (Object.keys(SETTINGS) as SettingName[]).filter((name) => isWanted(SETTINGS[name]));
    await Promise.all(
      names.map(async (name) => {
        const { env: key }: Setting = SETTINGS[name];
        const given = env[key]?.trim();
        if (!given) return;
        try {
          const byReference = isReference(given);
          const secret = byReference ? await secretByReference(given, read) : plainSecret(given);
          texts.set(name, { text: secret.reveal(), secret, byReference });
        } catch (error) {
          faults.push(`${key}: ${given} cannot be read: ${describe(error)}`);
        }
      }),
    );
  };

/** Reads one setting in its type; what is wrong with it is added to the faults, and a harmless value returned. */
const reader = (texts: ReadonlyMap<SettingName, Text>, faults: string[]) => {
  const text = (name: SettingName): string => {
    const { fallback }: Setting = SETTINGS[name];
    return texts.get(name)?.text || fallback || '';
  };
  const refuse = (name: SettingName, what: string, came: string) => {
    const { env, secret }: Setting = SETTINGS[name];
    // An address may carry a password; what was given by reference may be a secret, whatever it is for.
    const hidden = came !== '' && (secret || texts.get(name)?.byReference || /:.*@/s.test(came));
    faults.push(`${env}: expected ${what}, got ${hidden ? '[secret]' : JSON.stringify(came)}`);
  };
  const required = (name: SettingName): string => {
    if (!text(name)) refuse(name, 'a value', '');
    return text(name);
  };
  return {
    text,
    required,
    refuse,
    list: (name: SettingName): string[] => toList(text(name)),
    choice: <N extends Choices>(name: N): (typeof SETTINGS)[N]['values'][number] => {
      const { values } = SETTINGS[name];
      const found = values.find((value) => value === text(name));
      if (!found) refuse(name, `one of ${values.join(', ')}`, text(name));
      return found ?? values[0];
    },
    number: (name: SettingName, min: number, max: number): number => {
      const value = /^\d+$/.test(text(name)) ? Number(text(name)) : Number.NaN;
      if (value >= min && value <= max) return value;
      refuse(name, `a whole number from ${min} to ${max}`, text(name));
      return min;
    },
    url: (name: SettingName, given: string, scheme: string): void => {
      const full = toUrl(given, scheme);
      if (URL.canParse(full) && /^https?:$/.test(new URL(full).protocol)) return;
      refuse(name, 'an http or https address', given);
    },
    optional: <N extends SettingName, A extends string = N>(
      name: N,
      as?: A,
    ): { readonly [K in A]?: string } => {
      const given = text(name);
      return (given ? { [as ?? name]: given } : {}) as { readonly [K in A]?: string };
    },
    secret: <A extends string>(name: SettingName, as: A): { readonly [K in A]?: Secret } => {
      const given = texts.get(name)?.secret;
      return (given ? { [as]: given } : {}) as { readonly [K in A]?: Secret };
    },
    /** A list of addresses, at least one; the text, since it may be read again. */
    addresses: (name: SettingName): Secret => {
      required(name);
      if (text(name) && toList(text(name)).length === 0) refuse(name, 'at least one address', text(name));
      return texts.get(name)?.secret ?? plainSecret('');
    },
  };
};

const toList = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);

const toUrl = (text: string, scheme: string): string =>
  (/^[a-z]+:\/\//i.test(text) ? text : `${scheme}://${text}`).replace(/\/+$/, '');

type Choices = {
  [N in SettingName]: (typeof SETTINGS)[N] extends { values: readonly string[] } ? N : never;
}[SettingName];

const deepFreeze = <T extends object>(value: T): T => {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner) deepFreeze(inner);
  return Object.freeze(value);
};
