import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { toXml } from './eureka/answers.ts';
import type { SimulatedInstance } from './eureka/instance.ts';
import { answer, type Call, isCompressed, isList, type Reply } from './eureka/routes.ts';
import { EurekaStore } from './eureka/store.ts';
import { Faults } from './faults.ts';
import { gzipped, takesGzip } from './gzip.ts';
import { type Listening, listen } from './listen.ts';

export interface EurekaOptions {
  /** Default: any free one. */
  readonly port?: number;
  /**
   * How old a list may be that is served again, in milliseconds; 30,000 on a server as it comes.
   * Default 0.
   */
  readonly listLagMs?: number;
  /** For leases, timestamps and the lag. */
  readonly now?: () => number;
}

/** `url` is the base as clients are given it, `/eureka` included, no slash at the end. */
export interface EurekaServer extends Listening {
  /** Matched with the method and the whole path, query included. */
  readonly faults: Faults;
  /** POST, PUT and DELETE requests that came in, struck ones included; renewals are among them. */
  writes(): number;
  /** Requests not yet answered, hanging ones included. */
  inFlight(): number;
  /** All that it holds, past every cache. */
  instances(): readonly SimulatedInstance[];
  /** Forgets everything, as a server without peers does; or holds what a peer of it held. */
  restart(held?: readonly SimulatedInstance[]): void;
  /** While on, lists are answered 403; single instances and writes as ever. */
  warmUp(on: boolean): void;
}

/**
 * A Eureka server on 127.0.0.1 for tests and the local run, under `/eureka` and `/eureka/v2`.
 * Rejects when the port is taken.
 */
export const startEureka = async (options: EurekaOptions = {}): Promise<EurekaServer> => {
  const { listLagMs = 0, now = Date.now } = options;
  const store = new EurekaStore(now);
  const faults = new Faults();
  const lists = new Map<string, { readonly reply: Rendered; readonly at: number }>();
  let warmingUp = false;
  let writes = 0;
  let inFlight = 0;

  const respond = (call: Call, accept: string): Rendered => {
    if (!isList(call)) return render(answer(store, now(), call), accept);
    if (warmingUp) return render({ status: 403 }, accept);
    const key = `${accept} ${call.segments.join('/')}`;
    const cached = lists.get(key);
    if (cached && now() - cached.at < listLagMs) return cached.reply;
    const reply = render(answer(store, now(), call), accept);
    lists.set(key, { reply, at: now() });
    return reply;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    inFlight++;
    response.once('close', () => inFlight--);
    const { method = 'GET', url = '/' } = request;
    const accept = request.headers.accept ?? '*/*';
    if (method !== 'GET') writes++;
    const body = await readText(request);
    await faults.latency({ method, url, body });
    const fault = faults.strike(method, url);
    if (fault?.hang) return;
    if (fault && !fault.actThenDrop) {
      send(
        response,
        { status: fault.status ?? 500, type: 'text/plain', text: fault.body ?? '' },
        fault.headers,
      );
      return;
    }
    const call = toCall(method, url, { body, contentType: request.headers['content-type'] ?? '' });
    const reply = call
      ? respond(call, accept)
      : render({ status: url.includes('%') ? 400 : 404 }, accept);
    if (fault) request.socket.destroy();
    else if (call && isCompressed(call) && reply.status === 200 && takesGzip(request)) {
      const { body, headers } = gzipped(reply.text);
      send(response, reply, headers, body);
    } else send(response, reply);
  };
  const listening = await listen(serve, { port: options.port ?? 0 });

  return {
    ...listening,
    url: `${listening.url}/eureka`,
    faults,
    writes: () => writes,
    inFlight: () => inFlight,
    instances: () => store.instances(),
    restart: (held = []) => {
      store.clear();
      lists.clear();
      for (const instance of held) store.register(structuredClone(instance));
    },
    warmUp: (on) => {
      warmingUp = on;
    },
  };
};

/**
 * Undefined: not below the base, or (as Tomcat has it) with a slash or backslash that is escaped.
 */
const toCall = (
  method: string,
  url: string,
  rest: Pick<Call, 'body' | 'contentType'>,
): Call | undefined => {
  const { pathname, searchParams } = new URL(url, 'http://eureka');
  const path = /^\/eureka(?:\/v2)?\/(.*?)\/?$/.exec(pathname)?.[1];
  if (!path || /%2f|%5c|%00/i.test(path)) return undefined;
  try {
    const segments = path.split('/').map(decodeURIComponent);
    return { method, segments, query: searchParams, ...rest };
  } catch {
    return undefined;
  }
};

interface Rendered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** JSON for whoever names it, XML for whoever takes anything, 406 for others. */
const render = ({ status, body }: Reply, accept: string): Rendered => {
  const json = { type: 'application/json' };
  if (!/json|xml|\*\/\*/.test(accept)) return { ...json, status: 406, text: '' };
  if (typeof body === 'string') return { ...json, status, text: body };
  if (body === undefined)
    return { ...json, status, text: status < 400 ? '' : JSON.stringify({ status }) };
  return accept.includes('json')
    ? { ...json, status, text: JSON.stringify(body) }
    : { type: 'application/xml', status, text: toXml(body) };
};

const send = (
  response: ServerResponse,
  { status, type, text }: Rendered,
  headers: Readonly<Record<string, string>> = {},
  body: Buffer = Buffer.from(text),
) => {
  const content = status === 204 ? {} : { 'content-type': type, 'content-length': body.length };
  response.writeHead(status, { ...content, ...headers });
  response.end(body);
};
