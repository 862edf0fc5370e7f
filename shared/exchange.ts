import type { ClientRequest } from 'node:http';
import type { RequestOptions } from 'node:https';

// In ESM `import 'node:http'` costs 20 ms of every cold start, this 3 (measured; docs/decisions).
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A reused connection failed before a byte of the answer came. */
export class StaleConnection extends Error {}

export interface Limits {
  /** Milliseconds, a TLS handshake included. */
  readonly connect: number;
  /** Milliseconds, for the whole answer. */
  readonly request: number;
  /** Bytes of the answer. */
  readonly body: number;
}

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
    const sent = (url.protocol === 'https:' ? https : http).request(url, options);
    let fault: Error | undefined;
    let answered = false;
    // Without the error: an answer may be complete by now, and nobody listens on its connection any more.
    const giveUp = (error: unknown) => {
      fault ??= error instanceof Error ? error : new Error(String(error));
      sent.destroy();
    };
    const ends = watch(sent, { limits, signal, giveUp });

    sent.on('error', (error: NodeJS.ErrnoException) => {
      const stale = sent.reusedSocket && !answered && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      fault ??= stale ? new StaleConnection(error.message, { cause: error }) : error;
    });
    sent.on('response', (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > limits.body) giveUp(new Error(`answer larger than ${limits.body} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', (error) => {
        fault ??= error;
      });
      response.on('end', () => {
        if (fault) return;
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    // Comes last, after the answer's end as after any error.
    sent.on('close', () => {
      ends();
      reject(fault ?? new Error('the connection closed before the answer was whole'));
    });
    sent.end(body);
  });

/** Gives up when a limit has passed or the signal says so; returns what ends the watch. */
const watch = (
  sent: ClientRequest,
  { limits, signal, giveUp }: { limits: Limits; signal: AbortSignal; giveUp: (error: unknown) => void },
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
