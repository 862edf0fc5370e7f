import type { Plan } from '../../shared/model/plan.ts';
import { type SharedName, sharedNameText } from '../../shared/model/summary.ts';
import { PLAN_HEAD, planRows } from '../../shared/plan/table.ts';
import { ask } from '../ask.ts';
import type { Block } from '../blocks.ts';
import type { Run } from '../command.ts';

/** Of one cluster, as the function `inspect` answers it. */
export interface PlannedCluster {
  readonly cluster: string;
  readonly plans: readonly Plan[];
  readonly skips: readonly { readonly code: string; readonly detail: string }[];
  readonly failures: readonly { readonly registry: string; readonly reason: string }[];
  /** Names that several have, one of them here. A function of an older version tells none. */
  readonly shared?: readonly SharedName[];
  /** The id by which withheld removals are released. */
  readonly release?: string;
  /** The same for withheld renamings. */
  readonly releaseRenamed?: string;
}

export const run: Run = async (input, tools) => {
  const command = { command: 'plan', cluster: input.value('cluster') };
  const clusters = await ask<readonly PlannedCluster[]>('inspect', command, tools);
  return { blocks: clusters.flatMap(toBlocks), json: clusters, found: clusters.some(isAmiss) };
};

const isAmiss = ({ plans, failures }: PlannedCluster) =>
  failures.length > 0 ||
  plans.some(
    ({ changes, withheld, forbidden, unknown }) =>
      changes.length + withheld.length + forbidden.length > 0 || unknown !== undefined,
  );

const toBlocks = ({
  cluster,
  plans,
  skips,
  failures,
  shared = [],
  ...ids
}: PlannedCluster): Block[] => [
  [cluster],
  { head: PLAN_HEAD, rows: plans.flatMap(planRows) },
  [
    `unchanged: ${plans.map(({ registry, unchanged }) => `${registry} ${unchanged}`).join(', ') || 'none'}`,
    ...plans.flatMap(({ registry, unknown }) =>
      unknown === undefined ? [] : [`${registry}: nothing is removed, since ${unknown}`],
    ),
    ...failures.map(({ registry, reason }) => `${registry} cannot be planned: ${reason}`),
    ...skips.map(({ code, detail }) => `left out (${code}): ${detail}`),
    ...shared.map(sharedNameText),
    ...withheldIn({ ...ids, plans }).map(howToRelease),
  ],
];

export interface WithheldPlan {
  readonly plan: string;
  readonly what: 'removals' | 'renamings';
  readonly changes: number;
}

/** What of one cluster waits for an operator's word. */
export const withheldIn = ({
  plans,
  release,
  releaseRenamed,
}: Pick<PlannedCluster, 'plans' | 'release' | 'releaseRenamed'>): readonly WithheldPlan[] => {
  const count = (limit: string) =>
    plans.flatMap(({ withheld }) => withheld.filter((change) => change.limit === limit)).length;
  return [
    ...(release === undefined
      ? []
      : [{ plan: release, what: 'removals', changes: count('missing') } as const]),
    ...(releaseRenamed === undefined
      ? []
      : [{ plan: releaseRenamed, what: 'renamings', changes: count('renamed') } as const]),
  ];
};

const howToRelease = ({ plan, what }: WithheldPlan) =>
  `withheld: to let these ${what} through, run: rollcall release ${plan}`;
