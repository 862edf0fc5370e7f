import { setTimeout as wait } from 'node:timers/promises';
import type { Live } from './live.ts';
import { askers } from './story/held.ts';
import { callWhile, type Tally } from './traffic.ts';
import { type Gap, watchWhile } from './watch.ts';

export interface Deployment extends Tally {
  readonly revision: number;
  readonly milliseconds: number;
  /** Registries that had no healthy instance of it for a while. */
  readonly gaps: readonly Gap[];
}

/** Milliseconds between two looks, and after which a deployment is given up. */
const GLANCE = 50;
const PATIENCE = 120_000;

/**
 * Deploys a new revision of a service while a client calls it through the resolver, until the last
 * old process is gone. Throws where it does not come to that.
 */
export const deployUnderLoad = async (
  { cluster, resolver, stack }: Live,
  service: string,
): Promise<Deployment> => {
  const began = Date.now();
  const revision = cluster.deploy(service);
  const done = async () => {
    while (!cluster.isDeployed(service)) {
      if (Date.now() - began > PATIENCE)
        throw new Error(`the deployment of ${service} has not ended within ${PATIENCE / 1_000} s`);
      await wait(GLANCE);
    }
  };
  const ended = done();
  const [tally, gaps] = await Promise.all([
    callWhile(ended, { resolverUrl: resolver.url, service }),
    watchWhile(ended, { ask: askers(stack), service }),
  ]);
  return { ...tally, gaps, revision, milliseconds: Date.now() - began };
};
