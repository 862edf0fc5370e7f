import type { WireOp } from './wire.ts';

/** Consul's limits of one transaction: 64 operations, 524,288 bytes; some room is left for namespaces. */
const MAX_OPERATIONS = 64;
const MAX_BYTES = 480_000;

/** In order, each batch within Consul's limits; one job that is larger than them goes alone and is refused there. */
export const toBatches = <Job extends { readonly operations: readonly WireOp[] }>(
  jobs: readonly Job[],
): readonly (readonly Job[])[] => {
  const batches: Job[][] = [];
  let operations = 0;
  let bytes = 0;
  for (const job of jobs) {
    const size = Buffer.byteLength(JSON.stringify(job.operations));
    operations += job.operations.length;
    bytes += size;
    const last = batches.at(-1);
    if (last && operations <= MAX_OPERATIONS && bytes <= MAX_BYTES) {
      last.push(job);
    } else {
      batches.push([job]);
      operations = job.operations.length;
      bytes = size;
    }
  }
  return batches;
};
