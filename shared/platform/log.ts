import { AsyncLocalStorage } from 'node:async_hooks';
import { Console } from 'node:console';
import { printableJson } from '../model/text.ts';

/** From the most detail to the least. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Writes one line of JSON with `time`, `level`, `message`, `requestId` and the fields given. */
export type Logger = Readonly<Record<LogLevel, (message: string, fields?: object) => void>>;

export interface LoggerSettings {
  /** The lowest level that is written; `info` unless given. */
  readonly level?: LogLevel;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Takes each line, without its end. */
  readonly write?: (line: string) => void;
}

/**
 * The logger of every function and server. The stricter of `level` and Lambda's own setting
 * (`AWS_LAMBDA_LOG_LEVEL`) holds.
 */
export const createLogger = ({
  level: given = 'info',
  now = Date.now,
  write = (line) => output.write(line),
}: LoggerSettings = {}): Logger => {
  const lowest = Math.max(rankOf(given), rankOf(process.env['AWS_LAMBDA_LOG_LEVEL']));
  const at = (level: LogLevel) => {
    if (rankOf(level) < lowest) return () => {};
    return (message: string, fields?: object) => {
      const time = new Date(now()).toISOString();
      const line = { time, level, message, requestId: requestId(), ...fields };
      write(printableJson(JSON.stringify(line)));
    };
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

/** Lambda knows one level more at either end, and writes all in capitals. */
const RANKS: readonly string[] = ['trace', ...LOG_LEVELS, 'fatal'];
const rankOf = (level = '') => RANKS.indexOf(level.toLowerCase());

/**
 * Fields by which a line gets past Lambda's own filter of levels: for metrics and outcomes, which
 * must never be lost. None, unless Lambda would drop `level`. Lambda reads a line's level only
 * where `timestamp` stands beside it, and takes any other line for INFO; FATAL always passes.
 */
export const unfilteredFields = (level: LogLevel, now: number): object =>
  rankOf(process.env['AWS_LAMBDA_LOG_LEVEL']) > rankOf(level)
    ? { level: 'FATAL', timestamp: new Date(now).toISOString() }
    : {};

const requestIds = new AsyncLocalStorage<() => string>();

/** Of the invocation that this is part of, if it is part of one. */
export const requestId = (): string | undefined => requestIds.getStore()?.();

/** Every line that `run`, and what it starts, writes bears this id, and asks for it then. */
export const withRequestId = <T>(id: () => string, run: () => T): T => requestIds.run(id, run);

const stdout = new Console(process.stdout);

/**
 * Where lines go: standard output as they are, and not the global `console`, around whose lines
 * Lambda puts fields of its own, so that CloudWatch would find no metrics in them (Embedded Metric
 * Format). The local run and tests put a `write` of their own here.
 */
export const output = { write: (line: string): void => stdout.log(line) };
