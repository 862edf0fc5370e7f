import type { ClientRequest, IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { Readable } from 'node:stream';

/** Loaded at the first address that needs it: TLS is half of what Node loads for both. */
export const moduleFor = (protocol: string) =>
  protocol === 'https:'
    ? process.getBuiltinModule('node:https')
    : process.getBuiltinModule('node:http');

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  /** The bytes as a text, which is made each time that it is asked for. */
  readonly text: string;
}

export const toReply = (
  { status, headers }: Pick<HttpReply, 'status' | 'headers'>,
  bytes: Buffer,
): HttpReply => ({
  status,
  headers,
  bytes,
  get text() {
    return bytes.toString('utf8');
  },
});

/** A reused connection failed before a byte of the answer came. */
export class StaleConnection extends Error {}

export interface Limits {
  /** Milliseconds, a TLS handshake included. */
  readonly connect: number;
  /** Milliseconds, for the whole answer. */
  readonly request: number;
  readonly body: BodyLimit;
}

/** What an answer may take, uncompressed. */
export interface BodyLimit {
  /** Bytes. */
  readonly bytes: number;
  /** Said of an answer that is larger: why it may be no more, and what would help. */
  readonly because: string;
}

/**
 * Bytes that are kept of an answer that tells a fault: enough for a text, or for what is wrong in
 * 64 operations.
 */
const FAULT_BYTES = 256 * 1024;

interface Sending {
  readonly url: URL;
  readonly options: RequestOptions;
  readonly body: string | undefined;
}

/** One request and its whole answer. Rejects once nothing of it is in flight any more. */
export const exchange = (
  { url, options, body }: Sending,
  limits: Limits,
  signal: AbortSignal,
): Promise<HttpReply> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const sent = moduleFor(url.protocol).request(url, options);
    let fault: Error | undefined;
    let received: Readable | undefined;
    let closed = false;
    // Without the error: an answer may be complete by now, and nobody listens on its connection any
    // more.
    const giveUp = (error: unknown) => {
      fault ??= error instanceof Error ? error : new Error(String(error));
      sent.destroy();
      received?.destroy();
      if (closed) fail();
    };
    const stopWatching = watch(sent, { limits, signal, giveUp });
    const fail = () => {
      stopWatching();
      reject(fault ?? new Error('the connection closed before the answer was whole'));
    };

    sent.on('error', (error: NodeJS.ErrnoException) => {
      const stale =
        sent.reusedSocket && !received && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      fault ??= stale ? new StaleConnection(error.message, { cause: error }) : error;
    });
    sent.on('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      const isFault = status >= 400;
      const end = (bytes: Buffer) => {
        if (fault) return;
        stopWatching();
        resolve(toReply({ status, headers }, bytes));
      };
      received = receive(response, isFault ? FAULT_BYTES : limits.body.bytes, {
        end,
        exceed(before) {
          if (isFault) end(before());
          giveUp(new Error(tooLarge(options, limits.body)));
        },
        giveUp,
      });
    });
    // Comes last, after the answer's end as after any error; only what is inflated may still be on
    // its way.
    sent.on('close', () => {
      closed = true;
      const isInflating = received !== undefined && !received.readableEnded && !received.destroyed;
      if (fault || !isInflating) fail();
    });
    sent.end(body);
  });

interface Receiver {
  end(bytes: Buffer): void;
  /** There is more than the bound; what came until then. */
  exceed(before: () => Buffer): void;
  giveUp(error: unknown): void;
}

/** Takes an answer in, inflated where it is compressed, and no more than so many bytes of it. */
const receive = (response: IncomingMessage, bytes: number, to: Receiver): Readable => {
  const isZipped = response.headers['content-encoding'] === 'gzip';
  const body = isZipped ? response.pipe(createGunzip()) : response;
  const chunks: Buffer[] = [];
  const bytesOf = () => Buffer.concat(chunks);
  let size = 0;
  body.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= bytes) chunks.push(chunk);
    else to.exceed(bytesOf);
  });
  body.on('end', () => to.end(bytesOf()));
  body.on('error', to.giveUp);
  if (isZipped) response.on('error', to.giveUp);
  return body;
};

/** Loaded when it is needed: of all that is asked for only the longest lists come compressed. */
const createGunzip = () => process.getBuiltinModule('node:zlib').createGunzip();

const tooLarge = ({ method, path }: RequestOptions, { bytes, because }: BodyLimit) =>
  `the answer to ${method} ${path} is larger than ${bytes / 2 ** 20} MB${because}`;

/** Gives up when a limit has passed or the signal says so; returns what ends the watch. */
const watch = (
  sent: ClientRequest,
  {
    limits,
    signal,
    giveUp,
  }: { limits: Limits; signal: AbortSignal; giveUp: (error: unknown) => void },
) => {
  const after = (ms: number, what: string) =>
    setTimeout(() => giveUp(new Error(`${what} within ${ms} ms`)), ms);
  const connecting = after(limits.connect, 'no connection');
  const waiting = after(limits.request, 'no answer');
  const abort = () => giveUp(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  sent.on('socket', (socket) => {
    const connected = 'encrypted' in socket ? 'secureConnect' : 'connect';
    if (socket.connecting) socket.once(connected, () => clearTimeout(connecting));
    else clearTimeout(connecting);
  });
  return () => {
    clearTimeout(connecting);
    clearTimeout(waiting);
    signal.removeEventListener('abort', abort);
  };
};
