import * as v from 'valibot';
import type { OutcomeRecord } from '../../../model/outcome-record.ts';
import { REGISTRY_NAMES } from '../../../model/registration.ts';

const text = v.string();
const STATE = v.looseObject({
  service: text,
  address: text,
  port: v.number(),
  protocol: v.optional(text),
  health: v.optional(v.picklist(['healthy', 'unhealthy', 'starting'])),
  tags: v.optional(v.array(text)),
  zone: v.optional(text),
  revision: v.optional(text),
  deployment: v.optional(text),
  started: v.optional(text),
});

const RECORD = v.looseObject({
  rollcall: v.literal(1),
  kind: v.literal('outcome'),
  time: v.pipe(text, v.isoTimestamp()),
  level: text,
  message: text,
  registry: v.picklist(REGISTRY_NAMES),
  path: text,
  what: v.picklist(['upsert', 'health', 'remove']),
  status: v.picklist(['done', 'pending', 'gone', 'retry', 'refused']),
  service: text,
  name: text,
  formerName: v.optional(text),
  id: text,
  cluster: v.optional(text),
  task: v.optional(text),
  why: text,
  reason: v.optional(text),
  operation: v.optional(text),
  before: v.nullish(STATE),
  after: v.optional(STATE),
  eventAge: v.optional(v.number()),
});

/** `undefined` for any other line, and for what only looks like a record. */
export const parseRecord = (line: string): OutcomeRecord | undefined => {
  try {
    const result = v.safeParse(RECORD, JSON.parse(line));
    return result.success ? (result.output as OutcomeRecord) : undefined;
  } catch {
    return undefined;
  }
};
