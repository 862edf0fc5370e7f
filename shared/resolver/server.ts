import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { withRequestId } from '../platform/log.ts';
import { type ResolverResponse, toRequest } from './http/message.ts';
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
  const over = new AbortController();
  const end = () => over.abort();
  if (stopping.aborted) end();
  stopping.addEventListener('abort', end);
  response.once('close', end);
  try {
    const result = await respond(resolver, message, over.signal);
    if (response.destroyed) return;
    const body = Buffer.from(result.body, result.base64 ? 'base64' : 'utf8');
    response.writeHead(result.status, {
      ...result.headers,
      ...(result.cookies && { 'set-cookie': [...result.cookies] }),
      ...(result.status !== 304 && message.method !== 'HEAD' && { 'content-length': body.length }),
      ...(stopping.aborted && { connection: 'close' }),
    });
    response.end(body);
  } finally {
    stopping.removeEventListener('abort', end);
  }
};

const respond = async (
  resolver: Resolver,
  message: IncomingMessage,
  signal: AbortSignal,
): Promise<ResolverResponse> => {
  const { method = 'GET', url = '/', headers } = message;
  const target = withoutOrigin(url);
  const body = await bodyOf(message);
  if (body === undefined)
    return problemResponse(
      new Problem(413, `body: expected at most ${MAX_BODY} bytes`, { connection: 'close' }),
      target,
    );
  const joined = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  const request = toRequest({ method, target, headers: Object.fromEntries(joined), body, signal });
  // Not one that the client brings: anybody could choose it.
  return withRequestId(crypto.randomUUID(), () => resolver(request));
};

/** Proxies may send `http://host/path`, which a server must accept (RFC 9112, 3.2.2). */
const withoutOrigin = (url: string) => url.replace(/^https?:\/\/[^/?]*\/?/i, '/');

/** Undefined where it is too large. */
const bodyOf = async (message: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};
