import * as v from 'valibot';
import type { Removals } from '../plan/removals.ts';
import { count } from '../source/summary.ts';
import type { Release } from './board.ts';

/** A release as it stands in its parameter. */
export const releaseNote: v.GenericSchema<unknown, Release> = v.object({
  plan: v.string(),
  until: v.pipe(v.number(), v.safeInteger()),
});

/** To valibot a list is an object too. */
const noList = v.pipe(
  v.unknown(),
  v.check((value) => !Array.isArray(value), 'expected an object, got a list'),
);

/** Values by texts of this form. */
const table = <T>(keys: RegExp, values: v.GenericSchema<unknown, T>) =>
  v.pipe(noList, v.record(v.pipe(v.string(), v.regex(keys)), values));

const slots = v.optional(table(/^\d{1,9}$/, table(/^[a-z2-7]{1,8}$/, v.pipe(count, v.minValue(1)))), {});

/** What was removed, as it stands in its parameter. Nothing that it does not know: it may be a count that is not counted. */
export const removalsNote: v.GenericSchema<unknown, Removals> = v.pipe(
  noList,
  v.strictObject({
    missing: slots,
    renamed: slots,
    released: v.optional(table(/^[0-9a-f]{16}$/, count), {}),
  }),
);
