import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Fault, Faults } from '../faults.ts';
import { type Listening, listen } from '../listen.ts';
import { publish } from './exchange.ts';
import { AwsFault, type AwsService } from './service.ts';
import { type Answer, type AwsCall, faultAnswer, parseCall } from './wire.ts';

export interface Call {
  /** The service's target, as AwsService names it. */
  readonly service: string;
  readonly operation: string;
}

/**
 * `url` is for AWS_ENDPOINT_URL; any region and any credentials do. Discover* of Cloud Map needs
 * `disableHostPrefix`.
 */
export interface AwsServer extends Listening {
  /** Matched with the service's target as method and `/Operation` as url. */
  readonly faults: Faults;
  /** Every call that came in since the start or the last `clearCalls`, struck ones included. */
  calls(): readonly Call[];
  clearCalls(): void;
  /** Requests not yet answered, hanging ones included. */
  inFlight(): number;
}

/**
 * Serves simulated AWS services on 127.0.0.1 in the wire protocols of the installed SDK: AWS JSON
 * for all but EC2, which still speaks query and XML. Rejects with EADDRINUSE when the port asked
 * for is taken (default: any free one).
 */
export const startAws = async (
  services: readonly AwsService[],
  options: { port?: number; faults?: Faults } = {},
): Promise<AwsServer> => {
  const byTarget = new Map(services.map((service) => [service.target, service]));
  const faults = options.faults ?? new Faults();
  let calls: Call[] = [];
  let inFlight = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    inFlight++;
    response.once('close', () => inFlight--);
    // Undefined where the caller went before its request was whole: then there is nobody to answer.
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    const call = readCall(request, body);
    if (!('protocol' in call)) return send(response, call);
    const { target, operation } = call;
    calls.push({ service: target, operation });
    await faults.latency({ method: target, url: `/${operation}`, body });
    const fault = faults.strike(target, `/${operation}`);
    if (fault?.hang) return;
    const injected = fault !== undefined && !fault.actThenDrop;
    const asked = byTarget.get(target);
    const answer = injected ? toAnswer(fault) : await act(asked, call);
    const { status, headers } = answer;
    if (!asked?.unmodelled)
      publish({ target, operation, request: body, status, headers, answer: answer.body, injected });
    if (fault?.actThenDrop) request.socket.destroy();
    else send(response, answer);
  };
  const listening = await listen(serve, { port: options.port ?? 0 });
  return {
    ...listening,
    faults,
    calls: () => calls,
    clearCalls: () => {
      calls = [];
    },
    inFlight: () => inFlight,
  };
};

const readCall = (request: IncomingMessage, body: string): AwsCall | Answer => {
  try {
    return parseCall(request, body);
  } catch (error) {
    return faultAnswer('', toFault(error));
  }
};

const act = async (service: AwsService | undefined, call: AwsCall): Promise<Answer> => {
  const { target, operation, input, protocol } = call;
  try {
    if (!service)
      throw new AwsFault('UnknownOperationException', `No service ${target} is simulated here.`);
    return protocol.result(operation, await service.handle(operation, input));
  } catch (error) {
    return protocol.fault(toFault(error));
  }
};

/** What a service did not mean to throw is a fault of the simulator, and is said aloud. */
const toFault = (error: unknown): AwsFault => {
  if (error instanceof AwsFault) return error;
  console.error('simulated AWS:', error);
  return new AwsFault('InternalFailure', `The simulator failed: ${error}`, 500);
};

const toAnswer = ({ status = 500, headers = {}, body = '' }: Fault): Answer => ({
  status,
  headers,
  body,
});

const send = (response: ServerResponse, { status, headers, body }: Answer) => {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
};
