import {
  type ConsulServer,
  createToken,
  debianConsul,
  LEAST_PRIVILEGE,
  startConsul,
} from '../../../scripts/real/consul.ts';
import { type EurekaServer, eurekaClassPath, startEureka } from '../../../scripts/real/eureka.ts';
import { type Moto, motoPython, startMoto } from '../../../scripts/real/moto.ts';
import { ricFile } from '../../../scripts/real/ric.ts';
import { isUnavailable, type Unavailable } from '../../../scripts/real/unavailable.ts';
import { type Relay, startRelay } from './relay.ts';

/** What it takes to start everything. */
export interface Parts {
  readonly consul: string;
  readonly eureka: string;
  readonly moto: string;
  readonly ric: string;
}

export const obtainParts = async (): Promise<Parts | Unavailable> => {
  const [consul, eureka, moto, ric] = await Promise.all([
    debianConsul(),
    eurekaClassPath(),
    motoPython(),
    ricFile(),
  ]);
  if (isUnavailable(consul)) return consul;
  if (isUnavailable(eureka)) return eureka;
  if (isUnavailable(moto)) return moto;
  return isUnavailable(ric) ? ric : { consul, eureka, moto, ric };
};

/** A registry behind an address that outlives it. */
export interface Restartable<S> {
  readonly relay: Relay;
  /** The one that answers now. */
  server(): S;
  /** As a machine dies: at once, with all it knew. */
  kill(): Promise<void>;
  /** A new one, empty. */
  restart(): Promise<S>;
  stop(): Promise<void>;
}

const restartable = async <S extends { readonly url: string; kill(): Promise<void> }>(
  start: () => Promise<S>,
): Promise<Restartable<S>> => {
  const relay = await startRelay();
  let current: S | undefined;
  const kill = async () => {
    relay.leadTo(undefined);
    await current?.kill();
  };
  const restart = async () => {
    current = await start();
    relay.leadTo(Number(new URL(current.url).port));
    return current;
  };
  await restart();
  return {
    relay,
    server() {
      if (!current) throw new Error('the server never started');
      return current;
    },
    kill,
    restart,
    async stop() {
      await kill();
      await relay.stop();
    },
  };
};

/**
 * How old lists may be: by default 30 s as a rule, and 180 s where a list is made while a record
 * goes, for which no test should wait.
 */
const QUICK = {
  'eureka.server.response-cache-update-interval-ms': 1_000,
  'eureka.server.response-cache-auto-expiration-in-seconds': 2,
};

export interface Servers {
  readonly moto: Moto;
  /** With ACLs, which deny everything to whoever has no token. */
  readonly consul: Restartable<ConsulServer>;
  readonly eureka: Restartable<EurekaServer>;
  stop(): Promise<void>;
}

export const startServers = async (parts: Parts): Promise<Servers> => {
  const [moto, consul, eureka] = await Promise.all([
    startMoto(parts.moto),
    restartable(() => startConsulWithDns(parts.consul)),
    restartable(() => startEureka(parts.eureka, QUICK)),
  ]);
  const stop = async () => {
    await Promise.all([moto.stop(), consul.stop(), eureka.stop()]);
  };
  return { moto, consul, eureka, stop };
};

/** Without a token of its own the agent's DNS shows nothing: ACLs deny it. */
const startConsulWithDns = async (binary: string): Promise<ConsulServer> => {
  const server = await startConsul(binary, { acl: true });
  const answer = await fetch(`${server.url}/v1/agent/token/default`, {
    method: 'PUT',
    headers: { 'x-consul-token': server.token ?? '' },
    body: JSON.stringify({ Token: await createToken(server, DNS_RIGHTS) }),
  });
  if (!answer.ok) throw new Error(`Consul's own token: ${answer.status} ${await answer.text()}`);
  return server;
};

const DNS_RIGHTS = 'node_prefix "" { policy = "read" } service_prefix "" { policy = "read" }';

/** A token with the rights that the documentation names: for writers and the resolver alike. */
export const grantToken = (server: ConsulServer): Promise<string> =>
  createToken(server, LEAST_PRIVILEGE);
