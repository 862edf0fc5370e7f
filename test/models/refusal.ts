import type { Exchange } from '../../local/aws/exchange.ts';
import { errorCode } from './ec2.ts';
import { COMMON_ERRORS, EC2_ERRORS, SQS_ERRORS } from './errors.ts';
import { type Model, type Operation, type Shape, shapeOf } from './model.ts';
import { checkValue, type Finding, finding } from './value.ts';

interface Call {
  readonly model: Model;
  readonly declared: Operation;
  readonly exchange: Exchange;
}

/** An error's name, status and members; the text of its message is AWS's to choose. */
export const checkRefusal = (call: Call): readonly Finding[] => {
  const { target, answer, injected } = call.exchange;
  const { name, members } =
    target === 'ec2' ? { name: errorCode(answer), members: {} } : parseError(answer);
  // A bare status, as a proxy gives it.
  if (name === undefined && injected) return [];
  const reference = call.declared.errors?.find(({ shape }) => shape === name);
  if (!reference)
    return isCommon(target, name)
      ? checkValue(members, NO_MEMBERS, AT_COMMON)
      : [unknown(call, name)];
  return [
    ...checkStatus(call.exchange, shapeOf(call.model, reference)),
    ...checkValue(members, reference, { model: call.model, path: 'error' }),
  ];
};

const NO_MEMBERS = { shape: 'CommonError' };
const AT_COMMON = {
  model: { metadata: {}, operations: {}, shapes: { CommonError: { type: 'structure' } } },
  path: 'error',
};

const isCommon = (target: string, name: string | undefined) => {
  const own = target === 'AmazonSQS' ? SQS_ERRORS : [];
  const all = target === 'ec2' ? EC2_ERRORS : [...COMMON_ERRORS, ...own];
  return name !== undefined && all.includes(name);
};

const unknown = ({ declared, exchange: { target } }: Call, name: string | undefined): Finding => {
  const names = declared.errors?.map(({ shape }) => shape) ?? [];
  const expected =
    target === 'ec2' ? 'a code that EC2 documents' : [...names, 'one common to all'].join(', ');
  return { path: 'error', expected, got: name ?? 'no name' };
};

/**
 * Cloud Map's model tells 404 and 409 for the protocol that it prefers, its API reference 400 for
 * JSON: both pass.
 */
const checkStatus = ({ status }: Exchange, { fault, error }: Shape): readonly Finding[] => {
  const expected = [fault ? 500 : 400, ...(error?.httpStatusCode ? [error.httpStatusCode] : [])];
  return expected.includes(status) ? [] : finding('status', expected.join(' or '), status);
};

const parseError = (
  answer: string,
): { name: string | undefined; members: Readonly<Record<string, unknown>> } => {
  try {
    const { __type, message: _, Message: __, ...members } = JSON.parse(answer);
    return { name: __type === undefined ? undefined : String(__type).replace(/^.*#/, ''), members };
  } catch {
    return { name: undefined, members: {} };
  }
};
