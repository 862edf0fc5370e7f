import { ServiceDiscoveryClient } from '@aws-sdk/client-servicediscovery';
import type { Pulse } from '../../platform/http/pulse.ts';

export type CloudMapClient = Pick<ServiceDiscoveryClient, 'send'>;

/** The client for region, credentials and endpoint of the environment, with the SDK's standard retries. Milliseconds. */
export const createServiceDiscoveryClient = (pulse?: Pulse) => {
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
export const prompt = (client: CloudMapClient): CloudMapClient => {
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
