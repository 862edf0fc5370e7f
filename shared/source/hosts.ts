import type { EC2Client, Instance } from '@aws-sdk/client-ec2';
import {
  DescribeContainerInstancesCommand,
  type ECSClient,
  ListContainerInstancesCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import type { Host } from '../model/task.ts';
import { everyPage } from '../platform/aws/pages.ts';
import { BoundedMap } from '../platform/bounded-map.ts';
import { mapBounded } from '../platform/concurrency.ts';
import { askInBatches } from './batches.ts';
import { describeInstances } from './ec2.ts';
import type { Source } from './source.ts';

type Ecs = Pick<ECSClient, 'send'>;
type Ec2 = Pick<EC2Client, 'send'>;
/** Addresses of ECS Anywhere machines by SSM id (`mi-…`), which EC2 does not know. */
export type ExternalAddresses = (
  ids: readonly string[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, string>>;

const LIMIT = 5_000;
/** An Elastic IP may be attached to a running host, and a machine of ECS Anywhere may move: each shows after this. */
const KEPT_MS = 300_000;

interface Clients {
  readonly ecs: Ecs;
  readonly ec2: Ec2;
  readonly external: ExternalAddresses;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What is read of hosts, with their addresses remembered. */
export const hostReader = ({
  ecs,
  ec2,
  external,
  now,
}: Clients): Pick<Source, 'hosts' | 'hostStates' | 'tasksOnHosts'> => {
  const known = new BoundedMap<string, { readonly host: Host; readonly until: number }>(LIMIT);
  const recall = (arn: string) => {
    const kept = known.get(arn);
    return kept && now() < kept.until ? kept.host : undefined;
  };

  const hosts = async (cluster: string, arns: readonly string[], signal: AbortSignal) => {
    const unread = [...new Set(arns)].filter((arn) => !recall(arn));
    const fresh = new Map<string, Host>();
    const about = { cluster, kind: 'container-instance', width: 2 } as const;
    await askInBatches(unread, about, async (containerInstances) => {
      const command = new DescribeContainerInstancesCommand({ cluster, containerInstances });
      const answer = await ecs.send(command, { abortSignal: signal });
      const ids = new Map(
        (answer.containerInstances ?? []).flatMap(({ containerInstanceArn, ec2InstanceId }) =>
          containerInstanceArn && ec2InstanceId ? [[ec2InstanceId, containerInstanceArn] as const] : [],
        ),
      );
      for (const host of await describeHosts(ids, signal)) fresh.set(host.containerInstanceArn, host);
    });
    const until = now() + KEPT_MS;
    for (const [arn, host] of fresh) if (host.privateIpv4 || host.ipv6) known.set(arn, { host, until });
    return new Map(
      arns.flatMap((arn) => {
        const host = fresh.get(arn) ?? known.get(arn)?.host;
        return host ? [[arn, host] as const] : [];
      }),
    );
  };

  return {
    hosts,
    async hostStates(instanceIds, signal) {
      // ECS Anywhere's machines are not EC2's: nobody tells their state, and a lost one loses its tasks in ECS.
      const inside = instanceIds.filter((id) => !isExternal(id));
      const instances = await describeInstances(ec2, inside, signal);
      return new Map(instances.map(({ InstanceId, State }) => [InstanceId ?? '', State?.Name ?? '']));
    },
    async tasksOnHosts(instanceIds, clusters, signal) {
      const found = await mapBounded(clusters, 4, async (cluster) => ({
        cluster,
        tasks: await listTasksOnHosts(ecs, { cluster, instanceIds }, signal),
      }));
      return found.filter(({ tasks }) => tasks.length > 0);
    },
  };

  async function describeHosts(ids: ReadonlyMap<string, string>, signal: AbortSignal): Promise<Host[]> {
    const machines = [...ids.keys()];
    const inside = machines.filter((id) => !isExternal(id));
    const instances = await describeInstances(ec2, inside, signal);
    const outside = machines.filter(isExternal);
    const addresses = outside.length > 0 ? await external(outside, signal) : new Map<string, string>();
    return [
      ...instances.map((instance) => toHost(instance, ids.get(instance.InstanceId ?? '') ?? '')),
      ...outside.flatMap((instanceId) => {
        const privateIpv4 = addresses.get(instanceId);
        const containerInstanceArn = ids.get(instanceId) ?? '';
        return privateIpv4 ? [{ containerInstanceArn, instanceId, privateIpv4 }] : [];
      }),
    ];
  }
};

const isExternal = (id: string) => id.startsWith('mi-');

const toHost = (instance: Instance, containerInstanceArn: string): Host => {
  const zone = instance.Placement?.AvailabilityZone;
  return {
    containerInstanceArn,
    instanceId: instance.InstanceId ?? '',
    ...(instance.PrivateIpAddress && { privateIpv4: instance.PrivateIpAddress }),
    ...(instance.PublicIpAddress && { publicIpv4: instance.PublicIpAddress }),
    ...(instance.Ipv6Address && { ipv6: instance.Ipv6Address }),
    ...(zone && { zone }),
  };
};

/** EC2's events name no cluster, so each is asked, once for all of them; empty for hosts that are not ECS's. */
const listTasksOnHosts = async (
  ecs: Ecs,
  where: { cluster: string; instanceIds: readonly string[] },
  signal: AbortSignal,
) => {
  const { cluster, instanceIds } = where;
  const filter = `ec2InstanceId in [${instanceIds.join(', ')}]`;
  const found = await everyPage((nextToken) =>
    ecs.send(new ListContainerInstancesCommand({ cluster, filter, nextToken }), { abortSignal: signal }),
  );
  const instances = found.flatMap((page) => page.containerInstanceArns ?? []);
  const tasks = await mapBounded(instances, 2, (containerInstance) =>
    everyPage((nextToken) =>
      ecs.send(new ListTasksCommand({ cluster, containerInstance, nextToken }), { abortSignal: signal }),
    ),
  );
  return tasks.flat().flatMap((page) => page.taskArns ?? []);
};
