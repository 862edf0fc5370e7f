import type { Limit, Skip } from './plan.ts';
import type { RegistryName } from './registration.ts';

/** What one reconcile leaves for people: the page, `explain`, an operator. At most 4 KB as JSON. */
export interface Summary {
  /** ISO time at which the round began. */
  readonly at: string;
  readonly milliseconds: number;
  readonly policy: string;
  readonly clusters: number;
  readonly tasks: number;
  readonly registries: Partial<Record<RegistryName, RegistrySummary>>;
  /** Withheld removals, by cluster, with the plan id that `release` takes. */
  readonly withheld: readonly {
    readonly cluster: string;
    readonly plan: string;
    readonly removals: number;
    /** Because ECS does not know the tasks, or because they have other names now, or none. */
    readonly why: Limit;
  }[];
  /** Names that several have; absent where none are known. */
  readonly shared?: readonly SharedName[];
  /** Clusters that the time did not suffice for, or that failed; they come first next time. */
  readonly unfinished: readonly string[];
  /** The newest reasons why something is not registered, each once. */
  readonly skips: readonly SkippedTasks[];
  readonly failures: readonly string[];
}

/** One reason, with one of the tasks of which it is true. */
export interface SkippedTasks extends Pick<Skip, 'task' | 'detail' | 'name'> {
  readonly code: string;
  /** The name of their ECS service, or their family. */
  readonly service?: string;
  /** How many tasks it is; 1 unless told. */
  readonly tasks?: number;
}

/** A name that several have, and who: `prod/payments`, `prod/family:report`. */
export interface SharedName {
  readonly name: string;
  readonly owners: readonly string[];
}

/** As people read it. */
export const sharedNameText = ({ name, owners }: SharedName): string =>
  `${name} is the name of ${owners.join(' and ')}: clients get all of them`;

export interface RegistrySummary {
  readonly records: number;
  readonly drift: number;
  readonly written: number;
  readonly removed: number;
  readonly failed: number;
  readonly withheld: number;
  readonly waiting: number;
  /** Why the registry could not be read, or not be trusted for removals. */
  readonly unknown?: string;
}
