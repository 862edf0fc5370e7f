import type { IncomingMessage, OutgoingHttpHeader, Server, ServerResponse } from 'node:http';
import http from 'node:http';
import type { Socket } from 'node:net';
import { type Awaitable, andThen, orElse } from '../platform/awaitable.ts';
import { withRequestId } from '../platform/log.ts';
import { AT_ONCE, toText } from './http/body.ts';
import { type ResolverRequest, type SentResponse, toRequest } from './http/message.ts';
import { bodyReader, isLeftUnread } from './http/request-body.ts';
import type { Resolver } from './resolver.ts';

/**
 * Milliseconds that a connection may be idle. Longer than an Application Load Balancer's minute: it
 * would otherwise send a request into a connection that was just closed, and answer 502.
 */
const KEEP_ALIVE = 75_000;

/** What clients can take of the process, before anything is known of them. */
export interface ServerLimits {
  readonly connections: number;
  /** Bytes of a request's line and headers. */
  readonly headers: number;
  /** Milliseconds until those must be there, and until the whole request must. */
  readonly headersWithin: number;
  readonly requestWithin: number;
  /** Milliseconds in which a client must take some of its answer. */
  readonly takenWithin: number;
  /** Bytes of bodies that all requests together hold while they arrive. */
  readonly bodies: number;
}

const LIMITS: ServerLimits = {
  connections: 12_000,
  headers: 16_384,
  headersWithin: 10_000,
  requestWithin: 30_000,
  takenWithin: 60_000,
  bodies: 64 * 1024 * 1024,
};

/**
 * Requests that one connection may send before it has taken the answers to those before: a client
 * that takes none would else have thousands made for one packet.
 */
const PIPELINED = 100;

/** Milliseconds between two looks for connections that have become idle, while it stops. */
const CLOSE_INTERVAL = 100;

export interface ResolverServer {
  /** The port on which it listens. */
  readonly port: number;
  /**
   * Takes no more requests, and answers those that are held at once. Ends when all are answered;
   * after `within` milliseconds it drops those that are left.
   */
  readonly stop: (within: number) => Promise<void>;
}

export interface ServeOptions {
  readonly port: number;
  readonly host?: string;
  readonly limits?: Partial<ServerLimits>;
}

/**
 * The resolver as a plain HTTP server. A request is decided upon before its body is read. Rejects
 * if it cannot listen there.
 */
export const serve = async (
  resolver: Resolver,
  { port, host, limits: given = {} }: ServeOptions,
): Promise<ResolverServer> => {
  const limits = { ...LIMITS, ...given };
  const stopping = new AbortController();
  const bodies = { held: 0, most: limits.bodies };
  const server = http.createServer({
    maxHeaderSize: limits.headers,
    headersTimeout: limits.headersWithin,
    requestTimeout: limits.requestWithin,
    connectionsCheckingInterval: Math.min(1_000, limits.headersWithin),
    keepAliveTimeout: KEEP_ALIVE,
  });
  server.maxConnections = limits.connections;
  const isPatient = countPipelined();
  const take = (message: IncomingMessage, response: ServerResponse, asks: boolean) => {
    if (!isPatient(message, response)) return message.socket.destroy();
    const readBody = bodyReader({ message, response, asks, bodies });
    const within = limits.takenWithin;
    const answering = { response, stopping: stopping.signal, readBody, within };
    void orElse(
      () => answer(resolver, message, answering),
      () => void response.destroy(),
    );
  };
  server.on('request', (message, response) => take(message, response, false));
  // It has sent its headers alone, and asks whether to send the body: most never have to.
  server.on('checkContinue', (message, response) => take(message, response, true));
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

/** Whether a request's connection has no more than may be waiting for their turn. */
const countPipelined = () => {
  const waiting = new WeakMap<Socket, number>();
  return ({ socket }: IncomingMessage, response: ServerResponse): boolean => {
    // It has the connection, and waits for no other answer.
    if (response.socket) return true;
    const count = waiting.get(socket) ?? 0;
    if (count >= PIPELINED) return false;
    waiting.set(socket, count + 1);
    response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    return true;
  };
};

const stop = (server: Server, stopping: AbortController, within: number) =>
  new Promise<void>((resolve) => {
    const deadline = setTimeout(() => server.closeAllConnections(), within);
    // Some become idle only later: their client was still taking its answer.
    const closing = setInterval(() => server.closeIdleConnections(), CLOSE_INTERVAL);
    server.close(() => {
      clearTimeout(deadline);
      clearInterval(closing);
      resolve();
    });
    stopping.abort();
  });

interface Answering {
  readonly response: ServerResponse;
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
  readonly readBody: ResolverRequest['readBody'];
  /** Milliseconds in which the client must take some of its answer. */
  readonly within: number;
}

const answer = (
  resolver: Resolver,
  message: IncomingMessage,
  answering: Answering,
): Awaitable<void> => {
  const { response, stopping, readBody } = answering;
  const { method = 'GET', url = '/' } = message;
  const request = toRequest({
    method,
    target: withoutOrigin(url),
    headers: headersIn(message),
    readBody,
    signal: () => endOf(response, stopping),
  });
  const answered = withRequestId(newId(), () => resolver(request));
  return andThen(answered, (result) => send(result, message, answering));
};

const send = (
  result: SentResponse,
  message: IncomingMessage,
  { response, stopping, within }: Answering,
): void => {
  if (response.destroyed) return;
  response.writeHead(result.status, headersOf(result, { message, stopping }));
  const { body } = result;
  // A server that stops cuts what was ended already, be it taken or not.
  if (body.length > AT_ONCE) response.write(body, () => response.end());
  else if (typeof body === 'string') response.end(body);
  else response.end(toText(body), 'latin1');
  // Most answers are taken at once, and a timer for each takes time too.
  if (response.writableLength > 0) response.setTimeout(within, () => response.destroy());
};

/** Made when a line is written. Not one that the client brings: anybody could choose it. */
const newId = () => {
  let id: string | undefined;
  return () => {
    id ??= crypto.randomUUID();
    return id;
  };
};

/** A flat list of names and values: Node writes one faster than an object. */
const headersOf = (
  { status, headers, body, cookies }: SentResponse,
  { message, stopping }: { readonly message: IncomingMessage; readonly stopping: AbortSignal },
): OutgoingHttpHeader[] => {
  const sent: OutgoingHttpHeader[] = [];
  for (const name in headers) sent.push(name, headers[name] ?? '');
  if (cookies) sent.push('set-cookie', [...cookies]);
  const hasBody = status !== 304 && message.method !== 'HEAD';
  if (hasBody) sent.push('content-length', Buffer.byteLength(body));
  if (stopping.aborted || isLeftUnread(message)) sent.push('connection', 'close');
  return sent;
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

/** Node has joined what came more than once, but for `set-cookie`, which no request has. */
const headersIn = ({ headers }: IncomingMessage) => {
  if (headers['set-cookie']) delete headers['set-cookie'];
  return headers as ResolverRequest['headers'];
};

/** Proxies may send `http://host/path`, which a server must accept (RFC 9112, 3.2.2). */
const withoutOrigin = (url: string) =>
  url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?]*\/?/i, '/');
