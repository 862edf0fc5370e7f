import type { Change, Outcome } from '../../model/plan.ts';
import type { Instance, Registration } from '../../model/registration.ts';
import { errorText } from '../../platform/error-text.ts';
import type { LogContext, Telemetry } from '../../platform/telemetry.ts';
import { failed } from '../../registries/outcome.ts';
import type { Registry } from '../../registries/registry.ts';

/**
 * Makes the changes at one registry. Should its `apply` throw all the same, they are to be tried
 * again.
 */
export const applyChanges = async (
  registry: Registry,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> => {
  if (changes.length === 0) return [];
  try {
    return await registry.apply(changes, signal);
  } catch (error) {
    const reason = `${registry.name}: ${errorText(error)}`;
    return changes.map((change) => ({ change, ...failed(reason) }));
  }
};

/** One log line for each outcome, with where it came from: task, event, version. */
export const logOutcomes = (
  { telemetry }: { readonly telemetry: Telemetry },
  registry: Registry,
  outcomes: readonly Outcome[],
  contextOf: (change: Change) => LogContext,
): void => {
  for (const outcome of outcomes)
    telemetry.outcome(registry.name, outcome, contextOf(outcome.change));
};

/** The records of instances at one registry; `onNote` gets what was mapped or left out. */
export const recordsOf = (
  registry: Registry,
  instances: readonly Instance[],
  onNote: (note: string) => void = () => {},
): readonly Registration[] =>
  instances.flatMap((instance) => {
    const { records, notes } = registry.fit(instance);
    for (const note of notes) onNote(`${registry.name}: ${note}`);
    return records;
  });
