import * as v from 'valibot';
import { REGISTRY_NAMES } from '../model/registration.ts';
import type { Summary } from '../model/summary.ts';

/** A whole number, not below 0. */
export const count = v.pipe(
  v.number(),
  v.check((number) => Number.isSafeInteger(number) && number >= 0, 'expected a whole number, not below 0'),
);
const instant = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'expected an ISO 8601 time'),
);
const texts = v.array(v.string());

const registry = v.object({
  records: count,
  drift: count,
  written: count,
  removed: count,
  failed: count,
  withheld: count,
  waiting: count,
  unknown: v.exactOptional(v.string()),
});

/** A summary as it stands in its parameter. */
export const summaryNote: v.GenericSchema<unknown, Summary> = v.object({
  at: instant,
  milliseconds: count,
  policy: v.string(),
  clusters: count,
  tasks: count,
  registries: v.object(Object.fromEntries(REGISTRY_NAMES.map((name) => [name, v.exactOptional(registry)]))),
  withheld: v.array(
    v.object({
      cluster: v.string(),
      plan: v.string(),
      removals: count,
      why: v.exactOptional(v.picklist(['missing', 'renamed']), 'missing'),
    }),
  ),
  unfinished: texts,
  // What code stands there is for readers alone, and another version may have others.
  skips: v.array(v.object({ task: v.string(), code: v.string(), detail: v.string() })),
  failures: texts,
});

/** Throws with what was expected and what came; the beginning of it, since it may be anything. */
export const parseNote = <T>(schema: v.GenericSchema<unknown, T>, text: string, name: string): T => {
  const result = v.safeParse(schema, parseJson(text, name));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const at = ['parameter', name, ...(issue.path ?? []).map(({ key }) => key)].join(' ');
  throw new Error(`${at}: ${issue.message}`.slice(0, LONGEST_FAULT));
};

const LONGEST_FAULT = 300;

const parseJson = (text: string, name: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`parameter ${name}: expected JSON, got ${JSON.stringify(text.slice(0, 60))}`, { cause });
  }
};
