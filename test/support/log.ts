import * as v from 'valibot';
import { SETTINGS } from '../../shared/config/settings.ts';
import { REGISTRY_NAMES } from '../../shared/model/registration.ts';
import { createLogger, LOG_LEVELS, type LoggerSettings } from '../../shared/platform/log.ts';

type Line = Readonly<Record<string, unknown>>;

/** A logger whose lines are kept, taken apart. */
export const recordLog = (settings: Omit<LoggerSettings, 'write'> = {}) => {
  const logged: Line[] = [];
  const logger = createLogger({ ...settings, write: (line) => logged.push(JSON.parse(line)) });
  return { logged, logger };
};

const text = v.pipe(v.string(), v.minLength(1));
const object = v.record(v.string(), v.unknown());

/**
 * What every line of an invocation or a request has, and what the fields are that may stand beside.
 */
const SHAPE = v.strictObject({
  time: v.pipe(v.string(), v.isoTimestamp()),
  level: v.picklist(LOG_LEVELS),
  message: text,
  requestId: v.pipe(v.string(), v.uuid()),
  path: v.optional(v.picklist(['event', 'look', 'reconcile', 'renew', 'inspect', 'operate'])),
  registry: v.optional(v.picklist(REGISTRY_NAMES)),
  cluster: v.optional(text),
  // Of a record that names none it is empty.
  task: v.optional(v.string()),
  container: v.optional(text),
  port: v.optional(v.number()),
  eventId: v.optional(text),
  eventTime: v.optional(v.number()),
  version: v.optional(v.number()),
  why: v.optional(text),
  reason: v.optional(text),
  error: v.optional(text),
  code: v.optional(text),
  detail: v.optional(text),
  operation: v.optional(text),
  before: v.optional(object),
  after: v.optional(object),
  ref: v.optional(object),
  change: v.optional(object),
  command: v.optional(object),
  unverifiedBy: v.optional(text),
  changes: v.optional(v.array(object)),
  plan: v.optional(text),
  policy: v.optional(v.picklist(SETTINGS.policy.values)),
});

/** What is wrong with a line, and the line; empty where nothing is. */
export const shapeFaults = (line: Line): readonly string[] =>
  (v.safeParse(SHAPE, line).issues ?? []).map(
    (issue) => `${v.getDotPath(issue)}: ${issue.message}: ${JSON.stringify(line).slice(0, 300)}`,
  );
