import {
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeNetworkInterfacesCommand,
  type DescribeNetworkInterfacesCommandInput,
  type EC2Client,
  type Instance,
  type NetworkInterface,
} from '@aws-sdk/client-ec2';
import { everyPage } from '../platform/aws/pages.ts';
import { isThrottled } from '../platform/aws/throttle-retry.ts';
import { chunks, mapBounded } from '../platform/concurrency.ts';
import { withTimeout } from '../platform/timeout.ts';
import { askSplitting } from './batches.ts';
import type { Answered } from './source.ts';

type Ec2 = Pick<EC2Client, 'send'>;

/** An EC2 instance that is asked for; of whichever cluster. */
export interface Placed {
  readonly id: string;
  readonly zone?: string | undefined;
}

/**
 * A round waits throttling out, and other clusters, which may have no hosts at all, wait for it.
 */
const LONGEST_MS = 15_000;
/** In one call. EC2 takes 200 values a filter, and more ids. */
const BATCH = 100;
/** Refused calls of one batch: so many find three ids that EC2 does not know. */
const MOST_UNKNOWN = 20;
/** EC2's most for a page. It throttles calls without one sooner, and refuses one beside ids. */
const PAGE = 1_000;

/**
 * By ids, since in a zone's outage EC2 fails each call without, and each that names an instance of
 * that zone: a batch that fails is asked for again by zone, and what fails then is `unread`.
 */
export const describeInstances = async (
  ec2: Ec2,
  wanted: readonly Placed[],
  signal: AbortSignal,
): Promise<Answered<Instance>> => {
  const unread = new Map<string, unknown>();
  const read = async (
    batch: readonly Placed[],
    limited: AbortSignal,
  ): Promise<readonly Instance[]> => {
    const ids = batch.map(({ id }) => id);
    try {
      return await askFor(ids, instancesOf(ec2, limited));
    } catch (error) {
      const zones = [...Map.groupBy(batch, ({ zone }) => zone).values()];
      if (zones.length > 1 && !limited.aborted && !isThrottled(error))
        return (await Promise.all(zones.map((zone) => read(zone, limited)))).flat();
      for (const id of ids) unread.set(id, error);
      return [];
    }
  };
  const batches = await withTimeout(LONGEST_MS, signal, (limited) =>
    mapBounded(chunks(wanted, BATCH), 2, (batch) => read(batch, limited)),
  );
  return { found: new Map(batches.flat().map((one) => [one.InstanceId ?? '', one])), unread };
};

/** By interface id; one without an address, or that EC2 does not know, is left out. */
export const describePublicAddresses = async (
  ec2: Ec2,
  interfaces: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  // An event brings these, and in a filter `*` and `?` stand for others: one would read every
  // interface there is.
  const ids = interfaces.filter((id) => /^[\w-]+$/.test(id));
  const found = await withTimeout(LONGEST_MS, signal, (limited) =>
    askFor(ids, interfacesOf(ec2, limited)),
  );
  return new Map(
    found.flatMap(({ NetworkInterfaceId, Association }) =>
      NetworkInterfaceId && Association?.PublicIp
        ? [[NetworkInterfaceId, Association.PublicIp] as const]
        : [],
    ),
  );
};

interface Asking<T> {
  readonly byIds: (ids: string[]) => Promise<T[]>;
  readonly byFilter: (ids: string[]) => Promise<T[]>;
}

/**
 * EC2 fails a whole call for one id that it does not know, and so each is found by halving. Where
 * they are too many for that, as weeks after an outage, they are asked for by filter, which unknown
 * ones do not match.
 */
const askFor = async <T>(
  ids: readonly string[],
  { byIds, byFilter }: Asking<T>,
): Promise<readonly T[]> => {
  const batches = await mapBounded(chunks(ids, BATCH), 2, async (batch) => {
    try {
      return (
        await askSplitting(batch, { width: 1, isRefused: isUnknown, most: MOST_UNKNOWN }, byIds)
      ).answers.flat();
    } catch (error) {
      if (!isUnknown(error)) throw error;
      return byFilter(batch);
    }
  });
  return batches.flat();
};

const isUnknown = (error: unknown): error is Error =>
  error instanceof Error &&
  /^Invalid(Instance|NetworkInterface)I[dD]\.(NotFound|Malformed)$/.test(error.name);

/** Hosts of ECS Managed Instances, and what is theirs, are hidden without it. */
const IncludeManagedResources = true;

const instancesOf = (ec2: Ec2, abortSignal: AbortSignal): Asking<Instance> => {
  const ask = async (input: DescribeInstancesCommandInput) => {
    const pages = await everyPage((NextToken) => {
      const command = new DescribeInstancesCommand({
        ...input,
        IncludeManagedResources,
        NextToken,
      });
      return ec2.send(command, { abortSignal });
    });
    return pages
      .flatMap(({ Reservations }) => Reservations ?? [])
      .flatMap(({ Instances }) => Instances ?? []);
  };
  return {
    byIds: (InstanceIds) => ask({ InstanceIds }),
    byFilter: (Values) => ask({ Filters: [{ Name: 'instance-id', Values }], MaxResults: PAGE }),
  };
};

const interfacesOf = (ec2: Ec2, abortSignal: AbortSignal): Asking<NetworkInterface> => {
  const ask = async (input: DescribeNetworkInterfacesCommandInput) => {
    const pages = await everyPage((NextToken) => {
      const command = new DescribeNetworkInterfacesCommand({
        ...input,
        IncludeManagedResources,
        NextToken,
      });
      return ec2.send(command, { abortSignal });
    });
    return pages.flatMap(({ NetworkInterfaces }) => NetworkInterfaces ?? []);
  };
  return {
    byIds: (NetworkInterfaceIds) => ask({ NetworkInterfaceIds }),
    byFilter: (Values) =>
      ask({ Filters: [{ Name: 'network-interface-id', Values }], MaxResults: PAGE }),
  };
};
