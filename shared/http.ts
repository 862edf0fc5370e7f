import type { RequestOptions } from 'node:https';

// In ESM `import 'node:http'` costs 20 ms of every cold start, this 3 (measured; docs/decisions).
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

/** Milliseconds. Both lie well below the functions' own timeouts, so that a dead registry leaves time to say so. */
const CONNECT_TIMEOUT = 1_000;
const REQUEST_TIMEOUT = 3_000;
/** A registry that answers more than this is not one: 64 MB of JSON is some 200,000 instances. */
const MAX_BODY = 64 * 1024 * 1024;

export interface HttpSettings {
  /** Base URLs without trailing slash, tried in turn from the one that answered last. Read at each request. */
  readonly bases: () => readonly string[];
  readonly headers?: (base: string) => Record<string, string>;
  readonly tls?: () => { ca?: string; cert?: string; key?: string; servername?: string };
  /** Called after a 401 or 403; true: credentials have changed, try once more. */
  readonly refresh?: () => Promise<boolean>;
  /** An answer that another address might better: say true and the next one is tried. Default: 502, 503, 504. */
  readonly elsewhere?: (reply: HttpReply) => boolean;
  readonly connectTimeout?: number;
  readonly requestTimeout?: number;
}

export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Already escaped, starting with `/`, query included. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** No answer came from any address. What the request did there is unknown: a write may have landed. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

export interface HttpClient {
  /**
   * One request, tried at each address in turn until one answers. Only idempotent requests may be sent here,
   * since an address that timed out may have carried the request out. Rejects with NoAnswer, or the signal's reason.
   */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpReply>;
  /** The same at one address only, for writes that every peer must see. */
  requestAt(base: string, request: HttpRequest, signal: AbortSignal): Promise<HttpReply>;
}

/** A small client over node:https, since built-in fetch knows no client certificates and undici costs 700 KB. */
export const httpClient = (settings: HttpSettings): HttpClient => {
  const agents = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true }),
  };
  let lastGood = 0;

  const once = (base: string, request: HttpRequest, signal: AbortSignal): Promise<HttpReply> => {
    signal.throwIfAborted();
    const url = new URL(base + request.path);
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const options: RequestOptions = {
      method: request.method,
      agent: agents[url.protocol as 'http:' | 'https:'],
      headers: {
        accept: 'application/json',
        ...(body !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
        ...settings.headers?.(base),
        ...request.headers,
      },
      ...(url.protocol === 'https:' && settings.tls?.()),
    };
    return exchange(url, options, body, {
      signal,
      connect: settings.connectTimeout ?? CONNECT_TIMEOUT,
      request: settings.requestTimeout ?? REQUEST_TIMEOUT,
    });
  };

  const withRefresh = async (base: string, request: HttpRequest, signal: AbortSignal) => {
    const reply = await once(base, request, signal);
    const denied = reply.status === 401 || reply.status === 403;
    return denied && (await settings.refresh?.()) ? once(base, request, signal) : reply;
  };

  return {
    requestAt: withRefresh,
    async request(request, signal) {
      const bases = settings.bases();
      const elsewhere = settings.elsewhere ?? ((reply) => [502, 503, 504].includes(reply.status));
      const faults: string[] = [];
      let lastReply: HttpReply | undefined;
      const first = lastGood;
      for (let turn = 0; turn < bases.length; turn++) {
        const at = (first + turn) % bases.length;
        const base = bases[at] ?? '';
        try {
          lastReply = await withRefresh(base, request, signal);
          if (elsewhere(lastReply)) continue;
          lastGood = at;
          return lastReply;
        } catch (error) {
          signal.throwIfAborted();
          faults.push(`${withoutUserinfo(base)}: ${(error as Error).message}`);
        }
      }
      if (lastReply) return lastReply;
      throw new NoAnswer(faults.join('; ') || 'no address configured');
    },
  };
};

/** For messages: a URL may carry a password. */
export const withoutUserinfo = (url: string) => url.replace(/\/\/[^/@]*@/, '//');

const exchange = (
  url: URL,
  options: RequestOptions,
  body: string | undefined,
  limits: { signal: AbortSignal; connect: number; request: number },
): Promise<HttpReply> =>
  new Promise((resolve, reject) => {
    const sent = (url.protocol === 'https:' ? https : http).request(url, options);
    const connecting = setTimeout(
      () => sent.destroy(new Error(`no connection within ${limits.connect} ms`)),
      limits.connect,
    );
    const waiting = setTimeout(
      () => sent.destroy(new Error(`no answer within ${limits.request} ms`)),
      limits.request,
    );
    const abort = () => sent.destroy(limits.signal.reason);
    limits.signal.addEventListener('abort', abort, { once: true });
    const settle = () => {
      clearTimeout(connecting);
      clearTimeout(waiting);
      limits.signal.removeEventListener('abort', abort);
    };
    sent.on('socket', (socket) => {
      if (!socket.connecting) clearTimeout(connecting);
      else
        socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(connecting));
    });
    sent.on('error', (error) => {
      settle();
      reject(error);
    });
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BODY) sent.destroy(new Error(`answer larger than ${MAX_BODY} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', (error) => {
        settle();
        reject(error);
      });
      response.on('end', () => {
        settle();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    sent.end(body);
  });
