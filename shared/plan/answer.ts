import type { Plan } from '../model/plan.ts';
import { skipText } from '../model/plan.ts';
import { type SharedName, sharedNameText } from '../model/summary.ts';

/** What is planned of one cluster, as the function `inspect` answers it. */
export interface PlanAnswer {
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

/** What follows the changes and what is unchanged, line by line, for people. */
export const planNotes = ({
  failures,
  skips,
  shared = [],
}: Pick<PlanAnswer, 'failures' | 'skips' | 'shared'>): readonly string[] => [
  ...failures.map(({ registry, reason }) => `${registry} cannot be planned: ${reason}`),
  ...skips.map(skipText),
  ...shared.map(sharedNameText),
];
