import type { AcmeConfig } from '../../config/config.ts';
import {
  type HttpClient,
  type HttpReply,
  type HttpRequest,
  httpClient,
} from '../../platform/http/client.ts';
import type { Pulse } from '../../platform/http/pulse.ts';

/**
 * A record as the server sends and takes it. To do: its fields, as the server's reference has them.
 */
export type WireRecord = Readonly<Record<string, unknown>>;

export type AcmeClient = Pick<HttpClient, 'request'>;

/** What every read and write needs. */
export interface Connection {
  readonly client: AcmeClient;
  readonly owner: string;
}

/** To do: credentials (`headers`, `refresh`), and which answers another address might better. */
export const createClient = ({ url }: AcmeConfig, pulse?: Pulse): AcmeClient =>
  httpClient({ pulse, bases: () => [url] });

/**
 * A request, and its answer if it is one that is expected. Rejects with the status and what came.
 */
export const request = async (
  client: AcmeClient,
  sent: HttpRequest,
  {
    signal,
    expected = [200],
  }: { readonly signal: AbortSignal; readonly expected?: readonly number[] },
): Promise<HttpReply> => {
  const reply = await client.request(sent, signal);
  if (!expected.includes(reply.status)) throw new AcmeFault(reply);
  return reply;
};

/** An answer that is none of the expected. */
export class AcmeFault extends Error {
  override readonly name = 'AcmeFault';
  readonly status: number;
  constructor({ status, text }: HttpReply) {
    super(`${status} ${text.replace(/\s+/g, ' ').slice(0, 200)}`.trim());
    this.status = status;
  }
}

/** Remove once nothing calls it. */
export const toDo = (what: string): never => {
  throw new Error(`acme: ${what} is still to be written`);
};
