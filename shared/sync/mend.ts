import type { Flaw, Listing, Registry } from '../registries/registry.ts';
import type { SyncDeps } from './deps.ts';

/**
 * A listing as one cluster's plan shall take it, with the flaw of what this cluster's records stand on, if that is to be
 * mended. Where the policy writes nothing the flaw makes the listing unknown. Throws where it is another owner's.
 */
export const forCluster = (
  registry: Registry,
  listing: Listing,
  cluster: string,
  policy: SyncDeps['config']['policy'],
): { readonly listing: Listing; readonly flaw?: Flaw } => {
  const flaw = listing.flaw?.(cluster);
  if (!flaw) return { listing };
  if (flaw.foreign) throw new Error(`${registry.name}: ${flaw.reason}: nothing is written there`);
  if (policy === 'observe') return { listing: { ...listing, unknown: listing.unknown ?? flaw.reason } };
  return { listing, flaw };
};

/** Mends it, and tells. Returns why it could not be mended, if so; records can be written all the same. */
export const mend = async (
  registry: Registry,
  { cluster, flaw }: { readonly cluster: string; readonly flaw: Flaw },
  { telemetry }: SyncDeps,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const context = { path: 'reconcile', cluster } as const;
  const result = await registry.mend?.(cluster, signal);
  if (!result || !('reason' in result)) {
    telemetry.note(`${registry.name}: ${flaw.reason}; that is put right`, context);
    return undefined;
  }
  const fault = `${registry.name}: ${flaw.reason}; that cannot be put right`;
  telemetry.count('Failed', 1, registry.name);
  telemetry.fault(fault, result.reason, context);
  return `${fault}: ${result.reason}`;
};
