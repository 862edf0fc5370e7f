import type { Fault } from '../faults.ts';
import { AwsFault } from './service.ts';
import { faultAnswer } from './wire.ts';

/**
 * A fault to inject at the server: the service of this target answers its calls (of one operation,
 * where named) with an error in its own protocol, such as `ThrottlingException`, or EC2's
 * `RequestLimitExceeded`.
 */
export const refusal = (
  target: string,
  code: string,
  options: {
    operation?: string;
    times?: number;
    status?: number;
    message?: string;
    members?: Readonly<Record<string, unknown>>;
  } = {},
): Fault => {
  const { operation, times = 1, status = 400, message = code, members = {} } = options;
  return {
    times,
    ...faultAnswer(target, new AwsFault(code, message, status, members)),
    match: (method, url) =>
      method === target && (operation === undefined || url === `/${operation}`),
  };
};
