/** The value of a key that a stranger chose: a container may be called `constructor`. */
export const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/**
 * Leaves out what is undefined, so that absent has one form and records compare equal. Keys are the
 * program's own; a loop, since each record of each event passes here several times.
 */
export const compact = <T extends object>(
  fields: {
    readonly [K in keyof T]: T[K] | undefined;
  },
): T => {
  const kept: Partial<T> = {};
  for (const key in fields) if (fields[key] !== undefined) kept[key] = fields[key];
  return kept as T;
};
