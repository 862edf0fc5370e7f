import * as v from 'valibot';
import type { Removals } from '../../plan/removals.ts';
import { TIMEOUTS } from '../../platform/aws/clients.ts';
import { findParameter, parameterText, readParameter } from '../../platform/aws/parameter.ts';
import { PutParameterCommand, SSMClient } from '../../platform/aws/ssm.ts';
import { summaryReader, wholeNumber } from '../../source/summary.ts';
import type { Approval, OperatorStore } from './operator-store.ts';

interface Names {
  readonly summaryParameter?: string;
  readonly releaseParameter?: string;
  readonly removalsParameter?: string;
}

/**
 * The operator's store in three SSM parameters. A missing summary or approval counts
 * as none. The removals must exist: "none removed" is not "unknown".
 */
export const ssmStore = (
  names: Names,
  ssm: Pick<SSMClient, 'send'> = new SSMClient(TIMEOUTS),
): OperatorStore => {
  const write = async (Name: string | undefined, value: object, signal: AbortSignal) => {
    if (!Name) return;
    const command = new PutParameterCommand({
      Name,
      Value: parameterText(value),
      Overwrite: true,
      Type: 'String',
    });
    await ssm.send(command, { abortSignal: signal });
  };
  const removals = () => {
    if (names.removalsParameter) return names.removalsParameter;
    throw new Error('ROLLCALL_REMOVALS_PARAMETER: expected a value, got ""');
  };
  const approval = { name: names.releaseParameter, schema: approvalSchema };
  return {
    readSummary: summaryReader(names.summaryParameter, ssm),
    saveSummary: (summary, signal) => write(names.summaryParameter, summary, signal),
    readApproval: (signal) => findParameter(ssm, approval, signal),
    saveApproval: (given, signal) => write(names.releaseParameter, given, signal),
    readRemovals: async (signal) =>
      readParameter(ssm, { name: removals(), schema: removalsSchema }, signal),
    saveRemovals: async (kept, signal) => write(removals(), kept, signal),
  };
};

/** An approval as it stands in its parameter. */
const approvalSchema: v.GenericSchema<unknown, Approval> = v.object({
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

const slots = v.optional(
  table(/^\d{1,9}$/, table(/^[a-z2-7]{1,8}$/, v.pipe(wholeNumber, v.minValue(1)))),
  {},
);

/**
 * What was removed, as it stands in its parameter. Nothing that it does not know: it may be a count
 * that is not counted.
 */
const removalsSchema: v.GenericSchema<unknown, Removals> = v.pipe(
  noList,
  v.strictObject({
    missing: slots,
    renamed: slots,
    released: v.optional(table(/^[0-9a-f]{16}$/, wholeNumber), {}),
  }),
);
