import { ServiceDiscoveryClient, ServiceDiscoveryServiceException } from '@aws-sdk/client-servicediscovery';
import type { ChangeResult } from '../../model/plan.ts';
import { isThrottled } from '../../platform/aws/throttle-retry.ts';
import type { Pulse } from '../../platform/http/pulse.ts';
import { failed, notYet, refused } from '../outcome.ts';

export type CloudMapClient = Pick<ServiceDiscoveryClient, 'send'>;

/** The client for region, credentials and endpoint of the environment, with the SDK's standard retries. Milliseconds. */
export const createClient = (pulse?: Pulse) => {
  const client = new ServiceDiscoveryClient({
    // Without throwOnRequestTimeout the SDK only logs that the time is over, and waits on.
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
    // Discover* would call `data-<host>`, which resolves at AWS alone.
    disableHostPrefix: Boolean(
      process.env['AWS_ENDPOINT_URL_SERVICEDISCOVERY'] || process.env['AWS_ENDPOINT_URL'],
    ),
  });
  // Innermost, below the retries and before an answer is read: an attempt is felt, not a call with its pauses.
  if (pulse)
    client.middlewareStack.add((next) => (args) => pulse.send(() => next(args)), {
      step: 'deserialize',
      priority: 'low',
    });
  return client;
};

/**
 * A client that gives up at once when its signal ends. The SDK alone sits out the pause before its next attempt, which
 * then is not made: a second that others would wait for.
 */
export const withPromptAbort = (client: CloudMapClient): CloudMapClient => {
  const send = (command: never, options: { readonly abortSignal?: AbortSignal } = {}) => {
    const { abortSignal: signal } = options;
    if (!signal) return client.send(command, options);
    const ended = Promise.withResolvers<never>();
    const end = () => ended.reject(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    const sent = client.send(command, options).finally(() => signal.removeEventListener('abort', end));
    return Promise.race([sent, ended.promise]);
  };
  // `send` is overloaded; what goes through unchanged keeps each overload's promise.
  return { send } as unknown as CloudMapClient;
};

/** The configured namespace cannot be used as configured. */
export class UnusableNamespace extends Error {
  override readonly name = 'UnusableNamespace';
}

export const isNamed = (error: unknown, ...names: readonly string[]): error is Error =>
  error instanceof Error && names.includes(error.name);

/** What a failed request means for the change: `400 InvalidInput: …`. */
export const toResult = (error: unknown): ChangeResult => {
  const reason = causeOf(error);
  // Another write to the same instance is under way: Cloud Map allows one at a time.
  if (isNamed(error, 'DuplicateRequest')) return notYet(reason);
  return isPassing(error) ? failed(reason) : refused(reason);
};

/** Nobody needs to change anything for it to succeed later. */
const PASSING: readonly string[] = [
  'DuplicateRequest',
  'ResourceInUse',
  'ServiceAlreadyExists', // created by somebody else, and not listed yet
  'NamespaceNotFound', // asked by an id that was dropped meanwhile: the next look finds the namespace by its name
  'ServiceNotFound',
  'ExpiredTokenException',
  'RequestTimeoutException',
];

/** 4xx are refusals but for throttling and what others are just doing; no answer, 5xx and what cannot be read pass. */
export const isPassing = (error: unknown): boolean => {
  if (isThrottled(error) || isNamed(error, ...PASSING)) return true;
  if (error instanceof UnusableNamespace) return false;
  const status = statusOf(error);
  return status === undefined || status >= 500 || status === 429 || status === 408;
};

export const causeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof UnusableNamespace) return error.message;
  const status = statusOf(error);
  // AWS repeats the code where it has no words for it.
  const text = error.message === error.name ? error.name : `${error.name}: ${error.message}`;
  return status === undefined ? text : `${status} ${text}`;
};

const statusOf = (error: unknown): number | undefined => {
  if (error instanceof ServiceDiscoveryServiceException) return error.$metadata.httpStatusCode;
  // An answer that is not JSON becomes a SyntaxError that carries the response.
  if (!(error instanceof Error) || !('$response' in error)) return undefined;
  const response = error.$response;
  return typeof response === 'object' && response !== null && 'statusCode' in response
    ? Number(response.statusCode)
    : undefined;
};

/** The member that an answer must have: one without it is not Cloud Map's, and no proof that there is nothing. */
export const required = <T>(member: T | undefined, what: string): T => {
  if (member === undefined) throw new Error(`the answer has no ${what}`);
  return member;
};
