import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { withRequestId } from '../platform/log.ts';
import { type ResolverRequest, type SentResponse, toRequest } from './http/message.ts';
import { Problem, problemResponse } from './http/problem.ts';
import type { Resolver } from './resolver.ts';

const http = process.getBuiltinModule('node:http');

/** Bytes of a request's body. The largest that a client sends is Envoy's, of a few kilobytes. */
const MAX_BODY = 1_000_000;
/**
 * Milliseconds that a connection may be idle. Longer than an Application Load Balancer's minute: it
 * would otherwise send a request into a connection that was just closed, and answer 502.
 */
const KEEP_ALIVE = 75_000;

export interface ResolverServer {
  /** The port on which it listens. */
  readonly port: number;
  /**
   * Takes no more requests, and answers those that are held at once. Ends when all are answered;
   * after `within` milliseconds it drops those that are left.
   */
  readonly stop: (within: number) => Promise<void>;
}

/** The resolver as a plain HTTP server. Rejects if it cannot listen there. */
export const serve = async (
  resolver: Resolver,
  { port, host }: { readonly port: number; readonly host?: string },
): Promise<ResolverServer> => {
  const stopping = new AbortController();
  const server = http.createServer((request, response) => {
    answer(resolver, request, { response, stopping: stopping.signal }).catch(() =>
      response.destroy(),
    );
  });
  server.keepAliveTimeout = KEEP_ALIVE;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    stop: (within) => stop(server, stopping, within),
  };
};

const stop = (server: Server, stopping: AbortController, within: number) =>
  new Promise<void>((resolve) => {
    const deadline = setTimeout(() => server.closeAllConnections(), within);
    server.close(() => {
      clearTimeout(deadline);
      resolve();
    });
    stopping.abort();
    server.closeIdleConnections();
  });

interface Answering {
  readonly response: ServerResponse;
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
}

const answer = async (
  resolver: Resolver,
  message: IncomingMessage,
  { response, stopping }: Answering,
) => {
  const result = await respond(resolver, message, () => endOf(response, stopping));
  if (response.destroyed) return;
  const { status, headers, body, cookies } = result;
  response.writeHead(status, {
    ...headers,
    ...(cookies && { 'set-cookie': [...cookies] }),
    ...(status !== 304 &&
      message.method !== 'HEAD' && { 'content-length': Buffer.byteLength(body) }),
    ...(stopping.aborted && { connection: 'close' }),
  });
  response.end(body);
};

/** Aborts when the client goes before it is answered, or when the server stops. */
const endOf = (response: ServerResponse, stopping: AbortSignal): AbortSignal => {
  const over = new AbortController();
  const end = () => over.abort();
  if (stopping.aborted || response.destroyed) end();
  stopping.addEventListener('abort', end);
  response.once('close', () => {
    stopping.removeEventListener('abort', end);
    if (!response.writableFinished) end();
  });
  return over.signal;
};

const respond = async (
  resolver: Resolver,
  message: IncomingMessage,
  signal: () => AbortSignal,
): Promise<SentResponse> => {
  const { method = 'GET', url = '/' } = message;
  const target = withoutOrigin(url);
  const body = await bodyOf(message);
  if (body === undefined)
    return problemResponse(
      new Problem(413, `body: expected at most ${MAX_BODY} bytes`, { connection: 'close' }),
      target,
    );
  const request = toRequest({ method, target, headers: headersOf(message), body, signal });
  // Not one that the client brings: anybody could choose it.
  return withRequestId(crypto.randomUUID(), () => resolver(request));
};

/** Node has joined what came more than once, but for `set-cookie`, which no request has. */
const headersOf = ({ headers }: IncomingMessage) => {
  if (headers['set-cookie']) delete headers['set-cookie'];
  return headers as ResolverRequest['headers'];
};

/** Proxies may send `http://host/path`, which a server must accept (RFC 9112, 3.2.2). */
const withoutOrigin = (url: string) => url.replace(/^https?:\/\/[^/?]*\/?/i, '/');

/** Undefined where it is too large. A GET has none that means anything. */
const bodyOf = async (message: IncomingMessage): Promise<string | undefined> => {
  if (message.method === 'GET' || message.method === 'HEAD') return '';
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};
