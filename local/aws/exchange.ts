import { channel } from 'node:diagnostics_channel';

/** One call as it stood on the wire, both ways. */
export interface Exchange {
  /** The service's target, as AwsService names it. */
  readonly target: string;
  readonly operation: string;
  readonly request: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: string;
  /** The answer was told to the server by a fault, and is not the service's own. */
  readonly injected: boolean;
}

const exchanges = channel('rollcall.simulated-aws.exchange');

/**
 * For whoever watches: nobody but the suites that compare with AWS's service models. Costs nothing
 * unwatched.
 */
export const publish = (exchange: Exchange): void => exchanges.publish(exchange);

/** Sees every call that any simulated AWS of this process answers from now on. */
export const watchExchanges = (watch: (exchange: Exchange) => void): (() => void) => {
  const listener = (message: unknown) => watch(message as Exchange);
  exchanges.subscribe(listener);
  return () => void exchanges.unsubscribe(listener);
};
