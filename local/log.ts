import { output } from '../shared/platform/log.ts';

/** One line of a log, taken apart. */
export type Line = Readonly<Record<string, unknown>>;

type Write = (text: string) => void;

const stdout: Write = output.write;
/** Who has taken the lines away from standard output; the last one gets them. */
const sinks: Write[] = [];
/** Who gets them besides. */
const taps: Write[] = [];

const add = (list: Write[], write: Write): (() => void) => {
  const one: Write = (text) => write(text);
  const update = () => {
    output.write = sinks.length + taps.length > 0 ? spread : stdout;
  };
  list.push(one);
  update();
  return () => {
    list.splice(list.indexOf(one), list.includes(one) ? 1 : 0);
    update();
  };
};

const spread: Write = (text) => {
  for (const tap of taps) tap(text);
  (sinks.at(-1) ?? stdout)(text);
};

/**
 * Takes the lines of the handlers, which run in this process, away from standard output. Those of
 * embedded metrics are left out. Returns what ends it.
 */
export const captureLog = (take: (line: Line) => void): (() => void) =>
  add(sinks, (text) => {
    const line = JSON.parse(text);
    if (!('_aws' in line)) take(line);
  });

/** Gets every line besides, as CloudWatch Logs does. Returns what ends it. */
export const tapLog = (take: (text: string) => void): (() => void) => add(taps, take);
