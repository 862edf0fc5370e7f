import { execFile } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { promisify } from 'node:util';
import { type Unavailable, unavailable } from '../../../scripts/real/unavailable.ts';

const run = promisify(execFile);

/**
 * address:port of what Consul's DNS gives for a service, as a client resolves it: SRV, then A. At
 * most three over UDP.
 */
export const resolveService = async (port: number, service: string): Promise<readonly string[]> => {
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${port}`]);
  const found = await resolver.resolveSrv(`${service}.service.consul`);
  return Promise.all(
    found.map(async (one) => `${(await resolver.resolve4(one.name)).join('+')}:${one.port}`),
  );
};

/** By name; `dig` itself. */
export const findDig = async (): Promise<string | Unavailable> => {
  try {
    await run('dig', ['-v']);
    return 'dig';
  } catch (error) {
    return unavailable(`dig cannot be run: ${error}`);
  }
};

/** The lines of `dig +short` over TCP, which cuts nothing. */
export const digLines = async (dig: string, port: number, ...asked: readonly string[]) => {
  const { stdout } = await run(dig, ['@127.0.0.1', '-p', String(port), '+tcp', '+short', ...asked]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .toSorted();
};
