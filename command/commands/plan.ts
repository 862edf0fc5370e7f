import { type PlanAnswer, planNotes } from '../../shared/plan/answer.ts';
import { PLAN_HEAD, planRows, unchangedLines } from '../../shared/plan/table.ts';
import { ask } from '../ask.ts';
import type { Block } from '../blocks.ts';
import type { Run } from '../command.ts';

export const run: Run = async (input, tools) => {
  const command = { command: 'plan', cluster: input.value('cluster') };
  const clusters = await ask<readonly PlanAnswer[]>('inspect', command, tools);
  return { blocks: clusters.flatMap(toBlocks), json: clusters, found: clusters.some(isAmiss) };
};

const isAmiss = ({ plans, failures }: PlanAnswer) =>
  failures.length > 0 ||
  plans.some(
    ({ changes, withheld, forbidden, unknown }) =>
      changes.length + withheld.length + forbidden.length > 0 || unknown !== undefined,
  );

const toBlocks = (answer: PlanAnswer): Block[] => [
  [answer.cluster],
  { head: PLAN_HEAD, rows: answer.plans.flatMap(planRows) },
  [...unchangedLines(answer.plans), ...planNotes(answer), ...withheldIn(answer).map(howToRelease)],
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
}: Pick<PlanAnswer, 'plans' | 'release' | 'releaseRenamed'>): readonly WithheldPlan[] => {
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
