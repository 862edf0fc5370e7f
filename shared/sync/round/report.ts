import { isTaskArn } from '../../model/arn.ts';
import { LIMITS, type Plan, refOf, SKIPS, type Skip } from '../../model/plan.ts';
import { type SharedName, sharedNameText } from '../../model/summary.ts';
import { isForbiddenAlways, refusal } from '../../plan/policy.ts';
import { whyWithheld } from '../../plan/table.ts';
import type { SyncContext } from '../context.ts';
import type { PlanIds } from '../limits/delete-limit.ts';
import type { ClusterState } from '../observe/cluster-state.ts';
import { logFaults } from '../observe/observe.ts';
import { driftOf } from './summary.ts';

/**
 * Why something is left out or was changed on the way, and what could not be read. Reasons once a
 * definition, while warm; those that are about one task alone once a task.
 */
export const logReasons = (state: ClusterState, { isNews, telemetry }: SyncContext): void => {
  const { cluster, tasks } = state;
  const context = { path: 'reconcile', cluster } as const;
  for (const skip of state.skips) {
    const subject = subjectOf(state, skip);
    if (isNews([subject, skip.container, skip.port, skip.detail].join(' ')))
      telemetry.skip(skip, context);
  }
  for (const { task, definition, notes } of state.running.values()) {
    for (const note of notes)
      if (isNews(`${definition.arn} ${note}`)) telemetry.note(note, { ...context, task: task.arn });
  }
  logFaults(tasks, context, telemetry);
};

/** Tasks of one definition have the same reasons otherwise; one without is logged by itself. */
const subjectOf = ({ running }: ClusterState, { task, code }: Skip) => {
  if (SKIPS[code]?.isOwn || !isTaskArn(task)) return task;
  return running.get(task)?.definition.arn ?? task;
};

/**
 * Changes in one line, some kilobytes each: CloudWatch takes 256 KB. `plan` shows them all.
 */
const MAX_LOGGED = 30;

const WITHHELD = { missing: 'removals', renamed: 'renamings' } as const;

export const logPlan = (
  plan: Plan,
  planIds: PlanIds,
  { telemetry, isNews, config }: SyncContext,
): void => {
  const { registry, cluster } = plan;
  const context = { path: 'reconcile', cluster } as const;
  telemetry.count('Drift', driftOf(plan), registry);
  const awaited = plan.withheld.filter(({ awaits }) => awaits !== undefined).length;
  telemetry.count('Withheld', plan.withheld.length - awaited, registry);
  // A service may run nothing for good: that is no alarm.
  if (awaited > 0) telemetry.count('Awaited', awaited, registry);
  // An empty Consul shows no node of ours either. The first write makes one, so it counts only
  // where writes are made.
  const isUsed = plan.changes.length + plan.unchanged > 0;
  if (plan.unknown !== undefined && isUsed) telemetry.count('Unknown', 1, registry);
  for (const change of plan.forbidden) {
    const said = refusal(config.policy, change);
    const isStanding = isForbiddenAlways(change);
    if (isStanding && !isNews(`${registry} ${refOf(change).id} ${said}`)) continue;
    telemetry.note(said, context, { registry, policy: config.policy, change });
  }
  for (const limit of LIMITS) {
    const changes = plan.withheld.filter((change) => change.limit === limit);
    if (changes.length === 0) continue;
    const id = planIds[limit];
    const what = `${changes.length} ${WITHHELD[limit]} (${whyWithheld(plan, changes)})`;
    const fields = { registry, plan: id, changes: changes.slice(0, MAX_LOGGED) };
    telemetry.note(`withheld ${what}: if they are right: rollcall release ${id}`, context, fields);
  }
};

/** Each name that several have once, while warm, with all of its owners; a metric counts them. */
export const logSharedNames = (
  shared: readonly SharedName[],
  { telemetry, isNews }: SyncContext,
): void => {
  if (shared.length > 0) telemetry.count('SharedNames', shared.length);
  for (const one of shared) {
    const text = sharedNameText(one);
    if (isNews(text)) telemetry.note(text, { path: 'reconcile' });
  }
};
