import type { ClusterArn } from '../../model/arn.ts';
import type { Skip } from '../../model/plan.ts';
import type { Registration, Target } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { Registry } from '../../registries/registry.ts';
import { recordsOf } from '../apply/apply.ts';
import type { SyncContext } from '../context.ts';
import { observeCluster } from '../observe/cluster-state.ts';
import { derivationOf } from '../observe/observe.ts';
import { isAmong, isOurs } from '../scope.ts';
import { type Answer, unreadIn } from './answer.ts';
import { noClusterMeant } from './command.ts';
import { compare, type Row } from './compare.ts';
import { toParityAnswer } from './parity-answer.ts';

interface ParityCommand {
  readonly cluster?: string | undefined;
  readonly service?: string | undefined;
}

export interface ParityContext extends SyncContext {
  /** All that Consul holds, whoever wrote it, or a rejection. Absent where Consul is not in use. */
  readonly catalog?: (signal: AbortSignal) => Promise<readonly Target[]>;
}

/**
 * Consul as Registrator filled it beside what would be written from ECS under this configuration,
 * whatever the policy: what one looks at before Registrator is switched off. Writes nothing. A
 * record that Rollcall would not write belongs to a cluster if its name or its address is one of
 * that cluster's.
 */
export const parity = async (
  command: ParityCommand,
  context: ParityContext,
  signal: AbortSignal,
): Promise<Answer> => {
  const { catalog, registries, config } = context;
  const consul = registries.find(({ name }) => name === 'consul');
  if (!consul || !catalog) throw new Error('parity: expected consul among ROLLCALL_REGISTRIES');
  const clusters = await clustersMeant(command, context, signal);
  // Consul first: a task that starts in between then shows as added, never as missing.
  const held = await catalog(signal);
  const sides = await mapBounded(clusters.all, 3, (cluster) =>
    wouldWrite(cluster, consul, context, signal),
  );
  const compared = compare(
    held,
    sides.flatMap(({ records }) => records),
  );
  const chosen = sides.filter(({ cluster }) => clusters.meant.has(cluster));
  return toParityAnswer({
    profile: config.rules.profile,
    rows: restrict(compared, clusters.meant, command),
    skips: chosen.flatMap(({ skips }) => skips),
    unread: chosen.flatMap(({ unread }) => unread),
  });
};

/** All clusters are compared even where one is meant: another one may hold what this one lacks. */
const clustersMeant = async (
  { cluster }: ParityCommand,
  { source, config }: ParityContext,
  signal: AbortSignal,
) => {
  const all = (await source.listClusters(signal)).filter((arn) => isOurs(config, arn));
  const meant = new Set(cluster === undefined ? all : all.filter((arn) => isAmong([cluster], arn)));
  if (meant.size === 0) throw noClusterMeant(all, cluster);
  return { all, meant };
};

interface Side {
  readonly cluster: ClusterArn;
  readonly records: readonly Registration[];
  readonly skips: readonly Skip[];
  readonly unread: readonly string[];
}

const wouldWrite = async (
  cluster: ClusterArn,
  registry: Registry,
  context: ParityContext,
  signal: AbortSignal,
): Promise<Side> => {
  const read = { arn: cluster, isGone: false };
  const state = await observeCluster(read, new Map(), context, signal);
  const derivations = [...state.tasks.values()].flatMap((one) => derivationOf(one) ?? []);
  return {
    cluster,
    records: derivations.flatMap(({ instances }) => recordsOf(registry, instances)),
    skips: derivations.flatMap(({ skips }) => skips),
    unread: unreadIn(state),
  };
};

const restrict = (rows: readonly Row[], clusters: ReadonlySet<string>, command: ParityCommand) => {
  const ours = rows.flatMap((row) =>
    'desired' in row && clusters.has(row.desired.cluster) ? [row.desired] : [],
  );
  const known = new Set(ours.flatMap(({ service, address }) => [service, address]));
  const isOfCluster = (row: Row) => {
    if ('desired' in row) return clusters.has(row.desired.cluster);
    return (
      command.cluster === undefined || known.has(row.held.service) || known.has(row.held.address)
    );
  };
  const isOfService = (row: Row) =>
    command.service === undefined ||
    ('held' in row && row.held.service === command.service) ||
    ('desired' in row && row.desired.service === command.service);
  return rows.filter((row) => isOfCluster(row) && isOfService(row));
};
