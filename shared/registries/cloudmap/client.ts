import {
  ServiceDiscoveryClient,
  ServiceDiscoveryServiceException,
} from '@aws-sdk/client-servicediscovery';
import type { ChangeResult } from '../../model/plan.ts';
import { isThrottled } from '../../platform/aws/throttle-retry.ts';
import type { Pulse } from '../../platform/http/pulse.ts';
import { failed, notYet, refused } from '../outcome.ts';

export type CloudMapClient = Pick<ServiceDiscoveryClient, 'send'>;

/**
 * The client for region, credentials and endpoint of the environment, with the SDK's standard
 * retries.
 */
export const createClient = (pulse?: Pulse) => {
  const client = new ServiceDiscoveryClient({
    // Milliseconds. Without throwOnRequestTimeout the SDK only logs a timeout, and goes on waiting.
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
    },
    // Discover* calls go to `data-<host>`, a name that exists only at AWS.
    disableHostPrefix: Boolean(
      process.env['AWS_ENDPOINT_URL_SERVICEDISCOVERY'] || process.env['AWS_ENDPOINT_URL'],
    ),
  });
  // Below the retries, so that each attempt is measured, and not the pauses between them.
  if (pulse)
    client.middlewareStack.add((next) => (args) => pulse.watch(() => next(args)), {
      step: 'deserialize',
      priority: 'low',
    });
  return client;
};

/**
 * A client that ends at once when its signal is aborted. The SDK alone first waits for the pause
 * before its next attempt, which it then does not make: up to a second in vain.
 */
export const withPromptAbort = (client: CloudMapClient): CloudMapClient => {
  const send = (command: never, options: { readonly abortSignal?: AbortSignal } = {}) => {
    const { abortSignal: signal } = options;
    if (!signal) return client.send(command, options);
    const ended = Promise.withResolvers<never>();
    const end = () => ended.reject(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    const sent = client
      .send(command, options)
      .finally(() => signal.removeEventListener('abort', end));
    return Promise.race([sent, ended.promise]);
  };
  // `send` is overloaded, which this signature cannot say.
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

/** Errors that pass without anybody's doing. */
const PASSING: readonly string[] = [
  'DuplicateRequest',
  'ResourceInUse',
  'ServiceAlreadyExists', // created by somebody else, and not listed yet
  'NamespaceNotFound', // asked by an id that was dropped meanwhile: the next look finds the namespace by its name
  'ServiceNotFound',
  'ExpiredTokenException',
  'RequestTimeoutException',
];

/**
 * 4xx are refusals, except throttling and what another writer is just doing. No answer, 5xx and
 * unreadable answers may pass.
 */
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
  // Where AWS has no message, it repeats the error's code.
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

/**
 * A member that every answer of Cloud Map has: one without it proves nothing, least of all that
 * nothing is registered.
 */
export const required = <T>(member: T | undefined, what: string): T => {
  if (member === undefined) throw new Error(`the answer has no ${what}`);
  return member;
};
