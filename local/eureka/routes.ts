import { toApplication, toApplications, toInstance } from './answers.ts';
import { parseRegistration } from './instance.ts';
import { type EurekaStore, isStatus } from './store.ts';

export interface Call {
  readonly method: string;
  /** Below the base, decoded: `['apps', 'WEB', 'ab12', 'status']`. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly body: string;
  readonly contentType: string;
}

/** An object is rendered as JSON or XML, as the client asked; a text goes out as it is. */
export interface Reply {
  readonly status: number;
  readonly body?: Readonly<Record<string, unknown>> | string;
}

const DONE: Reply = { status: 200 };
const ABSENT: Reply = { status: 404 };
const NOT_ALLOWED: Reply = { status: 405 };
const FAILED: Reply = { status: 500 };

/**
 * Reads that a server answers from its cache, and refuses while it warms up. Single instances are
 * not among them.
 */
export const isList = ({ method, segments: [kind, ...rest] }: Pick<Call, 'method' | 'segments'>) =>
  method === 'GET' && ((kind === 'apps' && rest.length < 2) || kind === 'vips' || kind === 'svips');

/**
 * Lists that servers compress for whoever takes gzip: those of everything, and none of one
 * application or address.
 */
export const isCompressed = ({
  method,
  segments: [kind, part],
}: Pick<Call, 'method' | 'segments'>) =>
  method === 'GET' && kind === 'apps' && (part === undefined || part === 'delta');

/** Answers one call as a server does. */
export const answer = (store: EurekaStore, now: number, call: Call): Reply => {
  const [kind, name = '', id, part] = call.segments;
  if (kind !== 'apps') return call.method === 'GET' ? answerLookup(store, call) : ABSENT;
  const app = name.toUpperCase();
  if (call.segments.length === 1) return call.method === 'GET' ? listAll(store) : NOT_ALLOWED;
  if (id === undefined) return answerApplication(store, { ...call, app, now });
  if (part === undefined) return answerInstance(store, { ...call, app, id });
  if (part === 'status') return answerStatus(store, { ...call, app, id });
  if (part !== 'metadata' || call.method !== 'PUT') return ABSENT;
  return store.addMetadata(app, id, Object.fromEntries(call.query)) ? DONE : ABSENT;
};

const listAll = (store: EurekaStore): Reply => {
  const all = store.instances();
  return { status: 200, body: toApplications(all, { version: '1', counted: all }) };
};

const answerLookup = (store: EurekaStore, { segments: [kind, name = ''] }: Call): Reply => {
  if (kind === 'instances') {
    const found = store.instances().find(({ instanceId }) => instanceId === name);
    return found ? { status: 200, body: toInstance(found) } : ABSENT;
  }
  if (kind !== 'vips' && kind !== 'svips') return ABSENT;
  const field = kind === 'vips' ? 'vipAddress' : 'secureVipAddress';
  const found = store.instances().filter((instance) => instance[field]?.split(',').includes(name));
  return { status: 200, body: toApplications(found, { version: '-1', counted: found }) };
};

const answerApplication = (
  store: EurekaStore,
  {
    method,
    segments,
    app,
    now,
    body,
    contentType,
  }: Call & { readonly app: string; readonly now: number },
): Reply => {
  // In lower case only: an application may be called DELTA.
  if (method === 'GET' && segments[1] === 'delta') {
    const delta = toApplications(store.changed(), { version: '1', counted: store.instances() });
    return { status: 200, body: delta };
  }
  if (method === 'GET') {
    const instances = store.instances().filter((instance) => instance.app === app);
    return instances.length === 0 ? ABSENT : { status: 200, body: toApplication(app, instances) };
  }
  if (method !== 'POST') return NOT_ALLOWED;
  if (!contentType.includes('json')) return { status: 415 };
  const registration = parseRegistration(app, body, now);
  if (typeof registration === 'string') return { status: 400, body: registration };
  store.register(registration);
  return { status: 204 };
};

type OnInstance = Call & { readonly app: string; readonly id: string };

const answerInstance = (store: EurekaStore, { method, app, id, query }: OnInstance): Reply => {
  if (method === 'DELETE') return store.remove(app, id) ? DONE : ABSENT;
  if (method === 'PUT') {
    const lastDirty = query.get('lastDirtyTimestamp');
    if (lastDirty !== null && !/^\d+$/.test(lastDirty)) return FAILED;
    return store.renew(app, id, lastDirty === null ? undefined : Number(lastDirty)) ? DONE : ABSENT;
  }
  const instance = store.find(app, id);
  if (method !== 'GET') return NOT_ALLOWED;
  return instance ? { status: 200, body: toInstance(instance) } : ABSENT;
};

const answerStatus = (store: EurekaStore, { method, app, id, query }: OnInstance): Reply => {
  const value = query.get('value');
  if (method === 'PUT') {
    if (!store.find(app, id)) return ABSENT;
    return isStatus(value) && store.override(app, id, value) ? DONE : FAILED;
  }
  if (method !== 'DELETE') return NOT_ALLOWED;
  if (value !== null && !isStatus(value)) return FAILED;
  return store.deleteOverride(app, id, value ?? undefined) ? DONE : ABSENT;
};
