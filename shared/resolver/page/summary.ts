import type { Summary } from '../../model/summary.ts';

/** Whether it is a summary as this version writes it: an older reconciler may have left the one that is read. */
export const isSummary = (value: unknown): value is Summary => {
  if (typeof value !== 'object' || value === null) return false;
  const { at, registries, withheld, unfinished, skips, failures } = value as Partial<
    Record<keyof Summary, unknown>
  >;
  const lists = [withheld, unfinished, skips, failures];
  return (
    !Number.isNaN(Date.parse(String(at))) && typeof registries === 'object' && lists.every(Array.isArray)
  );
};
