import { type ConsulServer, startConsul } from './consul.ts';
import { type EurekaServer, startEureka } from './eureka.ts';
import { startResolverProcess } from './resolver.ts';

/** What is registered: an instance of `web` at 10.0.0.x:8080. */
export interface Registered {
  readonly host: number;
  readonly healthy: boolean;
}

/** A real registry, and the resolver over it, which speaks the same protocol. */
export interface Pair {
  readonly real: string;
  readonly ours: string;
  /** For both: a registry that asks for none ignores it. */
  readonly token: string;
  /** Makes it so that the registry holds these, and another service that clients do not ask for. */
  put(instances: readonly Registered[]): Promise<void>;
  stop(): Promise<void>;
}

const TOKEN = 'a-token-of-the-resolver';

export interface PairOptions {
  /** Variables of the resolver. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A second at most until the resolver sees a change that nobody waits for. */
const SETTINGS = {
  ROLLCALL_RESOLVE_ACCESS: 'token',
  ROLLCALL_RESOLVE_TOKEN: TOKEN,
  ROLLCALL_RESOLVE_TTL: '1',
};

export const startConsulPair = async (
  binary: string,
  { environment }: PairOptions = {},
): Promise<Pair> => {
  const consul = await startConsul(binary);
  const resolver = await startResolverProcess({
    ...SETTINGS,
    ROLLCALL_REGISTRIES: 'consul',
    CONSUL_HTTP_ADDR: consul.url,
    ...environment,
  });
  await registerInConsul(consul, 'other', { host: 99, healthy: true });
  const put = changes(
    (one) => registerInConsul(consul, 'web', one),
    ({ host }) => send(consul, 'deregister', { Node: nodeOf(host) }),
  );
  const stop = async () => void (await Promise.all([consul, resolver].map((one) => one.stop())));
  return { real: consul.url, ours: resolver.url, token: TOKEN, put, stop };
};

const nodeOf = (host: number) => `ip-10-0-0-${host}`;

const registerInConsul = (
  consul: ConsulServer,
  service: string,
  { host, healthy }: Registered,
): Promise<void> =>
  send(consul, 'register', {
    Node: nodeOf(host),
    Address: `10.0.0.${host}`,
    Service: {
      ID: `${service}-${host}`,
      Service: service,
      Address: `10.0.0.${host}`,
      Port: 8080,
      Tags: ['blue', 'v1'],
      Meta: { team: 'shop', version: '1' },
    },
    Checks: [
      {
        CheckID: `rollcall:${service}-${host}`,
        Name: 'Rollcall',
        Status: healthy ? 'passing' : 'critical',
        ServiceID: `${service}-${host}`,
      },
    ],
  });

const send = async (consul: ConsulServer, verb: string, body: unknown) => {
  const answer = await fetch(`${consul.url}/v1/catalog/${verb}`, {
    method: 'PUT',
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
};

export const startEurekaPair = async (
  classPath: string,
  { environment }: PairOptions = {},
): Promise<Pair> => {
  const eureka = await startEureka(classPath, {
    'eureka.server.use-read-only-response-cache': false,
  });
  await registerInEureka(eureka, 'other', { host: 99, healthy: true });
  const resolver = await startResolverProcess({
    ...SETTINGS,
    ROLLCALL_REGISTRIES: 'eureka',
    EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: eureka.url,
    ...environment,
  });
  const put = changes(
    (one) => registerInEureka(eureka, 'web', one),
    async ({ host }) => {
      await fetch(`${eureka.url}/apps/WEB/web-${host}`, { method: 'DELETE' });
    },
  );
  const stop = async () => void (await Promise.all([eureka, resolver].map((one) => one.stop())));
  return { real: eureka.url, ours: `${resolver.url}/eureka`, token: TOKEN, put, stop };
};

const registerInEureka = async (
  { url }: EurekaServer,
  service: string,
  { host, healthy }: Registered,
): Promise<void> => {
  const instance = {
    app: service.toUpperCase(),
    instanceId: `${service}-${host}`,
    hostName: `10.0.0.${host}`,
    ipAddr: `10.0.0.${host}`,
    vipAddress: service,
    status: healthy ? 'UP' : 'DOWN',
    port: { $: 8080, '@enabled': 'true' },
    securePort: { $: 443, '@enabled': 'false' },
    homePageUrl: `http://10.0.0.${host}:8080/`,
    statusPageUrl: `http://10.0.0.${host}:8080/actuator/info`,
    healthCheckUrl: `http://10.0.0.${host}:8080/actuator/health`,
    dataCenterInfo: {
      '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
      name: 'MyOwn',
    },
    leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 900 },
    metadata: { team: 'shop', version: '1' },
  };
  const answer = await fetch(`${url}/apps/${instance.app}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ instance }),
  });
  if (!answer.ok) throw new Error(await answer.text());
};

/** From what is there to what shall be there. */
const changes = (
  register: (one: Registered) => Promise<void>,
  remove: (one: Registered) => Promise<void>,
): Pair['put'] => {
  let there: readonly Registered[] = [];
  return async (wanted) => {
    for (const one of wanted) await register(one);
    for (const one of there) if (!wanted.some(({ host }) => host === one.host)) await remove(one);
    there = wanted;
  };
};
