import * as v from 'valibot';
import { SETTINGS } from '../../shared/config/settings.ts';
import { MAX_RECORD } from '../../shared/model/outcome-record.ts';
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
  name: v.optional(text),
  operation: v.optional(text),
  change: v.optional(object),
  command: v.optional(object),
  unverifiedBy: v.optional(text),
  method: v.optional(text),
  // Empty where no route answers.
  route: v.optional(v.string()),
  status: v.optional(v.number()),
  client: v.optional(text),
  changes: v.optional(v.array(object)),
  plan: v.optional(text),
  policy: v.optional(v.picklist(SETTINGS.policy.values)),
});

const HELD = v.strictObject({
  service: text,
  address: text,
  port: v.number(),
  protocol: v.optional(text),
  health: v.optional(v.picklist(['healthy', 'unhealthy', 'starting'])),
  tags: v.optional(v.array(v.string())),
  zone: v.optional(text),
  revision: v.optional(text),
  deployment: v.optional(text),
  started: v.optional(v.pipe(v.string(), v.isoTimestamp())),
});

/** What every outcome record has, and may have. */
const OUTCOME = v.strictObject({
  ...SHAPE.entries,
  rollcall: v.literal(1),
  kind: v.literal('outcome'),
  what: v.picklist(['upsert', 'health', 'remove']),
  status: v.picklist(['done', 'pending', 'gone', 'retry', 'refused']),
  registry: v.picklist(REGISTRY_NAMES),
  service: text,
  name: text,
  formerName: v.optional(text),
  id: text,
  why: text,
  before: v.nullish(HELD),
  after: v.optional(HELD),
  eventAge: v.optional(v.number()),
});

/** What is wrong with a line, and the line; empty where nothing is. */
export const shapeFaults = (line: Line): readonly string[] => {
  const shape = line['kind'] === 'outcome' ? OUTCOME : SHAPE;
  const faults = (v.safeParse(shape, line).issues ?? []).map(
    (issue) => `${v.getDotPath(issue)}: ${issue.message}`,
  );
  const bytes = Buffer.byteLength(JSON.stringify(line));
  if (shape === OUTCOME && bytes > MAX_RECORD) faults.push(`${bytes} bytes`);
  return faults.map((fault) => `${fault}: ${JSON.stringify(line).slice(0, 300)}`);
};
