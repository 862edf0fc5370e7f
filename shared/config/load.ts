import { type AddressRules, parseNetwork } from '../model/address.ts';
import { REGISTRY_NAMES, RESERVED_NAMES, type RegistryName } from '../model/registration.ts';
import type { Config, ConsulConfig, EurekaConfig, NameRules, Place, TlsConfig } from './config.ts';
import {
  type Environment,
  type Reader,
  reader,
  type Text,
  textReader,
  toList,
  toUrl,
} from './reader.ts';
import type { ReadReference } from './secret.ts';
import { type Program, SETTINGS, type Setting, type SettingName } from './settings.ts';

/**
 * Every fault of the configuration at once, each naming the variable, what was expected and what
 * came.
 */
export class InvalidConfig extends Error {
  override readonly name = 'InvalidConfig';
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`configuration: ${faults.join('; ')}`);
    this.faults = faults;
  }
}

/**
 * Reads and checks the environment. Empty means unset. Values given by reference are fetched, each
 * once.
 */
export const loadConfig = async (
  env: Environment,
  readReference: ReadReference,
  program: Program = 'writer',
): Promise<Config> => {
  const faults: string[] = unknownKeys(env);
  const texts = new Map<SettingName, Text>();
  const read = reader(texts, faults);
  const readTexts = textReader(env, readReference, { program, texts, faults });
  await readTexts(({ registry }) => registry === undefined);
  const registries = read.list('registries').filter((name): name is RegistryName => {
    const known = (REGISTRY_NAMES as readonly string[]).includes(name);
    if (!known) read.refuse('registries', `any of ${REGISTRY_NAMES.join(', ')}`, name);
    return known;
  });
  // Secrets of registries that are off are not read: the role may lack access.
  await readTexts(({ registry }) => registry !== undefined && registries.includes(registry));
  const owner = read.required('owner');
  if (owner && !OWNER.test(owner)) {
    read.refuse(
      'owner',
      'at most 256 ASCII letters, digits, spaces or any of _ . : / = + - @',
      owner,
    );
  }
  const uses = (name: RegistryName) => registries.includes(name);
  const loopback = read.choice('loopback') === 'allow' && ({ loopback: 'allow' } as const);
  const config: Config = {
    registries: [...new Set(registries)],
    owner,
    ...placeIn(read),
    clusters: read.list('clusters'),
    policy: read.choice('policy'),
    deleteLimit: read.number('deleteLimit', 0, 100),
    ecsReadShare: read.number('ecsReadShare', 1, 100),
    logLevel: read.choice('logLevel'),
    publishEvents: read.choice('publishEvents') === 'on',
    rules: {
      owner,
      profile: read.choice('profile'),
      tasks: read.choice('tasks'),
      mode: read.choice('mode'),
      address: read.choice('address'),
      ...(loopback && { addresses: loopback }),
      names: await namesIn(read, registries),
    },
    resolve: {
      from: read.text('resolveFrom') ? read.choice('resolveFrom') : (registries[0] ?? 'cloudmap'),
      addresses: { ...cidrsIn(read), ...loopback },
      access: read.choice('resolveAccess'),
      ttl: read.number('resolveTtl', 0, 300),
      corsOrigins: read.list('resolveCorsOrigins'),
      wait: read.number('resolveWait', 0, 600),
      held: read.number('resolveHeld', 0, 100),
      ...read.secret('resolveToken', 'token'),
      ...read.secret('resolveOriginSecret', 'originSecret'),
    },
    stack: {
      ...read.optional('stage'),
      ...read.optional('queueUrl'),
      ...read.optional('renewQueueUrl'),
      ...read.optional('summaryParameter'),
      ...read.optional('releaseParameter'),
      ...read.optional('removalsParameter'),
      ...read.optional('logGroup'),
      ...read.optional('inspectFunction'),
    },
    ...(uses('cloudmap') && {
      cloudmap: { namespace: read.required('namespace'), dns: read.choice('dns') },
    }),
    ...(uses('consul') && { consul: consulConfig(read, program) }),
    ...(uses('eureka') && {
      eureka: { ...eurekaUrls(read, program), ...tlsConfig(read, 'eureka') },
    }),
  };
  if (uses('eureka'))
    for (const name of ['eurekaUrl', 'resolveEurekaUrl'] as const)
      for (const url of read.list(name)) read.checkUrl(name, url, 'http');
  if (read.list('registries').length === 0) {
    read.refuse('registries', 'at least one registry', read.text('registries'));
  }
  if (read.text('resolveFrom') && !uses(config.resolve.from)) {
    read.refuse('resolveFrom', `one of ROLLCALL_REGISTRIES (${registries})`, config.resolve.from);
  }
  if (faults.length > 0) throw new InvalidConfig(faults);
  return deepFreeze(config);
};

const namesIn = async (read: Reader, registries: readonly RegistryName[]): Promise<NameRules> => {
  const isByImage = read.text('profile') === 'registrator';
  const given = ['nameTemplate', 'nameTemplates', 'names'] as const;
  const fallbackOf = ({ fallback = '' }: Setting) => fallback;
  const isGiven = given.some((name) => read.text(name) !== fallbackOf(SETTINGS[name]));
  const usual = isByImage ? 'all' : 'within-service';
  return {
    templates: [{ clusters: /^/, template: '{service}' }],
    pinned: new Map(),
    // Loaded where one is given: no other start pays for it.
    ...(isGiven && (await import('./name-rules.ts')).nameRulesIn(read)),
    labels: read.text('labels') ? read.choice('labels') : usual,
    shared: read.choice('sharedNames'),
    addressLabels: read.choice('addressLabels'),
    reserved: new Set(registries.flatMap((name) => RESERVED_NAMES[name] ?? [])),
  };
};

/**
 * What an AWS tag's value may hold, and a metric's dimension, which is ASCII: the owner is both.
 */
const OWNER = /^[A-Za-z0-9 _.:/=+@-]{1,256}$/;

const placeIn = (read: Reader): { readonly place?: Place } => {
  const given = read.text('place');
  if (!given) return {};
  const [, partition = '', region = '', account = ''] = PLACE.exec(given) ?? [];
  if (!account) {
    read.refuse('place', 'partition:region:account, such as aws:eu-west-1:111122223333', given);
  }
  return { place: { partition, region, account } };
};

const PLACE = /^(aws[a-z-]*):([a-z]{2}[a-z0-9-]*):(\d{12})$/;

const cidrsIn = (read: Reader): Pick<AddressRules, 'cidrs'> => {
  const cidrs = read.list('resolveCidrs');
  for (const text of cidrs.filter((one) => !parseNetwork(one)))
    read.refuse('resolveCidrs', 'networks such as 10.0.0.0/8 or fd00::/8', text);
  return cidrs.length > 0 ? { cidrs } : {};
};

const consulConfig = (read: Reader, program: Program): ConsulConfig => {
  const scheme = read.choice('consulSsl') === 'true' ? 'https' : 'http';
  const source = read.addresses('consulAddr');
  for (const text of read.list('consulAddr')) read.checkUrl('consulAddr', text, scheme);
  return {
    get addresses() {
      return toList(source.reveal()).map((text) => toUrl(text, scheme));
    },
    addressSource: source,
    ...consulCredential(read, program),
    ...tlsConfig(read, 'consul'),
    ...read.optional('consulNamespace', 'namespace'),
    ...read.optional('consulPartition', 'partition'),
    ...read.optional('consulDatacenter', 'datacenter'),
  };
};

/** How a credential is called that what only reads has not been given. */
const missing = ({ param, env }: Setting) => ({ missingCredential: `${param} (${env})` });

const consulCredential = (read: Reader, program: Program): Pick<ConsulConfig, CredentialKey> => {
  if (program === 'writer') return read.secret('consulToken', 'token');
  const given = read.secret('resolveConsulToken', 'token');
  return given.token ? given : missing(SETTINGS.resolveConsulToken);
};

type CredentialKey = 'token' | 'missingCredential';

/** What only reads is given no password of those that write. */
const eurekaUrls = (
  read: Reader,
  program: Program,
): Pick<EurekaConfig, 'urls' | 'missingCredential'> => {
  const { urls: given } = read.secret('resolveEurekaUrl', 'urls');
  if (given) return { urls: given };
  const urls = read.addresses('eurekaUrl');
  if (program === 'writer') return { urls };
  return {
    urls: {
      reveal: () => toList(urls.reveal()).map(withoutUser).join(),
      refresh: () => urls.refresh(),
    },
    ...missing(SETTINGS.resolveEurekaUrl),
  };
};

const withoutUser = (text: string): string => {
  const url = URL.parse(text);
  if (!url) return text;
  url.username = '';
  url.password = '';
  return url.href;
};

const tlsConfig = (read: Reader, registry: 'consul' | 'eureka'): TlsConfig => {
  const [cert, key] = [`${registry}ClientCert`, `${registry}ClientKey`] as const;
  // A certificate is of no use without its key, nor a key without its certificate.
  if (read.text(cert)) read.required(key);
  if (read.text(key)) read.required(cert);
  return {
    ...read.secret(`${registry}Cacert`, 'ca'),
    ...read.secret(cert, 'clientCert'),
    ...read.secret(key, 'clientKey'),
    ...read.optional(`${registry}TlsServerName`, 'tlsServerName'),
  };
};

/** A mistyped `ROLLCALL_` key would otherwise be a default that nobody asked for. */
const unknownKeys = (env: Environment): string[] => {
  const known = new Set<string>(Object.values(SETTINGS).map((one: Setting) => one.env));
  return Object.keys(env)
    .filter((key) => key.startsWith('ROLLCALL_') && !known.has(key))
    .map((key) => `${key}: unknown setting`);
};

const deepFreeze = <T extends object>(value: T): T => {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner) deepFreeze(inner);
  return Object.freeze(value);
};

/** Loaded where the configuration has a reference: many installations need none. */
const readReference = async (reference: string) =>
  (await import('../platform/aws/references.ts')).readReference(reference);

/** What this program was configured with. Rejects with every fault at once. */
export const readConfig = (program?: Program, env: Environment = process.env): Promise<Config> =>
  loadConfig(env, readReference, program);
