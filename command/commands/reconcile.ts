import type { Summary } from '../../shared/model/summary.ts';
import { counted } from '../../shared/model/text.ts';
import type { Block } from '../blocks.ts';
import type { Run } from '../command.ts';

export const run: Run = async (_input, { connect, io }) => {
  const target = await connect();
  const summary = (await target.invoke('reconcile', {}, io.signal)) as Summary;
  return { blocks: summaryBlocks(summary), json: summary, found: isRoundAmiss(summary) };
};

export const isRoundAmiss = ({ registries, withheld, unfinished, failures }: Summary): boolean =>
  withheld.length + unfinished.length + failures.length > 0 ||
  Object.values(registries).some(({ failed, unknown }) => failed > 0 || unknown !== undefined);

/** A round as a person reads it. */
export const summaryBlocks = (summary: Summary): readonly Block[] => [
  [
    `round of ${summary.at}: ${counted(summary.tasks, 'task')} in ${counted(summary.clusters, 'cluster')}, in ${(summary.milliseconds / 1000).toFixed(1)} s, policy ${summary.policy}`,
  ],
  {
    head: ['registry', 'records', 'drift', 'written', 'removed', 'failed', 'withheld', 'waiting'],
    rows: Object.entries(summary.registries).map(([name, counts]) => [
      name,
      ...(['records', 'drift', 'written', 'removed', 'failed', 'withheld', 'waiting'] as const).map(
        (count) => String(counts[count]),
      ),
    ]),
  },
  [
    ...Object.entries(summary.registries).flatMap(([name, { unknown }]) =>
      unknown === undefined ? [] : [`${name}: nothing is removed, since ${unknown}`],
    ),
    ...summary.withheld.map(
      ({ cluster, plan, removals, why }) =>
        `withheld in ${cluster}: ${removals} ${why === 'missing' ? 'removals' : 'renamings'}; to see them: rollcall plan; to let them through: rollcall release ${plan}`,
    ),
    ...summary.unfinished.map((cluster) => `not finished: ${cluster}`),
    ...summary.failures.map((failure) => `failed: ${failure}`),
  ],
];
