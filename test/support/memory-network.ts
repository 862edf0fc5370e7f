import { EventEmitter } from 'node:events';
import type { ClientRequest, IncomingMessage, RequestOptions, ServerResponse } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { type AddressInfo, Server } from 'node:net';
import { Readable } from 'node:stream';

/** One request on its way, as the network sees it. */
export interface Passing {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * What becomes of a request. Milliseconds of the process's own clock, which may be a virtual one.
 */
export type Fate =
  /** Served after the way there, answered after the way back. */
  | { readonly kind: 'serve'; readonly there: number; readonly back: number }
  /** Served, and the answer is lost with the connection. */
  | { readonly kind: 'answer lost'; readonly there: number }
  /** Never answered, and never served. */
  | { readonly kind: 'hang' }
  /** Served; the answer never comes. */
  | { readonly kind: 'serve and hang'; readonly there: number }
  | { readonly kind: 'refuse connection' };

export interface NetworkOptions {
  /** Asked once for each request, in the asynchronous context of whoever sends it. */
  readonly fate: (request: Passing) => Fate;
  /** After a server has carried a request out, whatever becomes of the answer. */
  readonly onServed: (request: Passing, context: unknown) => void;
  /** Asked when a request is made; handed to `onServed`. */
  readonly context: () => unknown;
}

type Headers = Readonly<Record<string, string | number | readonly string[]>>;

/**
 * Replaces `http.request` of this process: requests reach the servers that listen here without
 * sockets, so that nothing but timers decides in which order things happen. Servers that listened
 * before `start` are not known.
 */
export const startMemoryNetwork = (options: NetworkOptions): { stop(): void } => {
  const http = process.getBuiltinModule('node:http');
  const original = { request: http.request, listen: Server.prototype.listen };
  const servers = new Map<number, Server>();

  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    this.once('listening', () => servers.set((this.address() as AddressInfo).port, this));
    return original.listen.apply(this, args as Parameters<typeof original.listen>);
  } as typeof original.listen;

  const request = (...args: readonly unknown[]) => {
    const [url, options_, callback] = args[0] instanceof URL ? args : [undefined, ...args];
    const given = options_ as RequestOptions;
    const port = Number(given.port ?? (url as URL | undefined)?.port);
    const sent = new MemoryRequest({ ...options, server: servers.get(port), port }, given);
    if (callback) sent.once('response', callback as (response: IncomingMessage) => void);
    return sent as unknown as ClientRequest;
  };
  http.request = request as typeof http.request;
  syncBuiltinESMExports();
  return {
    stop() {
      Server.prototype.listen = original.listen;
      http.request = original.request;
      syncBuiltinESMExports();
    },
  };
};

interface Line extends NetworkOptions {
  readonly server: Server | undefined;
  readonly port: number;
}

/** As much of a client's request as the AWS SDK and our own client use. */
class MemoryRequest extends EventEmitter {
  readonly reusedSocket = false;
  readonly socket = new MemorySocket();
  destroyed = false;
  readonly #line: Line;
  readonly #options: RequestOptions;
  readonly #body: Buffer[] = [];
  #closed = false;
  #answered = false;

  constructor(line: Line, options: RequestOptions) {
    super();
    this.#line = line;
    this.#options = options;
    process.nextTick(() => this.emit('socket', this.socket));
  }

  write(chunk: string | Buffer): boolean {
    this.#body.push(Buffer.from(chunk));
    return true;
  }

  end(chunk?: string | Buffer): this {
    if (chunk !== undefined) this.write(chunk);
    const { fate, context } = this.#line;
    const passing = this.#passing();
    const sender = context();
    const chosen = fate(passing);
    if (chosen.kind === 'hang') return this;
    if (chosen.kind === 'refuse connection' || !this.#line.server) {
      setTimeout(() => this.destroy(failure('ECONNREFUSED', 'connect ECONNREFUSED')), 1);
      return this;
    }
    setTimeout(() => this.#serve(passing, chosen, sender), chosen.there);
    return this;
  }

  destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.socket.emit('close');
    process.nextTick(() => {
      if (!this.#answered || error)
        this.emit('error', error ?? failure('ECONNRESET', 'socket hang up'));
      this.#close();
    });
    return this;
  }

  #passing(): Passing {
    const { method = 'GET', headers } = this.#options;
    const path = this.#options.path ?? '/';
    return {
      port: this.#line.port,
      method,
      path,
      headers: plain(headers as Headers | undefined),
      body: Buffer.concat(this.#body).toString('utf8'),
    };
  }

  /**
   * What a request that has arrived asks for is done, whether or not anybody waits for the answer.
   */
  #serve(
    passing: Passing,
    fate: Exclude<Fate, { kind: 'hang' | 'refuse connection' }>,
    sender: unknown,
  ) {
    const reset = () => this.destroy(failure('ECONNRESET', 'socket hang up'));
    const answer = new MemoryAnswer(this.socket, () => {
      this.#line.onServed(passing, sender);
      if (fate.kind === 'answer lost') reset();
      if (fate.kind !== 'serve') return;
      setTimeout(() => this.#answer(answer), fate.back);
    });
    this.#line.server?.emit(
      'request',
      toIncoming(passing, this.socket, reset),
      answer as unknown as ServerResponse,
    );
  }

  #answer({ status, headers, body }: MemoryAnswer) {
    if (this.destroyed) return;
    this.#answered = true;
    const response = Object.assign(Readable.from(body.length > 0 ? [body] : []), {
      statusCode: status,
      statusMessage: '',
      headers,
      complete: true,
      socket: this.socket,
    });
    response.once('end', () => process.nextTick(() => this.#close()));
    this.emit('response', response);
  }

  #close() {
    if (this.#closed) return;
    this.#closed = true;
    this.emit('close');
  }
}

class MemorySocket extends EventEmitter {
  readonly connecting = false;
  readonly remoteAddress = '127.0.0.1';
  setKeepAlive() {}
  setTimeout() {}
  setNoDelay() {}
  destroy() {}
}

/** As much of a server's answer as the simulators use. */
class MemoryAnswer extends EventEmitter {
  status = 200;
  headers: Readonly<Record<string, string>> = {};
  body = Buffer.alloc(0);
  readonly #done: () => void;

  constructor(socket: MemorySocket, done: () => void) {
    super();
    this.#done = done;
    socket.once('close', () => this.emit('close'));
  }

  writeHead(status: number, headers: Headers = {}): this {
    this.status = status;
    this.headers = toLowerCase(headers);
    return this;
  }

  end(body: string | Buffer = ''): this {
    this.body = Buffer.from(body);
    this.#done();
    return this;
  }
}

const toIncoming = (passing: Passing, socket: MemorySocket, reset: () => void) =>
  Object.assign(Readable.from(passing.body === '' ? [] : [Buffer.from(passing.body)]), {
    method: passing.method,
    url: passing.path,
    headers: passing.headers,
    socket: Object.assign(socket, { destroy: reset }),
  });

/** Without compression, which is done by other threads in their own time. */
const plain = (headers: Headers | undefined) => {
  const { 'accept-encoding': _, ...rest } = toLowerCase(headers);
  return rest;
};

const toLowerCase = (headers: Headers = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );

const failure = (code: string, message: string) => Object.assign(new Error(message), { code });
