import { REGISTRY_NAMES } from '../model/registration.ts';

/** One environment variable: the docs' table is generated from these, so every one says what it is for. */
export interface Setting {
  readonly env: string;
  readonly help: string;
  /** Text, as one would write it; shown in the docs. */
  readonly fallback?: string;
  /** The serverless parameter that sets it; absent: set by the stack alone. */
  readonly param?: string;
  /** Its text is never shown; given by reference it is read again after a 401 or 403. */
  readonly secret?: true;
  readonly values?: readonly string[];
}

const setting = <const S extends Setting>(one: S) => one;

export const SETTINGS = {
  registries: setting({
    env: 'ROLLCALL_REGISTRIES',
    param: 'registries',
    fallback: 'cloudmap',
    help: 'Where tasks are registered: any of `cloudmap`, `consul`, `eureka`, comma-separated.',
    values: REGISTRY_NAMES,
  }),
  owner: setting({
    env: 'ROLLCALL_OWNER',
    param: 'owner',
    help: 'Written on every record; only records that bear exactly this are ever changed. The stack sets `<stack>:<account>:<region>`.',
  }),
  clusters: setting({
    env: 'ROLLCALL_CLUSTERS',
    param: 'clusters',
    help: 'ECS clusters served, comma-separated: names, globs (`prod-*`) or ARNs. Empty: all of the account in this region.',
  }),
  policy: setting({
    env: 'ROLLCALL_POLICY',
    param: 'policy',
    fallback: 'sync',
    help: '`observe` plans and reports, and writes nothing; `create-only` adds; `upsert-only` adds and changes; `sync` also removes.',
    values: ['observe', 'create-only', 'upsert-only', 'sync'],
  }),
  deleteLimit: setting({
    env: 'ROLLCALL_DELETE_LIMIT',
    param: 'deleteLimit',
    fallback: '50',
    help: 'Percent of a cluster’s records that one reconcile may remove because their tasks are missing, where there are more than 10.',
  }),
  profile: setting({
    env: 'ROLLCALL_PROFILE',
    param: 'profile',
    fallback: 'ecs',
    help: '`ecs`: names from the ECS service. `registrator`: names, tags and metadata exactly as Registrator makes them.',
    values: ['ecs', 'registrator'],
  }),
  mode: setting({
    env: 'ROLLCALL_MODE',
    param: 'mode',
    fallback: 'opt-out',
    help: '`opt-out`: every published port, unless ignored. `opt-in`: only what a label or tag names.',
    values: ['opt-out', 'opt-in'],
  }),
  address: setting({
    env: 'ROLLCALL_ADDRESS',
    param: 'address',
    fallback: 'private',
    help: 'Which address is registered: `private`, `public` or `ipv6`.',
    values: ['private', 'public', 'ipv6'],
  }),
  namespace: setting({
    env: 'ROLLCALL_NAMESPACE',
    param: 'namespace',
    help: 'Cloud Map namespace, by name or id. The stack makes one unless told.',
  }),
  dns: setting({
    env: 'ROLLCALL_DNS',
    param: 'dns',
    fallback: 'auto',
    help: 'Record types of Cloud Map services that Rollcall creates in a DNS namespace: `auto` (A/AAAA for awsvpc, SRV otherwise), `srv`, `a`, `both`.',
    values: ['auto', 'srv', 'a', 'both'],
  }),
  consulAddr: setting({
    env: 'CONSUL_HTTP_ADDR',
    param: 'consulHttpAddr',
    help: 'Consul servers, comma-separated, tried in turn. Without a scheme: http, unless `CONSUL_HTTP_SSL=true`.',
  }),
  consulSsl: setting({
    env: 'CONSUL_HTTP_SSL',
    param: 'consulHttpSsl',
    fallback: 'false',
    help: 'https for addresses without a scheme.',
    values: ['true', 'false'],
  }),
  consulToken: setting({
    env: 'CONSUL_HTTP_TOKEN',
    param: 'consulHttpToken',
    secret: true,
    help: 'ACL token.',
  }),
  consulCacert: setting({
    env: 'CONSUL_CACERT',
    param: 'consulCacert',
    secret: true,
    help: 'CA certificate (PEM) that Consul’s certificate is checked against.',
  }),
  consulClientCert: setting({
    env: 'CONSUL_CLIENT_CERT',
    param: 'consulClientCert',
    secret: true,
    help: 'Client certificate (PEM), with `CONSUL_CLIENT_KEY`.',
  }),
  consulClientKey: setting({
    env: 'CONSUL_CLIENT_KEY',
    param: 'consulClientKey',
    secret: true,
    help: 'Key (PEM) of the client certificate.',
  }),
  consulTlsServerName: setting({
    env: 'CONSUL_TLS_SERVER_NAME',
    param: 'consulTlsServerName',
    help: 'Name that Consul’s certificate must bear, if not the address.',
  }),
  consulNamespace: setting({
    env: 'CONSUL_NAMESPACE',
    param: 'consulNamespace',
    help: 'Consul Enterprise namespace.',
  }),
  consulPartition: setting({
    env: 'CONSUL_PARTITION',
    param: 'consulPartition',
    help: 'Consul Enterprise admin partition.',
  }),
  consulDatacenter: setting({
    env: 'CONSUL_DATACENTER',
    param: 'consulDatacenter',
    help: 'Consul datacenter, if not that of the servers addressed.',
  }),
  eurekaUrl: setting({
    env: 'EUREKA_CLIENT_SERVICEURL_DEFAULTZONE',
    param: 'eurekaUrl',
    secret: true,
    help: 'Eureka servers, comma-separated, tried in turn: `http://user:password@host:8761/eureka/`.',
  }),
  resolveFrom: setting({
    env: 'ROLLCALL_RESOLVE_FROM',
    param: 'resolveFrom',
    help: 'Registry that the resolver reads. Default: the first of `ROLLCALL_REGISTRIES`.',
    values: REGISTRY_NAMES,
  }),
  resolveAccess: setting({
    env: 'ROLLCALL_RESOLVE_ACCESS',
    param: 'resolveAccess',
    fallback: 'token',
    help: 'Who may ask the resolver: `token` (the stack makes a secret), `iam` (signed requests) or `open`.',
    values: ['token', 'iam', 'open'],
  }),
  resolveTtl: setting({
    env: 'ROLLCALL_RESOLVE_TTL',
    param: 'resolveTtl',
    fallback: '5',
    help: 'Seconds for which an answer is fresh (0 to 300).',
  }),
  resolveCorsOrigins: setting({
    env: 'ROLLCALL_RESOLVE_CORS_ORIGINS',
    param: 'resolveCorsOrigins',
    help: 'Origins that browsers may call the resolver from, comma-separated. Default: none.',
  }),
  resolveToken: setting({
    env: 'ROLLCALL_RESOLVE_TOKEN',
    secret: true,
    help: 'The resolver’s token, by reference to the secret that the stack makes.',
  }),
  queueUrl: setting({ env: 'ROLLCALL_QUEUE_URL', help: 'The event queue.' }),
  renewQueueUrl: setting({
    env: 'ROLLCALL_RENEW_QUEUE_URL',
    help: 'The queue of the second renewal in a minute.',
  }),
  summaryParameter: setting({
    env: 'ROLLCALL_SUMMARY_PARAMETER',
    help: 'SSM parameter that holds the last reconcile’s summary.',
  }),
  releaseParameter: setting({
    env: 'ROLLCALL_RELEASE_PARAMETER',
    help: 'SSM parameter that holds an operator’s release of withheld removals.',
  }),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
