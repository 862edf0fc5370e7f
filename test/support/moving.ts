import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Transform } from 'node:stream';

/**
 * What is under way outside the loop's own turns, so that how many turns it takes is the machine's
 * to say.
 */
export interface Moving {
  /** Whether anything is. */
  now(): boolean;
  stop(): void;
}

interface Served {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Watches this process's requests to its own servers, its reading of files, its compressing and its
 * loading of modules. A request moves, except while its server has the whole of it and has said
 * nothing: a server that is slow or hangs waits for a timer, or for ever, and what it computes is
 * done in turns of the loop.
 */
export const watchMoving = (): Moving => {
  const served = new Map<string, Served>();
  const requests = watchRequests(served);
  const fetches = watchFetches(served);
  const onServed = (message: unknown) => {
    const { request, response } = message as Served;
    const { socket } = request;
    served.set(`${socket.remotePort}-${socket.localPort}`, { request, response });
  };
  subscribe('http.server.request.start', onServed);
  const zip = watchZip();
  return {
    now: () => requests.moving() || fetches.moving() || zip.moving() || isReading() || isLoading(),
    stop() {
      unsubscribe('http.server.request.start', onServed);
      requests.stop();
      fetches.stop();
      zip.stop();
    },
  };
};

const moves = (socket: Socket, served: ReadonlyMap<string, Served>): boolean => {
  const at = served.get(`${socket.localPort}-${socket.remotePort}`);
  return !at?.request.complete || at.response.writableEnded || at.response.destroyed;
};

/** Those of node:http. One that waits for a free socket has none: it moves once another ends. */
const watchRequests = (served: ReadonlyMap<string, Served>) => {
  const open = new Map<ClientRequest, Socket>();
  const onRequest = (message: unknown) => {
    const { request } = message as { request: ClientRequest };
    request.once('socket', (socket) => {
      open.set(request, socket);
      request.once('close', () => open.delete(request));
    });
  };
  subscribe('http.client.request.created', onRequest);
  return {
    moving: () => [...open.values()].some((socket) => moves(socket, served)),
    stop: () => unsubscribe('http.client.request.created', onRequest),
  };
};

/** Those of the built-in fetch. */
const watchFetches = (served: ReadonlyMap<string, Served>) => {
  const open = new Map<object, Socket | undefined>();
  const channels = {
    'undici:request:create': ({ request }: Fetched) => void open.set(request, undefined),
    'undici:client:sendHeaders': ({ request, socket }: Fetched) => void open.set(request, socket),
    'undici:request:trailers': ({ request }: Fetched) => void open.delete(request),
    'undici:request:error': ({ request }: Fetched) => void open.delete(request),
  };
  const all = Object.entries(channels) as [string, (message: unknown) => void][];
  for (const [name, listener] of all) subscribe(name, listener);
  return {
    moving: () => [...open.values()].some((socket) => !socket || moves(socket, served)),
    stop() {
      for (const [name, listener] of all) unsubscribe(name, listener);
    },
  };
};

interface Fetched {
  readonly request: object;
  readonly socket?: Socket;
}

/** Compressing and inflating, which is done in other threads, of whole texts as of streams. */
const watchZip = () => {
  const { Gzip } = process.getBuiltinModule('node:zlib') as unknown as {
    Gzip: { prototype: object };
  };
  // What all of zlib's streams have in common.
  const streams: Streams = Object.getPrototypeOf(Object.getPrototypeOf(Gzip.prototype));
  const { _transform } = streams;
  const open = new Set<Transform>();
  const known = new WeakSet<Transform>();
  streams._transform = function (chunk, encoding, done) {
    open.add(this);
    // One that is given up never says that it is done.
    if (!known.has(this)) this.once('close', () => open.delete(this));
    known.add(this);
    return _transform.call(this, chunk, encoding, (...result) => {
      open.delete(this);
      done(...result);
    });
  };
  return {
    moving: () => open.size > 0,
    stop: () => {
      streams._transform = _transform;
    },
  };
};

interface Streams {
  _transform(this: Transform, ...args: Parameters<Transform['_transform']>): void;
}

const isReading = () =>
  process.getActiveResourcesInfo().some((name) => /^(FSReq|CloseReq)/.test(name));

/**
 * Vitest asks its main process for each module; of this only its own `vi.dynamicImportSettled`
 * knows, a millisecond late.
 */
const isLoading = () => {
  const {
    __vitest_worker__: worker,
  }: { __vitest_worker__?: { resolvingModules: ReadonlySet<string> } } = globalThis as object;
  return worker !== undefined && worker.resolvingModules.size > 0;
};
