/** An instance as a server keeps and shows it, field for field. */
export interface SimulatedInstance {
  readonly instanceId: string;
  readonly hostName: string;
  readonly app: string;
  readonly ipAddr: string;
  status: string;
  overriddenStatus: string;
  readonly port: Port;
  readonly securePort: Port;
  readonly countryId: 1;
  readonly dataCenterInfo: Readonly<Record<string, unknown>>;
  readonly leaseInfo: LeaseInfo;
  metadata: Readonly<Record<string, string>>;
  readonly homePageUrl?: string;
  readonly statusPageUrl?: string;
  readonly healthCheckUrl?: string;
  readonly secureHealthCheckUrl?: string;
  readonly vipAddress?: string;
  readonly secureVipAddress?: string;
  readonly isCoordinatingDiscoveryServer: 'false';
  lastUpdatedTimestamp: string;
  lastDirtyTimestamp: string;
  actionType: 'ADDED' | 'MODIFIED' | 'DELETED';
}

interface Port {
  readonly $: number;
  readonly '@enabled': string;
}

interface LeaseInfo {
  readonly renewalIntervalInSecs: number;
  readonly durationInSecs: number;
  registrationTimestamp: number;
  lastRenewalTimestamp: number;
  evictionTimestamp: number;
  serviceUpTimestamp: number;
}

type Fields = Readonly<Record<string, unknown>>;

export const STATUSES = ['UP', 'DOWN', 'STARTING', 'OUT_OF_SERVICE', 'UNKNOWN'];
const UNREADABLE = '{"error": "cannot parse request body"}';
const TEXTS = [
  'homePageUrl',
  'statusPageUrl',
  'healthCheckUrl',
  'secureHealthCheckUrl',
  'vipAddress',
  'secureVipAddress',
];

/**
 * The body of a registration as a server reads it, its defaults filled in; or the text of the
 * server's 400.
 */
export const parseRegistration = (
  app: string,
  body: string,
  now: number,
): SimulatedInstance | string => {
  const given = parse(body);
  if (!given || !isReadable(given)) return UNREADABLE;
  const instanceId = text(given['instanceId']) ?? text(given['hostName']);
  const dataCenter = given['dataCenterInfo'];
  if (instanceId === undefined) return 'Missing instanceId';
  if (!text(given['hostName'])) return 'Missing hostname';
  if (!text(given['ipAddr'])) return 'Missing ip address';
  const named = String(given['app']).toUpperCase();
  if (named !== app) return `Mismatched appName, expecting ${app} but was ${named}`;
  if (!isFields(dataCenter)) return 'Missing dataCenterInfo';
  if (!text(dataCenter['name'])) return 'Missing dataCenterInfo Name';
  return complete(given, { app, instanceId, dataCenter, now });
};

const parse = (body: string): Fields | undefined => {
  try {
    const value: unknown = JSON.parse(body);
    const instance = isFields(value) ? value['instance'] : undefined;
    return isFields(instance) ? instance : undefined;
  } catch {
    return undefined;
  }
};

/** What makes the server's JSON reader give up on the whole. */
const isReadable = ({ app, dataCenterInfo, port, securePort, metadata }: Fields) =>
  typeof app === 'string' &&
  (!isFields(dataCenterInfo) ||
    (typeof dataCenterInfo['@class'] === 'string' &&
      (!dataCenterInfo['@class'].endsWith('.AmazonInfo') ||
        isFields(dataCenterInfo['metadata'])))) &&
  [port, securePort].every((each) => each === undefined || isFields(each)) &&
  (metadata === undefined || metadata === null || isFields(metadata));

interface Essentials {
  readonly app: string;
  readonly instanceId: string;
  readonly dataCenter: Fields;
  readonly now: number;
}

const complete = (
  given: Fields,
  { app, instanceId, dataCenter, now }: Essentials,
): SimulatedInstance => {
  const lease = isFields(given['leaseInfo']) ? given['leaseInfo'] : {};
  return {
    instanceId,
    hostName: String(given['hostName']),
    app,
    ipAddr: String(given['ipAddr']),
    status: toStatus(given['status'], 'UP'),
    overriddenStatus: toStatus(given['overriddenStatus'], 'UNKNOWN'),
    port: toPort(given['port'], { $: 7001, '@enabled': 'true' }),
    securePort: toPort(given['securePort'], { $: 7002, '@enabled': 'false' }),
    countryId: 1,
    dataCenterInfo: dataCenter,
    leaseInfo: {
      renewalIntervalInSecs: Number(lease['renewalIntervalInSecs'] ?? 30),
      durationInSecs: Number(lease['durationInSecs'] ?? 90),
      registrationTimestamp: now,
      lastRenewalTimestamp: now,
      evictionTimestamp: 0,
      serviceUpTimestamp: 0,
    },
    metadata: toMetadata(given['metadata']),
    ...Object.fromEntries(
      TEXTS.flatMap((key) => (typeof given[key] === 'string' ? [[key, given[key]]] : [])),
    ),
    isCoordinatingDiscoveryServer: 'false',
    lastUpdatedTimestamp: String(now),
    lastDirtyTimestamp: String(given['lastDirtyTimestamp'] ?? now),
    actionType: 'ADDED',
  };
};

const toStatus = (value: unknown, fallback: string) =>
  value === undefined ? fallback : STATUSES.includes(String(value)) ? String(value) : 'UNKNOWN';

const toPort = (value: unknown, fallback: Port): Port =>
  isFields(value)
    ? { $: Number(value['$']), '@enabled': String(value['@enabled'] ?? 'true') }
    : fallback;

/** `@class` is taken for the map's Java class, and dropped. */
const toMetadata = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(isFields(value) ? value : {})
      .filter(([key]) => key !== '@class')
      .map(([key, item]) => [key, String(item)]),
  );

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
