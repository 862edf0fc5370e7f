import type { EC2Client, Instance } from '@aws-sdk/client-ec2';
import {
  DescribeContainerInstancesCommand,
  type ECSClient,
  ListContainerInstancesCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import {
  type ClusterArn,
  type ContainerInstanceArn,
  isContainerInstanceArn,
  isTaskArn,
} from '../model/arn.ts';
import type { Host } from '../model/task.ts';
import { everyPage } from '../platform/aws/pages.ts';
import { BoundedMap } from '../platform/bounded-map.ts';
import { mapBounded } from '../platform/concurrency.ts';
import { askInBatches } from './batches.ts';
import { describeInstances, type Placed } from './ec2.ts';
import { type Answered, isHostDown, type Source } from './source.ts';

type Ecs = Pick<ECSClient, 'send'>;
type Ec2 = Pick<EC2Client, 'send'>;
/** Addresses of ECS Anywhere machines by SSM id (`mi-…`), which EC2 does not know. */
export type ExternalAddresses = (
  ids: readonly string[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, string>>;

const LIMIT = 5_000;
/**
 * An Elastic IP may be attached to a running host, and a machine of ECS Anywhere may move: each
 * shows after this.
 */
const KEPT_MS = 300_000;

interface Clients {
  readonly ecs: Ecs;
  readonly ec2: Ec2;
  readonly external: ExternalAddresses;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What stands behind a container instance: an EC2 instance, or a machine of ECS Anywhere. */
interface Machine extends Placed {
  /** The container instance's. */
  readonly arn: ContainerInstanceArn;
}

/** What is read of hosts. Their addresses are remembered, and which of them EC2 has called down. */
export const hostReader = (
  clients: Clients,
): Pick<Source, 'hosts' | 'hostStates' | 'tasksOnHosts'> => {
  const { ecs, ec2, now } = clients;
  const known = new BoundedMap<
    ContainerInstanceArn,
    { readonly host: Host; readonly until: number }
  >(LIMIT);
  /**
   * By instance id, with their state. EC2 knows terminated ones for an hour, and they stay dead
   * after it.
   */
  const down = new BoundedMap<string, string>(LIMIT);

  const isFresh = (arn: ContainerInstanceArn) => {
    const kept = known.get(arn);
    return kept !== undefined && now() < kept.until && !down.get(kept.host.instanceId);
  };
  /**
   * A host that is down has no address: nothing shall be registered there, whatever else is not
   * known of it.
   */
  const usable = (host: Host): Host => {
    const { containerInstanceArn, instanceId } = host;
    return down.get(instanceId) ? { containerInstanceArn, instanceId } : host;
  };
  const remember = (host: Host) => {
    const isAddressed = host.privateIpv4 ?? host.ipv6;
    known.set(host.containerInstanceArn, { host, until: isAddressed ? now() + KEPT_MS : 0 });
  };
  const readInstances = async (wanted: readonly Placed[], signal: AbortSignal) => {
    const answer = await describeInstances(ec2, wanted, signal);
    for (const [id, { State }] of answer.found) {
      if (State?.Name && isHostDown(State.Name)) down.set(id, State.Name);
      else down.delete(id);
    }
    return answer;
  };

  /**
   * Asks ECS which machines these are, and then for each. What is not known there any more is
   * forgotten.
   */
  const refresh = async (
    cluster: ClusterArn,
    arns: readonly ContainerInstanceArn[],
    signal: AbortSignal,
  ) => {
    const machines = await describeMachines(ecs, { cluster, arns }, signal);
    const [instances, addresses] = await Promise.all([
      readInstances(
        machines.filter(({ id }) => !isExternal(id)),
        signal,
      ),
      readExternal(
        clients,
        machines.filter(({ id }) => isExternal(id)),
        signal,
      ),
    ]);
    const found = new Map<ContainerInstanceArn, Host>();
    const unread = new Map<ContainerInstanceArn, unknown>();
    for (const machine of machines) {
      const { arn, id } = machine;
      const host = toHost(machine, instances.found.get(id), addresses.found.get(id));
      const answer = isExternal(id) ? addresses : instances;
      if (answer.unread.has(id)) unread.set(arn, answer.unread.get(id));
      else if (host) found.set(arn, host);
    }
    for (const host of found.values()) remember(host);
    for (const arn of arns) {
      const last = known.get(arn)?.host;
      if (last && !found.has(arn) && !unread.has(arn) && !down.get(last.instanceId))
        known.delete(arn);
    }
    return { found, unread };
  };

  return {
    async hosts(cluster, arns, signal) {
      const stale = [...new Set(arns)].filter((arn) => !isFresh(arn));
      const fresh = await refresh(cluster, stale, signal).catch(
        (error: unknown): Answered<Host, ContainerInstanceArn> => ({
          found: new Map(),
          unread: new Map(stale.map((arn) => [arn, error])),
        }),
      );
      const found = arns.flatMap((arn) => {
        const host = fresh.found.get(arn) ?? known.get(arn)?.host;
        return host ? [[arn, usable(host)] as const] : [];
      });
      return { found: new Map(found), unread: fresh.unread };
    },

    async hostStates(hosts, signal) {
      // ECS Anywhere's machines are not EC2's: nobody tells their state, and a lost one loses its
      // tasks in ECS.
      const inside = hosts
        .filter(({ instanceId }) => !isExternal(instanceId))
        .map(({ instanceId, zone }) => ({ id: instanceId, zone }));
      const { found, unread } = await readInstances(inside, signal);
      const states = inside.flatMap(({ id }) => {
        const state = found.has(id) ? found.get(id)?.State?.Name : down.get(id);
        return state ? [[id, state] as const] : [];
      });
      return { found: new Map(states), unread };
    },

    async tasksOnHosts(instanceIds, clusters, signal) {
      const found = await mapBounded(clusters, 4, async (cluster) => ({
        cluster,
        tasks: await listTasksOnHosts(ecs, { cluster, instanceIds }, signal),
      }));
      return found.filter(({ tasks }) => tasks.length > 0);
    },
  };
};

const isExternal = (id: string) => id.startsWith('mi-');

const describeMachines = async (
  ecs: Ecs,
  { cluster, arns }: { readonly cluster: ClusterArn; readonly arns: readonly string[] },
  signal: AbortSignal,
): Promise<readonly Machine[]> => {
  const about = { cluster, kind: 'container-instance', width: 2 } as const;
  const { answers } = await askInBatches(arns, about, (containerInstances) => {
    const command = new DescribeContainerInstancesCommand({ cluster, containerInstances });
    return ecs.send(command, { abortSignal: signal });
  });
  return answers
    .flatMap(({ containerInstances = [] }) => containerInstances)
    .flatMap(({ containerInstanceArn: arn, ec2InstanceId: id, attributes = [] }) => {
      const zone = attributes.find(({ name }) => name === 'ecs.availability-zone')?.value;
      return arn && isContainerInstanceArn(arn) && id ? [{ arn, id, zone }] : [];
    });
};

/** Addresses by id. */
const readExternal = async (
  { external }: Clients,
  machines: readonly Machine[],
  signal: AbortSignal,
): Promise<Answered<string>> => {
  const ids = machines.map(({ id }) => id);
  if (ids.length === 0) return { found: new Map(), unread: new Map() };
  try {
    return { found: await external(ids, signal), unread: new Map() };
  } catch (error) {
    return { found: new Map(), unread: new Map(ids.map((id) => [id, error])) };
  }
};

const toHost = (
  { arn, id, zone }: Machine,
  instance?: Instance,
  address?: string,
): Host | undefined => {
  const own = { containerInstanceArn: arn, instanceId: id };
  if (address) return { ...own, [address.includes(':') ? 'ipv6' : 'privateIpv4']: address };
  if (!instance) return undefined;
  const where = instance.Placement?.AvailabilityZone ?? zone;
  const ipv6 = instance.Ipv6Address ?? primaryIpv6(instance);
  return {
    ...own,
    ...(instance.PrivateIpAddress && { privateIpv4: instance.PrivateIpAddress }),
    ...(instance.PublicIpAddress && { publicIpv4: instance.PublicIpAddress }),
    ...(ipv6 && { ipv6 }),
    ...(where && { zone: where }),
  };
};

/** Not every answer of EC2's says the instance's own; its first interface does. */
const primaryIpv6 = ({ NetworkInterfaces = [] }: Instance): string | undefined =>
  NetworkInterfaces.find(({ Attachment }) => Attachment?.DeviceIndex === 0)?.Ipv6Addresses?.[0]
    ?.Ipv6Address;

/**
 * EC2's events name no cluster, so each is asked, once for all of them; empty for hosts that are
 * not ECS's.
 */
const listTasksOnHosts = async (
  ecs: Ecs,
  where: { cluster: ClusterArn; instanceIds: readonly string[] },
  signal: AbortSignal,
) => {
  const { cluster, instanceIds } = where;
  const filter = `ec2InstanceId in [${instanceIds.join(', ')}]`;
  const found = await everyPage((nextToken) =>
    ecs.send(new ListContainerInstancesCommand({ cluster, filter, nextToken }), {
      abortSignal: signal,
    }),
  );
  const instances = found.flatMap((page) => page.containerInstanceArns ?? []);
  const tasks = await mapBounded(instances, 2, (containerInstance) =>
    everyPage((nextToken) =>
      ecs.send(new ListTasksCommand({ cluster, containerInstance, nextToken }), {
        abortSignal: signal,
      }),
    ),
  );
  return tasks.flat().flatMap((page) => page.taskArns?.filter(isTaskArn) ?? []);
};
