import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';

/** Whether whoever asks takes gzip. */
export const takesGzip = ({ headers }: IncomingMessage) =>
  String(headers['accept-encoding'] ?? '').includes('gzip');

/** The body compressed, with the headers that say so. At once: no simulated time passes over it. */
export const gzipped = (
  text: string,
): { readonly body: Buffer; readonly headers: Record<string, string> } => ({
  body: gzipSync(text),
  headers: { 'content-encoding': 'gzip' },
});
