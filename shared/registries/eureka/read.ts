import type { Ref } from '../../model/registration.ts';
import { type HttpClient, NoAnswer } from '../../platform/http/client.ts';
import { describeReply } from './client.ts';
import { instancePath, isReachable } from './names.ts';
import { type EurekaInstance, parseApplications, parseInstance } from './wire.ts';

type Client = Pick<HttpClient, 'request'>;

/** A server without a peer's data answers its lists 403 for some minutes, and single instances and writes as ever. */
export const WARMING_UP = 'eureka: listing: 403 (warming up, or access is denied)';

/** Every instance, up to 30 s old (servers cache their lists). `undefined`: the server is warming up, or denies access. */
export const fetchApplications = async (
  client: Client,
  signal: AbortSignal,
): Promise<readonly EurekaInstance[] | undefined> => {
  const reply = await listing(client, signal);
  if (reply.status === 403) return undefined;
  if (reply.status !== 200) throw new Error(`eureka: listing: ${describeReply(reply)}`);
  return explained('listing', () => parseApplications(reply.text));
};

/** Servers say much again and again: gzip takes a list to a thirtieth. */
const listing = async (client: Client, signal: AbortSignal) => {
  const headers = { 'accept-encoding': 'gzip' };
  try {
    return await client.request({ method: 'GET', path: '/apps', headers, answer: 'list' }, signal);
  } catch (error) {
    if (error instanceof NoAnswer) throw new NoAnswer(`eureka: listing: ${error.message}`);
    throw error;
  }
};

/** One instance, past any cache. `undefined`: there is none. */
export const fetchInstance = async (
  client: Client,
  ref: Ref,
  signal: AbortSignal,
): Promise<EurekaInstance | undefined> => {
  if (!isReachable(ref)) return undefined;
  const doing = `reading ${ref.service}/${ref.id}`;
  const reply = await client.request({ method: 'GET', path: instancePath(ref) }, signal);
  if (reply.status === 404) return undefined;
  if (reply.status !== 200) throw new Error(`eureka: ${doing}: ${describeReply(reply)}`);
  return explained(doing, () => parseInstance(reply.text));
};

const explained = <T>(doing: string, parse: () => T): T => {
  try {
    return parse();
  } catch (error) {
    throw new Error(`eureka: ${doing}: ${error instanceof Error ? error.message : error}`);
  }
};
