import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Fault, Faults } from '../faults.ts';
import { publish } from './exchange.ts';
import { AwsFault, type AwsService } from './service.ts';
import { type Answer, type AwsCall, faultAnswer, parseCall } from './wire.ts';

export interface Call {
  /** The service's target, as AwsService names it. */
  readonly service: string;
  readonly operation: string;
}

export interface AwsServer {
  /** For AWS_ENDPOINT_URL; any region and any credentials do. Discover* of Cloud Map needs `disableHostPrefix`. */
  readonly url: string;
  readonly port: number;
  /** Matched with the service's target as method and `/Operation` as url. */
  readonly faults: Faults;
  /** Every call that came in since the start or the last `clearCalls`, struck ones included. */
  calls(): readonly Call[];
  clearCalls(): void;
  /** Requests not yet answered, hanging ones included. */
  inFlight(): number;
  /** Drops what is still open. */
  stop(): Promise<void>;
}

/**
 * Serves simulated AWS services on 127.0.0.1 in the wire protocols of the installed SDK: AWS JSON for all but EC2,
 * which still speaks query and XML. Rejects with EADDRINUSE when the port asked for is taken (default: any free one).
 */
export const startAws = async (
  services: readonly AwsService[],
  options: { port?: number; faults?: Faults } = {},
): Promise<AwsServer> => {
  const byTarget = new Map(services.map((service) => [service.target, service]));
  const faults = options.faults ?? new Faults();
  let calls: Call[] = [];
  let inFlight = 0;

  const server = createServer(async (request, response) => {
    inFlight++;
    response.once('close', () => inFlight--);
    const body = await readBody(request);
    if (body === undefined) return;
    const call = readCall(request, body);
    if (!('protocol' in call)) return send(response, call);
    const { target, operation } = call;
    calls.push({ service: target, operation });
    await faults.latency({ method: target, url: `/${operation}`, body });
    const fault = faults.strike(target, `/${operation}`);
    if (fault?.hang) return;
    const injected = fault !== undefined && !fault.actThenDrop;
    const answer = injected ? toAnswer(fault) : await act(byTarget.get(target), call);
    const { status, headers } = answer;
    publish({ target, operation, request: body, status, headers, answer: answer.body, injected });
    if (fault?.actThenDrop) request.socket.destroy();
    else send(response, answer);
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    faults,
    calls: () => calls,
    clearCalls: () => {
      calls = [];
    },
    inFlight: () => inFlight,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** Undefined where the caller went before its request was whole: then there is nobody to answer. */
const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  } catch {
    return undefined;
  }
};

const readCall = (request: IncomingMessage, body: string): AwsCall | Answer => {
  try {
    return parseCall(request.headers, body);
  } catch (error) {
    return faultAnswer('', toFault(error));
  }
};

const act = async (service: AwsService | undefined, call: AwsCall): Promise<Answer> => {
  const { target, operation, input, protocol } = call;
  try {
    if (!service) throw new AwsFault('UnknownOperationException', `No service ${target} is simulated here.`);
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

const toAnswer = ({ status = 500, headers = {}, body = '' }: Fault): Answer => ({ status, headers, body });

const send = (response: ServerResponse, { status, headers, body }: Answer) => {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
};

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
      else reject(new Error(`listening on ${address}, not on a TCP port`));
    });
  });
