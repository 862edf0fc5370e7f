import { type Block, toText } from '../command/blocks.ts';
import { skipText } from '../shared/model/plan.ts';
import { REGISTRY_NAMES } from '../shared/model/registration.ts';
import type { RegistrySummary, Summary } from '../shared/model/summary.ts';
import { counted } from '../shared/model/text.ts';
import { type PlanAnswer, planNotes } from '../shared/plan/answer.ts';
import { planRows, table, unchangedLines } from '../shared/plan/table.ts';

const COLUMNS = ['records', 'written', 'removed', 'failed', 'withheld', 'waiting'] as const;

/** What a reconcile did, for people: a line of its own for whatever needs one. */
export const summaryText = (summary: Summary): string => {
  const { milliseconds, tasks, clusters, policy, registries } = summary;
  const rows = REGISTRY_NAMES.flatMap((name) => {
    const one = registries[name];
    return one ? [[name, ...COLUMNS.map((column) => String(one[column]))]] : [];
  });
  return [
    `reconciled in ${milliseconds} ms under the policy ${policy}: ${counted(tasks, 'task')} in ${counted(clusters, 'cluster')}`,
    ...table([['registry', ...COLUMNS], ...rows]),
    ...REGISTRY_NAMES.flatMap((name) => unknownIn(name, registries[name])),
    ...summary.failures.map((failure) => `failed: ${failure}`),
    ...summary.unfinished.map((cluster) => `left to the next round: ${cluster}`),
    ...summary.withheld.map(
      ({ removals, plan }) =>
        `withheld: ${counted(removals, 'removal')} wait${removals === 1 ? 's' : ''} for a release (plan ${plan})`,
    ),
    ...new Set(summary.skips.map(skipText)),
  ].join('\n');
};

const unknownIn = (name: string, summary: RegistrySummary | undefined) =>
  summary?.unknown === undefined
    ? []
    : [`${name}: nothing is removed there, since ${summary.unknown}`];

/** What the next reconcile would do, in so many columns: a line for a record, whoever holds it. */
export const planText = (clusters: readonly PlanAnswer[], columns: number): string =>
  toText(clusters.flatMap(blocksOf), columns);

const blocksOf = ({ cluster, plans, skips, failures, ...ids }: PlanAnswer): Block[] => {
  const { release, releaseRenamed } = ids;
  const records = Map.groupBy(plans.flatMap(planRows), ([sign, , service, id, address, why]) =>
    // Eureka knows names in capitals only.
    [sign, service?.toLowerCase(), id, address, why].join(' '),
  );
  const rows = [...records.values()].map((held) => {
    const [[sign = '', , service = '', , address = '', why = ''] = []] = held;
    return [sign, service, address, held.map(([, registry = '']) => registry).join(' '), why];
  });
  return [
    [cluster],
    { head: ['', 'service', 'address', 'registries', 'why'], rows },
    [
      ...unchangedLines(plans),
      ...planNotes({ failures, skips }),
      ...(release === undefined ? [] : ['withheld: w lets these removals through']),
      ...(releaseRenamed === undefined
        ? []
        : [
            `withheld: to let these renamings through: npx --no-install rollcall release ${releaseRenamed} --local`,
          ]),
    ],
  ];
};
