import { REGISTRY_NAMES } from '../shared/model/registration.ts';
import type { RegistrySummary, Summary } from '../shared/model/summary.ts';
import { table } from '../shared/plan/table.ts';

const COLUMNS = ['records', 'written', 'removed', 'failed', 'withheld', 'waiting'] as const;

/** What a reconcile did, for people: a line of its own for whatever needs one. */
export const summaryText = (summary: Summary): string => {
  const { milliseconds, tasks, clusters, policy, registries } = summary;
  const rows = REGISTRY_NAMES.flatMap((name) => {
    const one = registries[name];
    return one ? [[name, ...COLUMNS.map((column) => String(one[column]))]] : [];
  });
  return [
    `reconciled in ${milliseconds} ms under the policy ${policy}: ${count(tasks, 'task')} in ${count(clusters, 'cluster')}`,
    ...table([['registry', ...COLUMNS], ...rows]),
    ...REGISTRY_NAMES.flatMap((name) => unknownIn(name, registries[name])),
    ...summary.failures.map((failure) => `failed: ${failure}`),
    ...summary.unfinished.map((cluster) => `left to the next round: ${cluster}`),
    ...summary.withheld.map(
      ({ removals, plan }) => `withheld: ${removals} removals wait for a release (plan ${plan})`,
    ),
    ...new Set(summary.skips.map(({ code, detail }) => `left out (${code}): ${detail}`)),
  ].join('\n');
};

const unknownIn = (name: string, summary: RegistrySummary | undefined) =>
  summary?.unknown === undefined
    ? []
    : [`${name}: nothing is removed there, since ${summary.unknown}`];

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
