import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import {
  type BodyLimit,
  exchange,
  type HttpReply,
  moduleFor,
  StaleConnection,
  toReply,
} from './exchange.ts';
import { createPulse, type Pulse, SILENT_MS } from './pulse.ts';

/**
 * Milliseconds. Both lie well below the functions' own timeouts, so that a dead registry leaves
 * time to say so.
 */
const CONNECT_TIMEOUT = 1_000;
const REQUEST_TIMEOUT = 3_000;
/**
 * An idle connection is not used again after this: a frozen function thaws to find its peers long
 * gone.
 */
const IDLE_TIMEOUT = 10_000;
/**
 * Megabytes: of Lambda's functions what they are given, elsewhere as much as the largest of them
 * has.
 */
const memory = () => Number(process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']) || 1024;

/**
 * What one request may bring: one thing (a record, what a write says), or a list, which grows with
 * what is registered.
 */
export type AnswerKind = 'one' | 'list';

/**
 * A list takes up to eight times its size while it is read (measured; docs/decisions/http.md), and
 * half of the memory is left to all else.
 */
const bodyLimitOf = (kind: AnswerKind): BodyLimit => {
  if (kind === 'one') return { bytes: 4 * 2 ** 20, because: '' };
  const because = `, all that ${memory()} MB of memory can hold of a list: more memory helps`;
  return { bytes: (memory() / 16) * 2 ** 20, because };
};

export interface HttpSettings {
  /**
   * Base URLs without trailing slash, tried in turn from the one that answered last. Read at each
   * request.
   */
  readonly bases: () => readonly string[];
  readonly headers?: (base: string) => Record<string, string>;
  readonly tls?: () => { ca?: string; cert?: string; key?: string; servername?: string };
  /**
   * Called after a 401, a 403 or a failed TLS handshake; true: credentials have changed, try once
   * more.
   */
  readonly refresh?: () => Promise<boolean>;
  /**
   * An answer that another address might better: say true and the next one is tried. Default: 502,
   * 503, 504.
   */
  readonly tryNextPeer?: (reply: HttpReply) => boolean;
  /**
   * The same for an answer that says nothing against the address: later requests still begin there.
   * Default: none.
   */
  readonly tryNextKeepPeer?: (reply: HttpReply) => boolean;
  readonly connectTimeout?: number;
  readonly requestTimeout?: number;
  /** Feels each request that is sent. */
  readonly pulse?: Pulse | undefined;
}

export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Already escaped, starting with `/`, query included. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** How much may come; more is an error. Default: `one`. */
  readonly answer?: AnswerKind;
}

export type { HttpReply } from './exchange.ts';

/**
 * No answer came from any address. What the request did there is unknown: a write may have landed.
 */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

export interface HttpClient {
  /**
   * One request, tried at each address in turn until one answers. Only idempotent requests may be
   * sent here, since an address that timed out may have carried the request out. Rejects with
   * NoAnswer, or the signal's reason.
   */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpReply>;
  /** The same at one address only, for writes that every peer must see. */
  requestAt(base: string, request: HttpRequest, signal: AbortSignal): Promise<HttpReply>;
}

/**
 * A small client over node:https, since built-in fetch knows no client certificates and undici
 * costs 535 KB.
 */
export const httpClient = (settings: HttpSettings): HttpClient => {
  const agentFor = agents();
  // A start makes ready what the first request needs.
  for (const base of settings.bases()) agentFor(URL.parse(base)?.protocol ?? '');
  const limits = {
    connect: settings.connectTimeout ?? CONNECT_TIMEOUT,
    request: settings.requestTimeout ?? REQUEST_TIMEOUT,
  };
  const tryNextPeer = settings.tryNextPeer ?? (({ status }) => status >= 502 && status <= 504);
  const refresh = sharedRefresh(settings.refresh);
  const pulse = settings.pulse ?? createPulse();
  let lastGood = 0;

  const once = async (
    base: string,
    request: HttpRequest,
    signal: AbortSignal,
  ): Promise<HttpReply> => {
    const url = new URL(base);
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const credentials = settings.headers?.(base) ?? {};
    const options: RequestOptions = {
      method: request.method,
      // As it is given: a URL would resolve `..`, escaped or not, and the request would reach
      // another resource.
      path: url.pathname.replace(/\/$/, '') + request.path,
      agent: agentFor(url.protocol),
      headers: {
        accept: 'application/json',
        ...(body !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
        ...credentials,
        ...request.headers,
      },
      ...(url.protocol === 'https:' && settings.tls?.()),
    };
    const bounded = { ...limits, body: bodyLimitOf(request.answer ?? 'one') };
    const attempt = (how: RequestOptions) =>
      pulse
        .watch(() => exchange({ url, options: how, body }, bounded, signal))
        .then((reply) => withoutSecrets(reply, Object.values(credentials)));
    try {
      return await attempt(options);
    } catch (error) {
      // The peer had closed the idle connection before the request came. That says nothing of the
      // peer.
      if (!(error instanceof StaleConnection)) throw error;
      return attempt({ ...options, agent: false });
    }
  };

  const requestAt = async (base: string, request: HttpRequest, signal: AbortSignal) => {
    const since = refresh.count();
    try {
      const reply = await once(base, request, signal);
      const denied = reply.status === 401 || reply.status === 403;
      if (!denied || !(await refresh.changed(since))) return reply;
    } catch (error) {
      if (!isTlsFault(error) || !(await refresh.changed(since))) throw error;
    }
    return once(base, request, signal);
  };

  return {
    requestAt,
    async request(request, signal) {
      const bases = settings.bases();
      const faults: string[] = [];
      let lastReply: HttpReply | undefined;
      const first = lastGood;
      let sound: number | undefined;
      for (let turn = 0; turn < bases.length; turn++) {
        const at = (first + turn) % bases.length;
        const base = bases[at] ?? '';
        const began = Date.now();
        try {
          lastReply = await requestAt(base, request, signal);
          if (tryNextPeer(lastReply)) continue;
          lastGood = sound ??= at;
          if (settings.tryNextKeepPeer?.(lastReply)) continue;
          return lastReply;
        } catch (error) {
          // Whoever gives up so late has heard nothing from here, and begins elsewhere the next
          // time.
          if (signal.aborted && Date.now() - began >= SILENT_MS) lastGood = at + 1;
          signal.throwIfAborted();
          faults.push(`${withoutUserinfo(base)}: ${toText(error)}`);
        }
      }
      if (lastReply) return lastReply;
      throw new NoAnswer(faults.join('; ') || 'no address configured');
    },
  };
};

/** One agent for each protocol that is used. */
const agents = () => {
  const made = new Map<string, Agent>();
  return (protocol: string): Agent => {
    const agent =
      made.get(protocol) ??
      new (moduleFor(protocol).Agent)({ keepAlive: true, timeout: IDLE_TIMEOUT });
    made.set(protocol, agent);
    return agent;
  };
};

/** Characters below which a text is no secret, and may stand anywhere. */
const SHORT = 8;

/**
 * Proxies that are asked to debug send back what they were sent, and what a server says of a fault
 * goes into our messages.
 */
const withoutSecrets = (reply: HttpReply, credentials: readonly string[]): HttpReply => {
  const isData = reply.status < 400 && /json/.test(String(reply.headers['content-type']));
  if (isData || credentials.length === 0) return reply;
  const hide = (text: string, credential: string) => {
    const secret = credential.split(' ').at(-1) ?? '';
    return secret.length < SHORT ? text : text.replaceAll(secret, '[secret]');
  };
  return toReply(reply, Buffer.from(credentials.reduce(hide, reply.text)));
};

/**
 * One reading of the credentials for all requests that are denied at once; each of them may then
 * try again.
 */
const sharedRefresh = (read: HttpSettings['refresh']) => {
  let changes = 0;
  let reading: Promise<boolean> | undefined;
  return {
    count: () => changes,
    /**
     * Whether they are others now than when the count was `since`. Credentials that cannot be read
     * have not changed.
     */
    async changed(since: number): Promise<boolean> {
      if (changes > since) return true;
      reading ??= (read?.() ?? Promise.resolve(false))
        .catch(() => false)
        .finally(() => {
          reading = undefined;
        });
      const changed = await reading;
      if (changed && changes === since) changes++;
      return changes > since;
    },
  };
};

/**
 * Certificates are rotated like tokens, but a server that no longer takes ours, or has a new one,
 * answers nothing.
 */
const isTlsFault = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && TLS_FAULT.test(String(error.code));

/** Node's own codes, and what OpenSSL says of a certificate. */
const TLS_FAULT = /^ERR_(TLS|SSL|OSSL)_|CERT|^UNABLE_TO_|^INVALID_CA$/;

/** Node gathers failures of several addresses in an error without a message of its own. */
const toText = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(toText).join(', ');
  return error instanceof Error ? error.message : String(error);
};

/** For messages: a URL may carry a password, which may hold any character, unescaped ones too. */
export const withoutUserinfo = (url: string) => url.replace(/\/\/.*@/s, '//');
