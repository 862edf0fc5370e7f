import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ResolverRequest } from './message.ts';
import { unavailable } from './problem.ts';

/**
 * Bytes of a body that nobody reads, up to which the connection is worth keeping: Node takes them
 * and throws them away.
 */
const SMALL = 65_536;

/** Much of its body is still to come: closing the connection is the only way not to read it. */
export const isLeftUnread = ({ complete, headers }: IncomingMessage) => {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return !complete && (encoding !== undefined || Number(length ?? 0) > SMALL);
};

interface Reading {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** The client waits to be told to send it. */
  readonly asks: boolean;
  /** Bytes of all bodies that are on their way. */
  readonly bodies: { held: number; readonly most: number };
}

/** Reads a body when it is asked for, within what all requests together may hold. */
export const bodyReader =
  ({ message, response, asks, bodies }: Reading): ResolverRequest['readBody'] =>
  (most) =>
    new Promise((resolve, reject) => {
      if (Number(message.headers['content-length'] ?? 0) > most) return resolve(undefined);
      const chunks: Buffer[] = [];
      let size = 0;
      let isOver = false;
      const end = (settle: () => void) => {
        if (isOver) return;
        isOver = true;
        bodies.held -= size;
        message.removeAllListeners('data').pause();
        settle();
      };
      message.on('data', (chunk: Buffer) => {
        size += chunk.length;
        bodies.held += chunk.length;
        if (size > most) return end(() => resolve(undefined));
        if (bodies.held > bodies.most)
          return end(() => reject(unavailable('Too much is sent at the moment.')));
        chunks.push(chunk);
      });
      message.once('end', () => end(() => resolve(Buffer.concat(chunks).toString('utf8'))));
      // The client has gone, and hears no answer.
      message.once('close', () => end(() => resolve(undefined)));
      if (asks) response.writeContinue();
    });
