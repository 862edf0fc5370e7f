import { KEY, type Target } from '../../model/registration.ts';
import type { ResolverRequest } from '../http/message.ts';
import type { Reader, Service } from '../lookup/request-reader.ts';
import { authorityOf } from '../lookup/target.ts';

/** What the dialects share: the whole catalogue, each instance once, and what metadata says of it. */

export const NO_STORE = { 'cache-control': 'no-store' };
export const UNCHANGED = { 304: { description: 'It is as If-None-Match has it.' } };
export const UNREADABLE = { 503: { description: 'The registry cannot be read, and nothing is cached.' } };

/**
 * Every service with its own instances. Eureka finds instances by their VIP address too, so one that is reached
 * under two names is left to the service that it is registered as.
 */
export const ownServices = async (reader: Reader): Promise<readonly Service[]> =>
  (await reader.everything()).map(({ name, targets }) => ({
    name,
    targets: targets.filter(({ service }) => service === name),
  }));

/** Whether a client can connect to what the registry holds: strangers write what they like there. */
export const isReachable = (target: Target): boolean => {
  try {
    return authorityOf(target) !== '';
  } catch {
    return false;
  }
};

/** The ECS cluster's name, however the registry told it. */
export const clusterOf = ({ metadata }: Target): string | undefined =>
  metadata[KEY.clusterName] ?? metadata[KEY.cluster]?.split('/').at(-1);

/** The path as it came, for what is remembered per path; the keys given are left out of the query. */
export const pathKey = ({ path, query }: ResolverRequest, ignored: ReadonlySet<string>): string => {
  const asked = [...query].filter(([key]) => !ignored.has(key)).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${path}?${new URLSearchParams(asked)}`;
};

/** Any instance, for what needs the shape of an entry alone. */
export const SAMPLE: Target = {
  id: '',
  service: '',
  address: '',
  port: 0,
  protocol: 'tcp',
  healthy: true,
  zone: null,
  weight: 1,
  tags: [],
  metadata: {},
};
