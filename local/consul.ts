import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Acl } from './consul/acl.ts';
import { setCheck, setNode, setService } from './consul/mutations.ts';
import type { Read } from './consul/reads.ts';
import { type Reply, reply } from './consul/reply.ts';
import { type Route, route } from './consul/routes.ts';
import { emptyTables, type Tables } from './consul/tables.ts';
import { Faults } from './faults.ts';
import { gzipped, takesGzip } from './gzip.ts';
import { type Listening, listen } from './listen.ts';

export interface ConsulServer extends Listening {
  readonly faults: Faults;
  /** Requests that asked for a change and were carried out, whether or not it was one. */
  writes(): number;
  /** Requests not yet answered, hanging and blocking ones included. */
  inFlight(): number;
  /** X-Consul-Index of the whole catalog: stands still where nothing changed. */
  index(): number;
  /** All that it holds; a request that changes something makes new tables. */
  tables(): Tables;
  /** As after a restore from these; without any, as after a start with nothing on disk. */
  restore(tables?: Tables): void;
}

const DEFAULT_WAIT = 300_000;

/**
 * A Consul server's catalog on 127.0.0.1, in memory: what Rollcall calls, and what one would ask
 * with curl. Errors, limits and indexes are those of 1.8.7, which it was compared with. Rejects
 * with EADDRINUSE when the port is taken.
 */
export const startConsul = async (
  options: { port?: number; acl?: Acl } = {},
): Promise<ConsulServer> => {
  const faults = new Faults();
  const waiting = new Set<() => void>();
  let tables = seeded();
  let writes = 0;
  let inFlight = 0;

  const run = async (asked: Route, request: IncomingMessage): Promise<Reply> => {
    if (asked.kind === 'answer') return asked.reply;
    if (asked.kind === 'read') return asked.finish(await held(asked, request));
    writes++;
    const written = asked.run(tables);
    tables = written.tables ?? tables;
    for (const wake of [...waiting]) wake();
    return written.reply;
  };

  /**
   * A blocking query answers when its index has moved past the one given, or when its time is up.
   */
  const held = async (asked: Route & { kind: 'read' }, request: IncomingMessage): Promise<Read> => {
    const { searchParams } = urlOf(request);
    const index = Number(searchParams.get('index') ?? 0);
    const wait = toMilliseconds(searchParams.get('wait')) || DEFAULT_WAIT;
    const moved = () => asked.run(tables).index > index || index > tables.index;
    if (index === 0 || moved()) return asked.run(tables);
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        waiting.delete(look);
        resolve();
      };
      const look = () => moved() && end();
      const timer = setTimeout(end, Math.min(wait, 600_000));
      waiting.add(look);
      request.socket.once('close', end);
    });
    return asked.run(tables);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    inFlight++;
    response.once('close', () => inFlight--);
    const body = await text(request);
    const { method = 'GET' } = request;
    await faults.latency({ method, url: request.url ?? '/', body });
    const fault = faults.strike(method, request.url ?? '/');
    if (fault?.hang) return;
    if (fault && !fault.actThenDrop)
      return send(response, {
        status: fault.status ?? 500,
        headers: fault.headers ?? {},
        body: fault.body ?? '',
      });
    const asked = route(
      { method, url: urlOf(request), token: tokenOf(request), body },
      options.acl,
    );
    const answered = await run(asked, request);
    if (fault) request.socket.destroy();
    else {
      const pretty = urlOf(request).searchParams.has('pretty');
      send(response, answered, { pretty, gzip: takesGzip(request) });
    }
  };

  const listening = await listen(
    (request, response) => {
      serve(request, response).catch((error: Error) =>
        send(response, reply.text(500, error.message)),
      );
    },
    { port: options.port ?? 0 },
  );
  return {
    ...listening,
    faults,
    writes: () => writes,
    inFlight: () => inFlight,
    index: () => tables.index,
    tables: () => tables,
    restore: (before = seeded()) => {
      // Consul's index never goes back: clients that block wake up.
      tables = { ...before, index: Math.max(before.index, tables.index) + 1 };
      for (const wake of [...waiting]) wake();
    },
  };
};

/** What every Consul holds from the start: itself. */
const seeded = (): Tables => {
  const tables = emptyTables();
  const node = 'consul';
  setNode(tables, { Node: node, Address: '127.0.0.1', Meta: {} }, 1);
  setService(tables, { node, service: { Service: 'consul', Port: 8300 } }, 1);
  setCheck(
    tables,
    { Node: node, CheckID: 'serfHealth', Name: 'Serf Health Status', Status: 'passing' },
    1,
  );
  return tables;
};

const urlOf = (request: IncomingMessage) => new URL(`http://consul${request.url ?? '/'}`);

const tokenOf = ({ headers, url = '/' }: IncomingMessage): string => {
  const given = headers['x-consul-token'];
  const bearer = headers.authorization?.match(/^Bearer (.*)$/i)?.[1];
  return (
    (Array.isArray(given) ? given[0] : given) ??
    bearer ??
    new URL(url, 'http://consul').searchParams.get('token') ??
    ''
  );
};

const toMilliseconds = (wait: string | null): number =>
  [...(wait ?? '').matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit]) =>
      sum + Number(count) * ({ ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[unit ?? ''] ?? 0),
    0,
  );

/** Consul compresses what is longer than a packet. */
const GZIP_FROM = 1_400;

interface Manner {
  readonly pretty?: boolean;
  readonly gzip?: boolean;
}

const send = (
  response: ServerResponse,
  { status, headers, body }: Reply,
  how: Manner = {},
): void => {
  const text =
    how.pretty && headers['content-type'] === 'application/json'
      ? `${JSON.stringify(JSON.parse(body), null, 4)}\n`
      : body;
  const zipped = how.gzip && Buffer.byteLength(text) >= GZIP_FROM ? gzipped(text) : undefined;
  const content = zipped?.body ?? Buffer.from(text);
  response
    .writeHead(status, { ...headers, ...zipped?.headers, 'content-length': content.length })
    .end(content);
};
