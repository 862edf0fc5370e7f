import { REGISTRY_NAMES, type RegistryName } from '../model/registration.ts';
import { LOG_LEVELS } from '../platform/log.ts';

/**
 * One environment variable; `npm run docs` writes docs/configuration.md from these and the stack's
 * parameters.
 */
export interface Setting {
  readonly env: string;
  /** Text, as one would write it. The parameter's default, where there is one, is the same. */
  readonly fallback?: string;
  /** Its text is never shown; given by reference it is read again after a 401 or 403. */
  readonly secret?: true;
  readonly values?: readonly string[];
  /** Read only where this registry is chosen. */
  readonly registry?: RegistryName;
  /** The programs that read it; both, unless one is named. */
  readonly program?: Program;
  /** The parameter by which a deployer chooses it. Absent: the stack sets it. */
  readonly param?: string;
}

/** What only reads registries (the resolver, inspect) has credentials of its own. */
export type Program = 'reader' | 'writer';

const setting = <const S extends Setting>(one: S) => one;

export const SETTINGS = {
  registries: setting({
    env: 'ROLLCALL_REGISTRIES',
    param: 'registries',
    fallback: 'cloudmap',
    values: REGISTRY_NAMES,
  }),
  owner: setting({
    env: 'ROLLCALL_OWNER',
    param: 'owner',
  }),
  clusters: setting({
    env: 'ROLLCALL_CLUSTERS',
    param: 'clusters',
  }),
  policy: setting({
    env: 'ROLLCALL_POLICY',
    param: 'policy',
    fallback: 'sync',
    values: ['observe', 'create-only', 'upsert-only', 'sync'],
  }),
  deleteLimit: setting({
    env: 'ROLLCALL_DELETE_LIMIT',
    param: 'deleteLimit',
    fallback: '50',
  }),
  ecsReadShare: setting({
    env: 'ROLLCALL_ECS_READ_SHARE',
    param: 'ecsReadShare',
    fallback: '50',
  }),
  profile: setting({
    env: 'ROLLCALL_PROFILE',
    param: 'profile',
    fallback: 'ecs',
    values: ['ecs', 'registrator'],
  }),
  tasks: setting({
    env: 'ROLLCALL_TASKS',
    param: 'tasks',
    fallback: 'services',
    values: ['services', 'all'],
  }),
  mode: setting({
    env: 'ROLLCALL_MODE',
    param: 'mode',
    fallback: 'opt-out',
    values: ['opt-out', 'opt-in'],
  }),
  address: setting({
    env: 'ROLLCALL_ADDRESS',
    param: 'address',
    fallback: 'private',
    values: ['private', 'public', 'ipv6'],
  }),
  nameTemplate: setting({
    env: 'ROLLCALL_NAME_TEMPLATE',
    param: 'nameTemplate',
    fallback: '{service}',
  }),
  nameTemplates: setting({
    env: 'ROLLCALL_NAME_TEMPLATES',
    param: 'nameTemplates',
  }),
  names: setting({
    env: 'ROLLCALL_NAMES',
    param: 'names',
  }),
  labels: setting({
    env: 'ROLLCALL_LABELS',
    param: 'labels',
    values: ['all', 'within-service', 'none'],
  }),
  sharedNames: setting({
    env: 'ROLLCALL_SHARED_NAMES',
    param: 'sharedNames',
    fallback: 'warn',
    values: ['warn', 'refuse', 'allow'],
  }),
  addressLabels: setting({
    env: 'ROLLCALL_ADDRESS_LABELS',
    param: 'addressLabels',
    fallback: 'off',
    values: ['off', 'on'],
  }),
  namespace: setting({
    registry: 'cloudmap',
    env: 'ROLLCALL_NAMESPACE',
    param: 'namespace',
  }),
  dns: setting({
    registry: 'cloudmap',
    env: 'ROLLCALL_DNS',
    param: 'dns',
    fallback: 'auto',
    values: ['auto', 'srv', 'a', 'both'],
  }),
  consulAddr: setting({
    registry: 'consul',
    env: 'CONSUL_HTTP_ADDR',
    param: 'consulHttpAddr',
  }),
  consulSsl: setting({
    registry: 'consul',
    env: 'CONSUL_HTTP_SSL',
    param: 'consulHttpSsl',
    fallback: 'false',
    values: ['true', 'false'],
  }),
  consulToken: setting({
    registry: 'consul',
    env: 'CONSUL_HTTP_TOKEN',
    param: 'consulHttpToken',
    secret: true,
    program: 'writer',
  }),
  resolveConsulToken: setting({
    registry: 'consul',
    env: 'ROLLCALL_RESOLVE_CONSUL_TOKEN',
    param: 'resolveConsulToken',
    secret: true,
    program: 'reader',
  }),
  consulCacert: setting({
    registry: 'consul',
    env: 'CONSUL_CACERT',
    param: 'consulCacert',
    secret: true,
  }),
  consulClientCert: setting({
    registry: 'consul',
    env: 'CONSUL_CLIENT_CERT',
    param: 'consulClientCert',
    secret: true,
  }),
  consulClientKey: setting({
    registry: 'consul',
    env: 'CONSUL_CLIENT_KEY',
    param: 'consulClientKey',
    secret: true,
  }),
  consulTlsServerName: setting({
    registry: 'consul',
    env: 'CONSUL_TLS_SERVER_NAME',
    param: 'consulTlsServerName',
  }),
  consulNamespace: setting({
    registry: 'consul',
    env: 'CONSUL_NAMESPACE',
    param: 'consulNamespace',
  }),
  consulPartition: setting({
    registry: 'consul',
    env: 'CONSUL_PARTITION',
    param: 'consulPartition',
  }),
  consulDatacenter: setting({
    registry: 'consul',
    env: 'CONSUL_DATACENTER',
    param: 'consulDatacenter',
  }),
  eurekaUrl: setting({
    registry: 'eureka',
    env: 'EUREKA_CLIENT_SERVICEURL_DEFAULTZONE',
    param: 'eurekaUrl',
    secret: true,
  }),
  resolveEurekaUrl: setting({
    registry: 'eureka',
    env: 'ROLLCALL_RESOLVE_EUREKA_URL',
    param: 'resolveEurekaUrl',
    secret: true,
    program: 'reader',
  }),
  eurekaCacert: setting({
    registry: 'eureka',
    env: 'EUREKA_CLIENT_TLS_CACERT',
    param: 'eurekaCacert',
    secret: true,
  }),
  eurekaClientCert: setting({
    registry: 'eureka',
    env: 'EUREKA_CLIENT_TLS_CERT',
    param: 'eurekaClientCert',
    secret: true,
  }),
  eurekaClientKey: setting({
    registry: 'eureka',
    env: 'EUREKA_CLIENT_TLS_KEY',
    param: 'eurekaClientKey',
    secret: true,
  }),
  eurekaTlsServerName: setting({
    registry: 'eureka',
    env: 'EUREKA_CLIENT_TLS_SERVERNAME',
    param: 'eurekaTlsServerName',
  }),
  resolveFrom: setting({
    env: 'ROLLCALL_RESOLVE_FROM',
    param: 'resolveFrom',
    values: REGISTRY_NAMES,
  }),
  resolveAccess: setting({
    env: 'ROLLCALL_RESOLVE_ACCESS',
    param: 'resolveAccess',
    fallback: 'token',
    values: ['token', 'iam', 'open'],
  }),
  resolveOriginSecret: setting({
    env: 'ROLLCALL_RESOLVE_ORIGIN_SECRET',
    param: 'resolveOriginSecret',
    secret: true,
    program: 'reader',
  }),
  resolveCidrs: setting({
    env: 'ROLLCALL_RESOLVE_CIDRS',
    param: 'resolveCidrs',
  }),
  resolveTtl: setting({
    env: 'ROLLCALL_RESOLVE_TTL',
    param: 'resolveTtl',
    fallback: '5',
  }),
  resolveCorsOrigins: setting({
    env: 'ROLLCALL_RESOLVE_CORS_ORIGINS',
    param: 'resolveCorsOrigins',
  }),
  resolveWait: setting({
    env: 'ROLLCALL_RESOLVE_WAIT',
    param: 'resolveWait',
    fallback: '20',
  }),
  resolveHeld: setting({
    env: 'ROLLCALL_RESOLVE_HELD',
    param: 'resolveHeld',
    fallback: '50',
  }),
  logLevel: setting({
    env: 'ROLLCALL_LOG_LEVEL',
    param: 'logLevel',
    fallback: 'info',
    values: LOG_LEVELS,
  }),
  publishEvents: setting({
    env: 'ROLLCALL_PUBLISH_EVENTS',
    param: 'publishEvents',
    fallback: 'off',
    values: ['off', 'on'],
  }),
  resolveToken: setting({
    env: 'ROLLCALL_RESOLVE_TOKEN',
    secret: true,
  }),
  /** For a run on one machine: no stack sets it. */
  loopback: setting({
    env: 'ROLLCALL_LOOPBACK',
    fallback: 'refuse',
    values: ['refuse', 'allow'],
  }),
  place: setting({
    env: 'ROLLCALL_PLACE',
  }),
  stage: setting({ env: 'ROLLCALL_STAGE' }),
  queueUrl: setting({ env: 'ROLLCALL_QUEUE_URL' }),
  renewQueueUrl: setting({
    env: 'ROLLCALL_RENEW_QUEUE_URL',
  }),
  summaryParameter: setting({
    env: 'ROLLCALL_SUMMARY_PARAMETER',
  }),
  releaseParameter: setting({
    env: 'ROLLCALL_RELEASE_PARAMETER',
  }),
  removalsParameter: setting({
    env: 'ROLLCALL_REMOVALS_PARAMETER',
  }),
  logGroup: setting({ env: 'ROLLCALL_LOG_GROUP' }),
  inspectFunction: setting({ env: 'ROLLCALL_INSPECT_FUNCTION' }),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
