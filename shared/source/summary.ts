import * as v from 'valibot';
import { REGISTRY_NAMES } from '../model/registration.ts';
import type { Summary } from '../model/summary.ts';
import { TIMEOUTS } from '../platform/aws/clients.ts';
import { findParameter } from '../platform/aws/parameter.ts';
import { SSMClient } from '../platform/aws/ssm.ts';

/** A whole number, not below 0. */
export const wholeNumber = v.pipe(
  v.number(),
  v.check(
    (number) => Number.isSafeInteger(number) && number >= 0,
    'expected a whole number, not below 0',
  ),
);
const instant = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'expected an ISO 8601 time'),
);
const texts = v.array(v.string());

const registry = v.object({
  records: wholeNumber,
  drift: wholeNumber,
  written: wholeNumber,
  removed: wholeNumber,
  failed: wholeNumber,
  withheld: wholeNumber,
  waiting: wholeNumber,
  unknown: v.exactOptional(v.string()),
});

/** A summary as it stands in its parameter. */
export const summaryNote: v.GenericSchema<unknown, Summary> = v.object({
  at: instant,
  milliseconds: wholeNumber,
  policy: v.string(),
  clusters: wholeNumber,
  tasks: wholeNumber,
  registries: v.object(
    Object.fromEntries(REGISTRY_NAMES.map((name) => [name, v.exactOptional(registry)])),
  ),
  withheld: v.array(
    v.object({
      cluster: v.string(),
      plan: v.string(),
      removals: wholeNumber,
      why: v.exactOptional(v.picklist(['missing', 'renamed']), 'missing'),
    }),
  ),
  shared: v.exactOptional(v.array(v.object({ name: v.string(), owners: texts }))),
  unfinished: texts,
  // What code stands there is for readers alone, and another version may have others.
  skips: v.array(
    v.object({
      task: v.string(),
      code: v.string(),
      detail: v.string(),
      name: v.exactOptional(v.string()),
      service: v.exactOptional(v.string()),
      tasks: v.exactOptional(wholeNumber),
    }),
  ),
  failures: texts,
});

/** Reads the last summary, for whoever needs nothing else of what operators read. */
export const summaryReader = (
  name: string | undefined,
  ssm: Pick<SSMClient, 'send'> = new SSMClient(TIMEOUTS),
) => {
  const wanted = { name, schema: summaryNote };
  return (signal: AbortSignal) => findParameter(ssm, wanted, signal);
};
