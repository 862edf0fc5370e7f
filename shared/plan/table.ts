import { type Change, type Plan, refOf, signOf } from '../model/plan.ts';
import { printable } from '../model/text.ts';
import { isOfOlderNaming } from './plan.ts';
import { isForbiddenAlways } from './policy.ts';

/** Rows of text as lines of aligned columns, the last one ragged. */
export const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  // Before anything is measured: what is invisible takes room once it is shown.
  const clean = rows.map((row) => row.map(printable));
  const widths = (clean[0] ?? []).map((_, column) =>
    Math.max(...clean.map((row) => row[column]?.length ?? 0)),
  );
  return clean
    .map((row) =>
      row.map((cell, column) =>
        column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0),
      ),
    )
    .map((row) => row.join('  ').trimEnd());
};

const addressOf = (change: Change) => {
  const record = change.kind === 'remove' ? change.before : change.record;
  return record ? `${record.address}:${record.port}` : '';
};

/** Why these are withheld, in words. */
export const whyWithheld = (
  { removedUnknown }: Pick<Plan, 'removedUnknown'>,
  changes: readonly Change[],
) => {
  const whyOf = (change: Change) => {
    if (change.awaits !== undefined) return `until ${change.awaits} is registered under the name`;
    if (removedUnknown) return 'what was removed within the last hour is not known';
    return isOfOlderNaming(change)
      ? 'an older version of Rollcall gave the names'
      : 'above the delete limit';
  };
  return [...new Set(changes.map(whyOf))].join('; ');
};

/** A plan's changes in cells: sign, registry, service, id, address, and why. */
export const planRows = (plan: Plan): string[][] => {
  const rows = (changes: readonly Change[], note: (change: Change) => string) =>
    changes.map((change) => {
      const { service, id } = refOf(change);
      return [
        signOf(change.kind, change.before),
        plan.registry,
        service,
        id,
        addressOf(change),
        change.reason + note(change),
      ];
    });
  return [
    ...rows(plan.changes, () => ''),
    ...rows(plan.withheld, (change) => ` (withheld: ${whyWithheld(plan, [change])})`),
    ...rows(plan.forbidden, (change) =>
      isForbiddenAlways(change) ? '' : ' (not made under this policy)',
    ),
    ...plan.waiting.map((record) => [
      '.',
      plan.registry,
      record.service,
      record.id,
      `${record.address}:${record.port}`,
      'waits for its first healthy answer',
    ]),
  ];
};

export const PLAN_HEAD = ['', 'registry', 'service', 'id', 'address', 'why'] as const;

/** What stays as it is, and where nothing is removed. */
export const unchangedLines = (plans: readonly Plan[]): readonly string[] => [
  `unchanged: ${plans.map(({ registry, unchanged }) => `${registry} ${unchanged}`).join(', ') || 'none'}`,
  ...plans.flatMap(({ registry, unknown }) =>
    unknown === undefined ? [] : [`${registry}: nothing is removed, since ${unknown}`],
  ),
];

/**
 * The plans of one cluster as a person reads them, line by line; `+` added, `~` changed, `-`
 * removed, `.` waiting.
 */
export const planTable = (cluster: string, plans: readonly Plan[]): readonly string[] => {
  const rows = plans.flatMap(planRows);
  return [
    cluster,
    ...(rows.length > 0 ? table([PLAN_HEAD, ...rows]) : []),
    ...unchangedLines(plans),
  ];
};
