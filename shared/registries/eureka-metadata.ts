import { inUrl } from '../model/address.ts';
import { EUREKA_TEXTS, type EurekaFacts, type Instance } from '../model/registration.ts';

type Metadata = Readonly<Record<string, string>>;
type Text = keyof typeof EUREKA_TEXTS;

const TEXTS = Object.keys(EUREKA_TEXTS) as readonly Text[];
const keyOf = (text: Text) => `eureka_${EUREKA_TEXTS[text]}`;
const STATUS = 'eureka_status';
const SECURE_PORT = 'eureka_secureport';
const STATUSES = ['UP', 'DOWN', 'STARTING', 'OUT_OF_SERVICE'] as const;

/**
 * An instance's metadata, with what its labels say for Eureka's clients added, for registries that
 * have no other place for it: the resolver answers such clients from these registries too. Keys are
 * Registrator's; `secure` is the one that Spring reads in Consul, and that `/go` reads. Metadata of
 * the same name wins.
 */
export const withEurekaFacts = ({ metadata, eureka: facts }: Instance): Metadata =>
  Object.keys(facts).length === 0 ? metadata : { ...toKeys(facts), ...metadata };

const toKeys = (facts: EurekaFacts): Metadata => ({
  ...compact(Object.fromEntries(TEXTS.map((text) => [keyOf(text), facts[text]]))),
  ...compact({
    // UNKNOWN can only have meant: out of rotation.
    [STATUS]: facts.status === 'UNKNOWN' ? 'OUT_OF_SERVICE' : facts.status,
    ...(facts.portEnabled === false
      ? { secure: 'true' }
      : { [SECURE_PORT]: facts.securePort?.toString() }),
  }),
});

/** The same, read back from a record on this port, whoever wrote it. */
export const readEurekaFacts = (metadata: Metadata, port: number): EurekaFacts => {
  const secure = metadata['secure'] === 'true' || metadata['scheme'] === 'https';
  const status = metadata[STATUS]?.trim().toUpperCase();
  return compact({
    ...Object.fromEntries(TEXTS.map((text) => [text, metadata[keyOf(text)] || undefined])),
    status: STATUSES.find((one) => one === status),
    securePort: secure ? port : toPort(metadata[SECURE_PORT]),
    portEnabled: secure ? false : undefined,
    managementPort: toPort(saidOfManagement(metadata, 'port')),
  });
};

const toPort = (text = '') =>
  /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;

/** Consul cannot carry the dot. */
const saidOfManagement = (metadata: Metadata, what: string) =>
  metadata[`management.${what}`] ?? metadata[`management_${what}`];

/** Where the pages are served. */
export interface Site {
  readonly hostName: string;
  readonly port: number;
  readonly protocol: Instance['protocol'];
  readonly metadata: Metadata;
}

/**
 * The pages that are given; else those of Spring Boot, since Spring Boot Admin fails on an instance
 * without a health URL. They are on the port that takes the traffic, or on the management port and
 * path where there are any. An instance that speaks udp has none.
 */
export const pagesOf = (facts: EurekaFacts, site: Site): Metadata => {
  const { homePageUrl, statusPageUrl, healthCheckUrl, secureHealthCheckUrl } = facts;
  const said = compact({ homePageUrl, statusPageUrl, healthCheckUrl, secureHealthCheckUrl });
  if (site.protocol !== 'tcp') return said;
  const host = inUrl(site.hostName);
  const secureAlone = facts.portEnabled === false && facts.securePort !== undefined;
  const origin = secureAlone
    ? `https://${host}:${facts.securePort}`
    : `http://${host}:${site.port}`;
  const management = facts.managementPort ? `http://${host}:${facts.managementPort}` : origin;
  const path = saidOfManagement(site.metadata, 'context-path') ?? '';
  const actuator = `${management}${/^(?:\/[\w.~-]+)+$/.test(path) ? path : '/actuator'}`;
  const usual: Metadata = {
    homePageUrl: `${origin}/`,
    statusPageUrl: `${actuator}/info`,
    healthCheckUrl: `${actuator}/health`,
  };
  return { ...usual, ...said };
};

const compact = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
