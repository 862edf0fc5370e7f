import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Of one function. */
export interface RuntimeApi {
  /** host:port, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Whether the function has started and waits for its next event. */
  isIdle(): boolean;
  /**
   * Resolves with what the handler answers. Rejects with what it threw, with the error of its
   * start, or, as Lambda does, when `timeout` milliseconds are over: the function is then of no
   * further use. One after the other.
   */
  invoke(event: unknown, timeout?: number): Promise<unknown>;
  stop(): Promise<void>;
}

interface Invocation {
  readonly id: string;
  readonly body: string;
  readonly deadline: number;
  settle(failed: boolean, body: string): void;
}

const VERSION = '/2018-06-01/runtime';

/**
 * What Lambda says to a runtime, on a loopback port:
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export const startRuntimeApi = async (functionArn: string): Promise<RuntimeApi> => {
  let waiting: ServerResponse | undefined;
  const queued: Invocation[] = [];
  const running = new Map<string, Invocation>();
  let brokenBy: string | undefined;

  const handOver = () => {
    const next = waiting && queued.shift();
    if (!next || !waiting) return;
    running.set(next.id, next);
    const headers = {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': next.id,
      'Lambda-Runtime-Deadline-Ms': String(next.deadline),
      'Lambda-Runtime-Invoked-Function-Arn': functionArn,
      'Lambda-Runtime-Trace-Id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
    };
    waiting.writeHead(200, headers).end(next.body);
    waiting = undefined;
  };
  const failAll = (body: string) => {
    brokenBy = body;
    for (const each of [...queued.splice(0), ...running.values()]) each.settle(true, body);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { url = '' } = request;
    if (url === `${VERSION}/invocation/next`) {
      waiting = response;
      return handOver();
    }
    const body = await text(request);
    const [, id = '', what] = /^.*\/invocation\/([^/]+)\/(response|error)$/.exec(url) ?? [];
    if (what) running.get(decodeURIComponent(id))?.settle(what === 'error', body);
    else if (url === `${VERSION}/init/error`) failAll(body);
    response.writeHead(what || url.endsWith('/init/error') ? 202 : 404).end('{}');
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    isIdle: () => waiting !== undefined,
    invoke: (event, timeout = 30_000) =>
      new Promise((resolve, reject) => {
        const id = randomUUID();
        const settle = (failed: boolean, body: string) => {
          clearTimeout(timer);
          running.delete(id);
          if (failed) reject(toError(body));
          else resolve(body === '' ? undefined : JSON.parse(body));
        };
        const late = JSON.stringify({
          errorType: 'Sandbox.Timedout',
          errorMessage: `after ${timeout} ms`,
        });
        const timer = setTimeout(() => settle(true, late), timeout);
        if (brokenBy !== undefined) return settle(true, brokenBy);
        queued.push({ id, body: JSON.stringify(event), deadline: Date.now() + timeout, settle });
        handOver();
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const toError = (body: string): Error => {
  const { errorType = 'Error', errorMessage = body } = Object(JSON.parse(body || '{}'));
  return new Error(`${errorType}: ${errorMessage}`);
};
