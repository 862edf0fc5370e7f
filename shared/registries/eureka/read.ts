import { KEY, type Ref, type Registration } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import { NoAnswer } from '../../platform/http/client.ts';
import type { Listing } from '../registry.ts';
import { type Connection, describeReply, type EurekaClient } from './client.ts';
import { instancePath, isReachable } from './names.ts';
import { toRecord } from './record.ts';
import { type EurekaInstance, parseApplications, parseInstance } from './wire.ts';

const CONCURRENCY = 8;

/**
 * Only a refusal to list is `unknown`. A server that has just restarted may answer 200 with no
 * instance, or a part: that removes nothing, since only what is listed is removed, and what is
 * missing is added.
 */
export const list = async (connection: Connection, signal: AbortSignal): Promise<Listing> => {
  const instances = await fetchApplications(connection.client, signal);
  if (!instances) return { records: [], unknown: WARMING_UP };
  return { records: instances.map((instance) => observe(connection, instance)) };
};

export const get = async (
  connection: Connection,
  refs: readonly Ref[],
  signal: AbortSignal,
): Promise<readonly Registration[]> => {
  const records = await mapBounded(refs, CONCURRENCY, (ref) => getOne(connection, ref, signal));
  return records.filter((record) => record !== undefined);
};

/** One record, past any cache. `undefined`: there is none. */
export const getOne = async (
  connection: Connection,
  ref: Ref,
  signal: AbortSignal,
): Promise<Registration | undefined> => {
  const instance = await fetchInstance(connection.client, ref, signal);
  return instance && observe(connection, instance);
};

/** Keeps the clock ahead of every registration of ours. */
const observe = ({ clock, owner }: Connection, instance: EurekaInstance): Registration => {
  if (instance.metadata[KEY.owner] === owner) clock.observe(instance.lastDirty);
  return toRecord(instance);
};

/**
 * A server that could not read its peers refuses lists for some minutes, but not single instances
 * and writes.
 */
export const WARMING_UP = 'eureka: listing: 403 (warming up, or access is denied)';

/**
 * Every instance, up to 30 s old (servers cache their lists). `undefined`: the server is warming
 * up, or denies access.
 */
export const fetchApplications = async (
  client: EurekaClient,
  signal: AbortSignal,
): Promise<readonly EurekaInstance[] | undefined> => {
  const reply = await requestList(client, signal);
  if (reply.status === 403) return undefined;
  if (reply.status !== 200) throw new Error(`eureka: listing: ${describeReply(reply)}`);
  return explained('listing', () => parseApplications(reply.text));
};

/** Gzip shrinks a list to a thirtieth. */
const requestList = async (client: EurekaClient, signal: AbortSignal) => {
  const headers = { 'accept-encoding': 'gzip' };
  try {
    return await client.request({ method: 'GET', path: '/apps', headers, answer: 'list' }, signal);
  } catch (error) {
    if (error instanceof NoAnswer) throw new NoAnswer(`eureka: listing: ${error.message}`);
    throw error;
  }
};

/** One instance, past any cache. `undefined`: there is none. */
const fetchInstance = async (
  client: EurekaClient,
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
