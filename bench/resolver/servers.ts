import { startConsul as startModel } from '../../local/consul.ts';
import { debianConsul, startConsul } from '../../scripts/real/consul.ts';
import { eurekaClassPath, startEureka } from '../../scripts/real/eureka.ts';
import { onFreePorts } from '../../scripts/real/ports.ts';
import { startProcess } from '../../scripts/real/process.ts';
import { startResolverProcess } from '../../scripts/real/resolver.ts';
import { isUnavailable } from '../../scripts/real/unavailable.ts';
import { type FleetInstance, fillConsul, fillEureka } from './fleet.ts';

/** A server that is asked: where, with which headers, and by which process. */
export interface Peer {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly pid?: number | undefined;
  readonly stop: () => Promise<unknown>;
}

const TOKEN = 'a-token-of-the-bench';

/** A real Consul with these instances, as in production; undefined where none can be had. */
export const realConsul = async (
  all: readonly FleetInstance[],
  { acl = false } = {},
): Promise<Peer | undefined> => {
  const binary = await debianConsul();
  if (isUnavailable(binary)) return undefined;
  const { url, token, stop } = await startConsul(binary, { acl, dev: false });
  await fillConsul(url, all, token);
  return { url, stop, ...(token && { headers: { 'x-consul-token': token } }) };
};

/** The model of one, for the resolver to read. */
export const modelConsul = async (all: readonly FleetInstance[]): Promise<Peer> => {
  const { url, stop } = await startModel();
  await fillConsul(url, all);
  return { url, stop };
};

/** A real Eureka with these instances; undefined where none can be had. */
export const realEureka = async (all: readonly FleetInstance[]): Promise<Peer | undefined> => {
  const classPath = await eurekaClassPath();
  if (isUnavailable(classPath)) return undefined;
  const { url, stop } = await startEureka(classPath, {
    'eureka.server.response-cache-update-interval-ms': 1_000,
  });
  await fillEureka(url, all);
  return { url: url.replace(/\/eureka$/, ''), stop };
};

/** `folder`: the project as it is, or another state of it, to compare the two in one run. */
export const startResolver = async (
  consul: string,
  { folder, byToken = false }: { readonly folder: string; readonly byToken?: boolean },
): Promise<Peer> => {
  const access = byToken
    ? { ROLLCALL_RESOLVE_ACCESS: 'token', ROLLCALL_RESOLVE_TOKEN: TOKEN }
    : { ROLLCALL_RESOLVE_ACCESS: 'open' };
  const started = await startResolverProcess(
    { ROLLCALL_REGISTRIES: 'consul', CONSUL_HTTP_ADDR: consul, ...access },
    folder,
  );
  return { ...started, ...(byToken && { headers: { 'x-consul-token': TOKEN } }) };
};

/** A server that sends the finished answer of `url`, and does nothing else. */
export const startBytes = async (
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Peer> =>
  onFreePorts(1, async ([port]) => {
    const at = `http://127.0.0.1:${port}`;
    const { pid, stop } = await startProcess({
      command: process.execPath,
      args: [
        new URL('./bytes.ts', import.meta.url).pathname,
        String(port),
        url,
        JSON.stringify(headers),
      ],
      ready: async () => (await fetch(at)).ok,
    });
    return { url: at, pid, stop };
  });
