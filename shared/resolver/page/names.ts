import type { SkippedTasks } from '../../model/summary.ts';
import { byText } from '../../model/text.ts';
import type { PageData } from './page-data.ts';

/** What the last round found on a name. Owners as in `SharedName`. */
export interface WordOnName {
  /** More than one has it, and nobody said that they may. */
  readonly sharers: readonly string[];
  /** Who asked for it in vain. */
  readonly refused: readonly string[];
}

/**
 * Gives what the last round found on a service's name. It knows the rules for names: several who
 * have one in a registry may be just what the deployer wants.
 */
export const wordsOnNames = (round: PageData['round']): ((service: string) => WordOnName) => {
  if (typeof round === 'string') return () => ({ sharers: [], refused: [] });
  const shared = new Map(round.shared?.map(({ name, owners }) => [inOneCase(name), owners]));
  const skips = Map.groupBy(round.skips, ({ name }) => name && inOneCase(name));
  return (service) => ({
    sharers: shared.get(inOneCase(service)) ?? [],
    refused: [...new Set(skips.get(inOneCase(service))?.map(askerOf))].sort(byText),
  });
};

/** Whether a reason is that a task may not have this service's name. */
export const isRefused = ({ name }: SkippedTasks, service: string): boolean =>
  name !== undefined && inOneCase(name) === inOneCase(service);

const askerOf = ({ task, service = '?' }: SkippedTasks) =>
  `${task.split('/').at(-2) ?? '?'}/${service}`;

/** No registry tells names apart by case. */
const inOneCase = (name: string) => name.toLowerCase();
