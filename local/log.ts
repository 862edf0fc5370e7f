import { output } from '../shared/platform/log.ts';

/** One line of a log, taken apart. */
export type Line = Readonly<Record<string, unknown>>;

/**
 * Takes the lines of the handlers, which run in this process, away from standard output. Those of
 * embedded metrics are left out. Returns what ends it.
 */
export const captureLog = (take: (line: Line) => void): (() => void) => {
  const before = output.write;
  output.write = (text) => {
    const line = JSON.parse(text);
    if (!('_aws' in line)) take(line);
  };
  return () => {
    output.write = before;
  };
};
