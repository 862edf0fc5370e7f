import { idOf } from '../../model/arn.ts';
import type { SharedName } from '../../model/summary.ts';
import { type PlanAnswer, planNotes } from '../../plan/answer.ts';
import { planTable } from '../../plan/table.ts';
import { releaseCommand } from '../../platform/admin.ts';
import { limiter, mapBounded } from '../../platform/concurrency.ts';
import type { ReconcileContext } from '../context.ts';
import { idsOf } from '../limits/delete-limit.ts';
import { openLedger } from '../limits/removal-ledger.ts';
import { clustersInScope, listRegistries } from '../observe/snapshot.ts';
import { holdersIn } from '../round/holders.ts';
import { planCluster } from '../round/plan-cluster.ts';
import { sharedNames } from '../round/shared-names.ts';
import { isAmong } from '../scope.ts';
import { type Answer, toAnswer } from './answer.ts';
import { noClusterMeant } from './command.ts';

/** What the next reconcile would do: the same reads, the same plan, no write. */
export const plan = async (
  { cluster }: { readonly cluster?: string | undefined },
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<Answer> => {
  const ledger = await openLedger(context, signal);
  const snapshots = await listRegistries(context, signal);
  const all = await clustersInScope(snapshots, context, signal);
  const wanted = cluster === undefined ? all : all.filter(({ arn }) => isAmong([cluster], arn));
  if (wanted.length === 0)
    throw noClusterMeant(
      all.map(({ arn }) => arn),
      cluster,
    );
  const input = { snapshots, ledger, reading: limiter(1) };
  const knowing = { ...context, holders: holdersIn(snapshots, context.config) };
  const planned = await mapBounded(wanted, 3, (one) => planCluster(one, input, knowing, signal));
  const states = planned.map(({ state }) => state);
  const shared = sharedNames(states, snapshots, context);
  const answers = planned.map(({ state, failures, ...one }) => {
    const plans = one.plans.map(({ plan }) => plan);
    const { missing, renamed } = idsOf(plans);
    return {
      cluster: state.cluster,
      plans,
      skips: state.skips,
      shared: shared.filter((one) => isOfCluster(one, state.cluster)),
      failures,
      ...(missing && { release: missing }),
      ...(renamed && { releaseRenamed: renamed }),
    };
  });
  return toAnswer(
    answers.map((one) => toLines(one, context)),
    answers,
  );
};

const isOfCluster = ({ owners }: SharedName, cluster: string) =>
  owners.some((owner) => owner.startsWith(`${idOf(cluster)}/`));

const toLines = (
  { cluster, plans, release, releaseRenamed, ...rest }: PlanAnswer,
  context: Pick<ReconcileContext, 'admin'>,
) => [
  ...planTable(cluster, plans),
  ...planNotes(rest),
  ...howToRelease('removals', release, context),
  ...howToRelease('renamings', releaseRenamed, context),
];

const howToRelease = (
  what: string,
  plan: string | undefined,
  context: Pick<ReconcileContext, 'admin'>,
) =>
  plan === undefined
    ? []
    : [`withheld: to let these ${what} through, run: ${releaseCommand(plan, context.admin)}`];
