import { parseShallowJson } from '../../platform/http/json.ts';

/** An instance as a server sends it; what it may leave out has a default. */
export interface EurekaInstance {
  readonly id: string;
  /** In capitals, as servers keep it. */
  readonly app: string;
  readonly hostName: string;
  readonly ipAddr: string;
  readonly status: string;
  /** UNKNOWN: none. */
  readonly overriddenStatus: string;
  readonly port: Port;
  readonly securePort: Port;
  readonly dataCenter: string;
  /** Of Amazon's data centers only. */
  readonly dataCenterMetadata: Texts;
  readonly metadata: Texts;
  /** vipAddress, the URLs and other texts, where they are given. */
  readonly texts: Texts;
  /**
   * Milliseconds; servers ignore a registration with an older one, and answer success. 0: unknown.
   */
  readonly lastDirty: number;
}

interface Port {
  readonly number: number;
  readonly enabled: boolean;
}

type Texts = Readonly<Record<string, string>>;
type Fields = Readonly<Record<string, unknown>>;

/** `GET /apps`: every instance of every application. Throws where the answer is not that. */
export const parseApplications = (body: string): readonly EurekaInstance[] => {
  const { applications } = parseObject(body);
  if (!isFields(applications)) throw unexpected('applications', body);
  return many(applications['application']).flatMap((application) =>
    isFields(application)
      ? many(application['instance']).flatMap((instance) =>
          toInstance(instance, text(application['name'])),
        )
      : [],
  );
};

/** `GET /apps/APP/ID`. Throws where the answer is not one instance. */
export const parseInstance = (body: string): EurekaInstance => {
  const [instance] = toInstance(parseObject(body)['instance']);
  if (!instance) throw unexpected('instance', body);
  return instance;
};

const parseObject = (body: string): Fields => {
  try {
    const value: unknown = parseShallowJson(body);
    if (isFields(value)) return value;
  } catch {
    // Thrown below.
  }
  throw unexpected('JSON', body);
};

const unexpected = (expected: string, body: string) =>
  new Error(`expected ${expected}, got ${body.trim() === '' ? 'an empty body' : excerpt(body)}`);

/** The beginning of a body, on one line: enough to see what answered. */
export const excerpt = (body: string) =>
  JSON.stringify(body.slice(0, 100).replace(/\s+/g, ' ').trim());

/** Servers before 1.9 unwrap an array of one. */
const many = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

/** At most one; none where it has no id. The id of old clients' instances is their host name. */
const toInstance = (value: unknown, application?: string): readonly EurekaInstance[] => {
  if (!isFields(value)) return [];
  const { instanceId, hostName, ipAddr, app, status, overriddenStatus, dataCenterInfo } = value;
  const id = text(instanceId) ?? text(hostName);
  const name = text(app) ?? application;
  if (id === undefined || name === undefined) return [];
  const dataCenter = isFields(dataCenterInfo) ? dataCenterInfo : {};
  return [
    {
      id,
      app: name.toUpperCase(),
      hostName: text(hostName) ?? text(ipAddr) ?? '',
      ipAddr: text(ipAddr) ?? text(hostName) ?? '',
      status: text(status) ?? 'UNKNOWN',
      overriddenStatus: text(overriddenStatus) ?? text(value['overriddenstatus']) ?? 'UNKNOWN',
      port: toPort(value['port']),
      securePort: toPort(value['securePort']),
      dataCenter: text(dataCenter['name']) ?? 'MyOwn',
      dataCenterMetadata: toTexts(dataCenter['metadata']),
      metadata: toTexts(value['metadata']),
      texts: toTexts(value),
      lastDirty: Number(text(value['lastDirtyTimestamp'])) || 0,
    },
  ];
};

/** Numbers, and whether they are enabled, come as text from some servers. */
const toPort = (value: unknown): Port => {
  const fields = isFields(value) ? value : {};
  return { number: Number(text(fields['$'])) || 0, enabled: text(fields['@enabled']) === 'true' };
};

/** `@class` names the Java class of an empty map; it is no data. */
const toTexts = (value: unknown): Texts =>
  Object.fromEntries(
    Object.entries(isFields(value) ? value : {}).flatMap(([key, item]) => {
      const content = text(item);
      return content === undefined || key === '@class' ? [] : [[key, content]];
    }),
  );

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
