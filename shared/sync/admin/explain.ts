import { refOf, SKIPS, skipText } from '../../model/plan.ts';
import type { Registration } from '../../model/registration.ts';
import { type Summary, sharedNameText } from '../../model/summary.ts';
import { NOTHING_REMOVED } from '../../plan/limit.ts';
import { planChanges } from '../../plan/plan.ts';
import { refusal } from '../../plan/policy.ts';
import { table } from '../../plan/table.ts';
import { releaseCommand } from '../../platform/admin.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import { errorText } from '../../platform/error-text.ts';
import { once } from '../../platform/once.ts';
import type { Registry } from '../../registries/registry.ts';
import { recordsOf } from '../apply/apply.ts';
import type { ReconcileContext, SyncContext } from '../context.ts';
import { readLastSummary } from '../limits/operator-store.ts';
import { type ClusterState, observeTasks } from '../observe/cluster-state.ts';
import { derivationOf } from '../observe/observe.ts';
import { listRegistries, type RegistrySnapshot } from '../observe/snapshot.ts';
import type { Derivation } from '../observe/task-request.ts';
import { holdersIn } from '../round/holders.ts';
import { withUnsureNames } from '../round/lost-names.ts';
import { removalIn } from '../round/removal.ts';
import { isAmong, isOurs } from '../scope.ts';
import { type Answer, toAnswer, unreadIn } from './answer.ts';
import { InvalidCommand } from './command.ts';
import { heldOfForgotten, sayForgotten } from './forgotten.ts';
import { sayNoService, WITHIN_SCOPE } from './no-service.ts';

interface ExplainCommand {
  readonly cluster?: string | undefined;
  readonly task?: string | undefined;
  readonly service?: string | undefined;
}

/** Tasks explained in one call; a service with more is cut, and says so. */
const MAX_TASKS = 50;

/**
 * "Why is my task (not) registered?": what ECS says now, what is derived from it, what is left out
 * and why, what each registry holds, and what would change. A bare id is looked for in every
 * cluster in scope.
 */
export const explain = async (
  command: ExplainCommand,
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<Answer> => {
  if ((command.task === undefined) === (command.service === undefined)) {
    const came = command.task === undefined ? 'neither' : 'both';
    throw new InvalidCommand(`explain: expected either task (id or ARN) or service, got ${came}`);
  }
  // Registries are listed for few questions, and once.
  const listed = once(() => listRegistries(context, signal));
  const states = await findTasks(command, { ...context, listed }, signal);
  const meant = states.flatMap((state) =>
    [...state.tasks.values()]
      .flatMap((one) => derivationOf(one) ?? [])
      .filter((one) => isMeant(one, command.service))
      .map((derivation) => ({ derivation, state })),
  );
  const explained = await mapBounded(meant.slice(0, MAX_TASKS), 4, async (one) => ({
    derivation: one.derivation,
    held: await Promise.all(
      context.registries.map((registry) => heldBy(registry, one, context, signal)),
    ),
  }));
  const unread = [
    ...states.flatMap(unreadIn),
    // Of a service they are none, and there may be one on each host.
    ...(command.task === undefined ? [] : states.flatMap(strangersIn)),
    ...(meant.length > MAX_TASKS
      ? [`only ${MAX_TASKS} of ${meant.length} tasks are looked at`]
      : []),
  ];
  const { withheld: all = [], shared: met = [] } =
    (await readLastSummary(context, 'inspect', signal)) ?? {};
  const names = new Set(explained.flatMap(({ derivation }) => namesOf(derivation)));
  const shared = met.filter(({ name }) => names.has(name));
  const clusters = new Set<string>(explained.map(({ derivation }) => derivation.task.clusterArn));
  const withheld = all.filter(({ cluster }) => clusters.has(cluster));
  // Only where ECS has forgotten something: to list registries takes time.
  const hasForgotten = explained.length === 0 || withheld.some(({ why }) => why === 'missing');
  const known = new Set<string>(meant.map(({ derivation }) => derivation.task.arn));
  const snapshots = hasForgotten ? await listed() : [];
  const forgotten = heldOfForgotten(command, snapshots, { known, withheld: all }, context);
  if (explained.length === 0 && (unread.length === 0 || command.service !== undefined)) {
    const none = [
      ...(command.service === undefined
        ? [`ECS knows no task ${command.task} ${WITHIN_SCOPE}`]
        : await sayNoService(command.service, { states, snapshots, unread }, context, signal)),
      ...unread,
    ];
    const { records } = forgotten;
    const plans = new Set(records.map(({ plan }) => plan));
    const json = { tasks: [], forgotten: records, unread: [...none, ...forgotten.unread] };
    return toAnswer(
      [none, sayForgotten(forgotten, context)].filter((lines) => lines.length > 0),
      {
        ...json,
        withheld: all.filter(({ plan }) => plans.has(plan)),
      },
    );
  }
  const json = {
    tasks: explained.map(({ derivation, held }) => ({
      task: derivation.task.arn,
      desiredStatus: derivation.task.desiredStatus,
      lastStatus: derivation.task.lastStatus,
      health: derivation.task.health ?? 'UNKNOWN',
      instances: derivation.instances,
      skips: derivation.skips,
      notes: derivation.notes,
      registries: held,
    })),
    forgotten: forgotten.records,
    withheld,
    shared,
    unread: [...unread, ...forgotten.unread],
  };
  const remarks = [
    ...withheld.map((one) => sayWithheld(one, context)),
    ...sayForgotten(forgotten, context),
    ...shared.map(sharedNameText),
    ...unread,
  ];
  return toAnswer([...explained.map(toLines), ...remarks.map((line) => [line])], json);
};

const strangersIn = ({ skips }: ClusterState) =>
  skips
    .filter(({ code }) => SKIPS[code]?.isExpected)
    .map((skip) => `${skip.task}: ${skipText(skip)}`);

const namesOf = ({ identities }: Derivation) => identities.map(({ service }) => service);

const sayWithheld = (
  { cluster, plan, removals, why }: Summary['withheld'][number],
  context: ReconcileContext,
) => {
  const what =
    why === 'missing'
      ? `${removals} removals of records whose tasks ECS does not know`
      : `${removals} records keep a name that their running tasks have lost`;
  return `withheld in ${cluster}: ${what}; to let them through, run: ${releaseCommand(plan, context.admin)}`;
};

const findTasks = async (
  { cluster, task }: ExplainCommand,
  {
    listed,
    ...context
  }: SyncContext & { readonly listed: () => Promise<readonly RegistrySnapshot[]> },
  signal: AbortSignal,
): Promise<readonly ClusterState[]> => {
  const { source, config } = context;
  // Who is registered under a name decides only where names are refused.
  const isRefused = config.rules.names.shared === 'refuse';
  const holders = isRefused ? holdersIn(await listed(), config) : undefined;
  const ours = (await source.listClusters(signal)).filter((arn) => isOurs(config, arn));
  const clusters = ours.filter((arn) => cluster === undefined || isAmong([cluster], arn));
  // `task/<cluster>/<id>`; the old form of the ARN, `task/<id>`, names no cluster.
  const [, name] = /^arn:[^/]+\/([^/]+)\/[^/]+$/.exec(task ?? '') ?? [];
  const likely = clusters.filter((arn) => name === undefined || arn.endsWith(`/${name}`));
  return mapBounded(likely, 3, async (arn) => {
    const wanted = task === undefined ? await source.listTasks(arn, signal) : [toArn(arn, task)];
    return observeTasks(arn, wanted, { ...context, holders }, signal);
  });
};

const toArn = (cluster: string, task: string) =>
  task.startsWith('arn:') ? task : `${cluster.replace(':cluster/', ':task/')}/${task}`;

/** A service is meant by ECS's name for it, or by the name it is registered under. */
const isMeant = ({ task, identities }: Derivation, service: string | undefined) =>
  service === undefined ||
  task.group === `service:${service}` ||
  identities.some((identity) => identity.service === service);

interface Held {
  readonly registry: string;
  readonly records: readonly Registration[];
  /** What the next reconcile would do here, in words. */
  readonly would: readonly string[];
  readonly error?: string;
}

/** A task, and the cluster in which it was found. */
interface FoundTask {
  readonly derivation: Derivation;
  readonly state: ClusterState;
}

const heldBy = async (
  registry: Registry,
  found: FoundTask,
  context: SyncContext,
  signal: AbortSignal,
): Promise<Held> => {
  try {
    const refs = found.derivation.identities.flatMap((identity) => registry.refs(identity));
    const records = refs.length > 0 ? await registry.get(refs, signal) : [];
    return {
      registry: registry.name,
      records,
      would: changesIn(registry, found, records, context),
    };
  } catch (error) {
    return { registry: registry.name, records: [], would: [], error: errorText(error) };
  }
};

/** What a reconcile would make of this task's records, by the same plan. */
const changesIn = (
  registry: Registry,
  { derivation, state }: FoundTask,
  records: readonly Registration[],
  { config }: SyncContext,
): readonly string[] => {
  const plan = planChanges({
    registry,
    cluster: state.cluster,
    config,
    desired: withUnsureNames(recordsOf(registry, derivation.instances), records, state),
    actual: {
      kind: 'listed',
      records,
      // Whether it is above the delete limit only the whole cluster shows: the last round has said
      // it.
      removed: NOTHING_REMOVED,
      removalOf: removalIn(state, registry),
    },
  });
  return [
    ...plan.changes.map((change) => `${change.kind} ${refOf(change).service}: ${change.reason}`),
    ...plan.forbidden.map((change) => refusal(config.policy, change)),
    ...plan.waiting.map(({ service }) => `${service} waits for its first healthy answer`),
  ];
};

const toLines = ({ derivation, held }: { derivation: Derivation; held: readonly Held[] }) => {
  const { task, instances, skips, notes } = derivation;
  const rows = instances.map(({ service, address, port, protocol, health, id }) => [
    service,
    `${address}:${port}/${protocol}`,
    health,
    id,
  ]);
  return [
    `${task.arn}: desired ${task.desiredStatus}, last ${task.lastStatus}, health ${task.health ?? 'not told'}`,
    ...(rows.length > 0 ? table(rows) : ['derives no instance']),
    ...skips.map(skipText),
    ...notes.map((note) => `note: ${note}`),
    ...held.map(({ registry, records, would, error }) => {
      const state =
        error ??
        `holds ${records.length}${would.length > 0 ? `; ${would.join('; ')}` : ', as it should'}`;
      return `${registry}: ${state}`;
    }),
  ];
};
