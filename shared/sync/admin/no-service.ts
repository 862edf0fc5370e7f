import { KEY } from '../../model/registration.ts';
import type { ReconcileContext } from '../context.ts';
import type { ClusterState } from '../observe/cluster-state.ts';
import { derivationOf } from '../observe/observe.ts';
import { listedAmong, type RegistrySnapshot } from '../observe/snapshot.ts';
import { sayUnknownService } from './unknown-service.ts';

/** What every answer of `explain` is about. */
export const WITHIN_SCOPE =
  'in the clusters in scope (it describes stopped tasks for about an hour)';

interface Seen {
  readonly states: readonly ClusterState[];
  readonly snapshots: readonly RegistrySnapshot[];
  /** What of the tasks could not be read: the service may be among it. */
  readonly unread: readonly string[];
}

/** Of a service that no task is of, or is called: who else has the name, or what may be meant. */
export const sayNoService = async (
  service: string,
  { states, snapshots, unread }: Seen,
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const { owner } = context.config;
  const services = await servicesIn(states, context, signal);
  if (services.has(service) && unread.length > 0) return [];
  const records = listedAmong(snapshots).flatMap(({ registry, byKey }) =>
    [...byKey.values()].flat().map((record) => ({ registry: registry.name, record })),
  );
  const others = records.filter(
    ({ record }) =>
      record.service.toLowerCase() === service.toLowerCase() &&
      record.metadata[KEY.owner] !== owner,
  );
  const isNobodys = unread.length === 0 && !services.has(service);
  return [
    ...(isNobodys ? [`ECS knows no service ${service} ${WITHIN_SCOPE}`] : []),
    ...others.map(
      ({ registry, record }) =>
        `${registry} holds ${record.service} at ${record.address}:${record.port}, which this installation has not written`,
    ),
    ...sayUnknownService(service, {
      owner,
      services,
      derivations: states.flatMap(({ tasks }) =>
        [...tasks.values()].flatMap((one) => derivationOf(one) ?? []),
      ),
      registered: records.map(({ record }) => record.service),
    }),
  ];
};

/** Of these clusters, by ECS's names; where they cannot be read, hints are fewer. */
const servicesIn = async (
  states: readonly ClusterState[],
  { source, telemetry }: ReconcileContext,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> => {
  try {
    const clusters = new Set(states.map(({ cluster }) => cluster));
    const { found } = await source.services((arn) => clusters.has(arn), signal);
    return new Set([...clusters].flatMap((arn) => [...(found.get(arn) ?? [])]));
  } catch (error) {
    telemetry.fault("ECS's services cannot be listed", error, { path: 'inspect' });
    return new Set();
  }
};
