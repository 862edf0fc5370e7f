import { KEY, type Registration, type RegistryName } from '../../model/registration.ts';
import type { Summary } from '../../model/summary.ts';
import { releaseCommand } from '../../platform/admin.ts';
import type { ReconcileContext } from '../context.ts';
import { type ListedRegistry, listedAmong, type RegistrySnapshot } from '../observe/snapshot.ts';
import { isLongGone, recordedStart } from '../observe/task-state.ts';
import { isAmong, isOurs } from '../scope.ts';

interface AskedAbout {
  readonly cluster?: string | undefined;
  readonly task?: string | undefined;
  readonly service?: string | undefined;
}

/** A record that is held although ECS knows its task no more. */
export interface ForgottenRecord {
  readonly registry: RegistryName;
  readonly service: string;
  readonly id: string;
  readonly address: string;
  readonly port: number;
  readonly cluster: string;
  /** Its ARN, as far as the record tells. */
  readonly task: string;
  /** Why it is still there, in words. */
  readonly why: string;
  /** The withheld plan whose release lets it go. */
  readonly plan?: string;
}

export interface ForgottenRecords {
  readonly records: readonly ForgottenRecord[];
  /** Registries that could not be listed, with the reason. */
  readonly unread: readonly string[];
}

/**
 * What registries hold of a task, or of a service, whose tasks are not among the `known`: ECS has
 * forgotten them, and only the records' own metadata tells of them.
 */
export const heldOfForgotten = (
  command: AskedAbout,
  snapshots: readonly RegistrySnapshot[],
  {
    known,
    withheld,
  }: { readonly known: ReadonlySet<string>; readonly withheld: Summary['withheld'] },
  context: ReconcileContext,
): ForgottenRecords => {
  const records = listedAmong(snapshots).flatMap((snapshot) =>
    held(snapshot, command, context)
      .filter((record) => !known.has(taskOf(record)))
      .map((record) => toForgotten(snapshot, record, withheld, context)),
  );
  const unread = snapshots.flatMap((one) =>
    one.status === 'unlisted' ? [`${one.registry.name} cannot be listed: ${one.error}`] : [],
  );
  return { records, unread };
};

const taskOf = ({ metadata }: Registration) => metadata[KEY.task] ?? '';

const held = ({ ours }: ListedRegistry, command: AskedAbout, { config }: ReconcileContext) =>
  [...ours]
    .filter(([arn]) => isOurs(config, arn))
    .filter(([arn]) => command.cluster === undefined || isAmong([command.cluster], arn))
    .flatMap(([, records]) => records)
    .filter((record) => isAskedAbout(record, command));

/** A service by ECS's name for it, or by the one that it is registered under, in whatever case. */
const isAskedAbout = (record: Registration, { task, service }: AskedAbout) => {
  if (task !== undefined) return taskOf(record).split('/').at(-1) === task.split('/').at(-1);
  return (
    record.metadata[KEY.serviceName] === service ||
    record.service.toLowerCase() === service?.toLowerCase()
  );
};

const toForgotten = (
  { registry, listing }: ListedRegistry,
  record: Registration,
  withheld: Summary['withheld'],
  { config, now }: ReconcileContext,
): ForgottenRecord => {
  const { service, id, address, port, cluster } = record;
  const plan = withheld.find((one) => one.cluster === cluster && one.why === 'missing')?.plan;
  const why = () => {
    if (listing.unknown !== undefined) return `nothing is removed, since ${listing.unknown}`;
    if (config.policy !== 'sync') return `the policy ${config.policy} removes nothing`;
    if (!isLongGone(recordedStart(record.metadata[KEY.started], now()), now()))
      return 'its task started less than an hour ago, so ECS may only be late';
    return plan === undefined
      ? 'the next round removes it, unless the delete limit is reached'
      : 'its removal is withheld: above the delete limit';
  };
  const task = taskOf(record);
  const released = plan !== undefined && config.policy === 'sync' ? { plan } : {};
  return {
    registry: registry.name,
    service,
    id,
    address,
    port,
    cluster,
    task,
    why: why(),
    ...released,
  };
};

/** In words, a line for each, and the command that lets them go. */
export const sayForgotten = (
  { records, unread }: ForgottenRecords,
  context: ReconcileContext,
): readonly string[] => [
  ...records.map(
    ({ registry, service, address, port, task, why }) =>
      `${registry} holds ${service} at ${address}:${port} of ${task}, which ECS does not know: ${why}`,
  ),
  ...[...new Set(records.flatMap(({ plan }) => plan ?? []))].map(
    (plan) => `to let what is withheld go: ${releaseCommand(plan, context.admin)}`,
  ),
  ...unread,
];
