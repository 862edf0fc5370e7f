import { planTable } from '../../plan/table.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import { idsOf } from '../allow.ts';
import { openLedger } from '../ledger.ts';
import type { ReconcileDeps } from '../reconcile.ts';
import { clustersInScope, planRound, viewRegistries } from '../round.ts';
import { isAmong } from '../scope.ts';
import type { Answer } from './command.ts';

/** What the next reconcile would do: the same reads, the same plan, no write. */
export const plan = async (
  { cluster }: { readonly cluster?: string | undefined },
  deps: ReconcileDeps,
  signal: AbortSignal,
): Promise<Answer> => {
  const ledger = await openLedger(deps, signal);
  const views = await viewRegistries(deps, signal);
  const { living, gone } = await clustersInScope(views, deps, signal);
  const all = [...living.map((arn) => ({ arn, gone: false })), ...gone.map((arn) => ({ arn, gone: true }))];
  const wanted = cluster === undefined ? all : all.filter(({ arn }) => isAmong([cluster], arn));
  if (wanted.length === 0) {
    const known = all.map(({ arn }) => arn).join(', ') || 'none';
    throw new Error(`cluster: expected one in scope (${known}), got ${cluster ?? 'none'}`);
  }
  const rounds = await mapBounded(wanted, 3, (one) => planRound(one, { views, ledger }, deps, signal));
  const answers = rounds.map((round) => {
    const plans = round.plans.map((one) => one.plan);
    const { missing, renamed } = idsOf(plans);
    return {
      cluster: round.truth.cluster,
      plans,
      skips: round.truth.skips,
      failures: round.failures,
      ...(missing && { release: missing }),
      ...(renamed && { releaseRenamed: renamed }),
    };
  });
  return { text: answers.map(toText).join('\n\n'), json: answers };
};

type PlanAnswer = {
  readonly cluster: string;
  readonly plans: Parameters<typeof planTable>[1];
  readonly skips: readonly { readonly code: string; readonly detail: string }[];
  readonly failures: readonly { readonly registry: string; readonly reason: string }[];
  readonly release?: string;
  readonly releaseRenamed?: string;
};

const toText = ({ cluster, plans, skips, failures, release, releaseRenamed }: PlanAnswer) =>
  [
    planTable(cluster, plans),
    ...failures.map(({ registry, reason }) => `${registry} cannot be planned: ${reason}`),
    ...skips.map(({ code, detail }) => `not registered (${code}): ${detail}`),
    ...howToRelease('removals', release),
    ...howToRelease('renamings', releaseRenamed),
  ].join('\n');

const howToRelease = (what: string, plan: string | undefined) =>
  plan === undefined
    ? []
    : [`withheld: to let these ${what} through, run {"command":"release","plan":"${plan}"}`];
