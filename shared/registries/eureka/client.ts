import type { EurekaConfig } from '../../config/config.ts';
import { withoutEnd } from '../../model/text.ts';
import {
  type HttpClient,
  type HttpReply,
  type HttpRequest,
  httpClient,
} from '../../platform/http/client.ts';
import type { Pulse } from '../../platform/http/pulse.ts';
import { tlsSettings } from '../tls.ts';
import { excerpt } from './wire.ts';

/** One server; its credentials are not in the address any more. */
export interface Peer {
  readonly base: string;
  readonly authorization?: string;
}

/**
 * Comma-separated as Spring writes them, with or without a slash at the end. Throws without quoting
 * what may hold a password.
 */
export const parsePeers = (urls: string): readonly Peer[] =>
  urls
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '')
    .map(toPeer);

const toPeer = (text: string, at: number): Peer => {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Error(`eureka: address ${at + 1} must be a URL such as http://host:8761/eureka/`);
  const base = `${url.protocol}//${url.host}${withoutEnd(url.pathname, '/')}`;
  if (url.username === '' && url.password === '') return { base };
  const credentials = `${decode(url.username)}:${decode(url.password)}`;
  return { base, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
};

/** A text that is not percent-encoded is taken as it is. */
const decode = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

export type EurekaClient = Pick<HttpClient, 'request'>;

/**
 * Requests go to the first peer that answers, which replicates writes to the others. A peer that is
 * warming up (403), or has just restarted and knows nothing yet (404), is not believed while
 * another is left to ask.
 */
export const createClient = (config: EurekaConfig, pulse?: Pulse): EurekaClient => {
  const { urls } = config;
  const { tls, refresh } = tlsSettings(config, [urls]);
  let read: { readonly text: string; readonly peers: readonly Peer[] } = { text: '', peers: [] };
  const peers = () => {
    const text = urls.reveal();
    if (text !== read.text) read = { text, peers: parsePeers(text) };
    return read.peers;
  };
  let refreshing: Promise<boolean> | undefined;
  const http = httpClient({
    pulse,
    bases: () => peers().map(({ base }) => base),
    headers: (base): Record<string, string> => {
      const authorization = peers().find((peer) => peer.base === base)?.authorization;
      return authorization === undefined ? {} : { authorization };
    },
    tls,
    // Requests that fail together share one reading of the secrets.
    refresh: () => {
      refreshing ??= refresh().finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
    tryNextPeer: ({ status }) => [401, 403].includes(status) || status >= 500,
    // Peers copy a write half a second later. If a 404 moved later requests to another peer, a
    // write there could overtake copies that are still under way, which would then bring back what
    // is gone.
    tryNextKeepPeer: ({ status }) => status === 404,
  });
  return {
    async request(request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
      const used = urls.reveal();
      const reply = await http.request(request, signal);
      // Another request may have refreshed the password meanwhile; this one has to be sent again
      // too.
      return isDenied(reply) && urls.reveal() !== used ? http.request(request, signal) : reply;
    },
  };
};

const isDenied = ({ status }: HttpReply) => status === 401 || status === 403;

/** An answer that was not expected, in a few words. */
export const describeReply = ({ status, text }: HttpReply) =>
  text.trim() === '' ? String(status) : `${status} ${excerpt(text)}`;

/**
 * Gives each registration a `lastDirtyTimestamp` above all earlier ones: servers ignore an older
 * one, and answer success.
 */
export interface DirtyClock {
  /** A server's timestamp: another machine's clock may be ahead of ours. */
  observe(lastDirty: number): void;
  /** Milliseconds: the time of day, or more if a later timestamp was observed. */
  next(): number;
}

/** A day, in milliseconds: a timestamp further ahead is no clock's, and is not followed. */
const MOST_AHEAD = 86_400_000;

export const createDirtyClock = (now: () => number = Date.now): DirtyClock => {
  let last = 0;
  return {
    observe(lastDirty) {
      if (Number.isSafeInteger(lastDirty) && lastDirty <= now() + MOST_AHEAD)
        last = Math.max(last, lastDirty);
    },
    next() {
      last = Math.max(now(), last + 1);
      return last;
    },
  };
};

/** What every read and write needs. */
export interface Connection {
  readonly client: EurekaClient;
  readonly owner: string;
  readonly clock: DirtyClock;
}
