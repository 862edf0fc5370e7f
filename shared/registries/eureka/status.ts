import type { Health, Registration } from '../../model/registration.ts';
import type { EurekaInstance } from './wire.ts';

/** What a healthy instance is registered as where that is not UP; written as metadata, read back into `detail.status`. */
export const STATUS_KEY = 'ROLLCALL_STATUS';

/** The status to register. `undefined` health: not ours to say, so what a healthy instance has; an override wins over it. */
export const statusFor = (record: Pick<Registration, 'detail'>, health: Health | undefined): string => {
  if (health === 'unhealthy') return 'DOWN';
  return health === 'starting' ? 'STARTING' : (record.detail.status ?? 'UP');
};

/** Someone has put the status by hand (`PUT …/status`): it is theirs until they take it back. */
const isOverridden = ({ overriddenStatus }: EurekaInstance) => overriddenStatus !== 'UNKNOWN';

/**
 * `undefined` under an override, and where a healthy and an unhealthy instance are registered alike (a user may ask
 * for DOWN). UNKNOWN is what an override leaves behind that was deleted without a value: the server answers the next
 * renewal 404, so it counts as unhealthy, which has it registered anew.
 */
export const readHealth = (instance: EurekaInstance): Health | undefined => {
  const { status } = instance;
  const healthyStatus = instance.metadata[STATUS_KEY] ?? 'UP';
  if (isOverridden(instance)) return undefined;
  if (status === 'UP' || status === 'OUT_OF_SERVICE') return 'healthy';
  if (status === 'STARTING') return healthyStatus === status ? undefined : 'starting';
  if (status === 'DOWN') return healthyStatus === status ? undefined : 'unhealthy';
  return 'unhealthy';
};

/** `detail.status`: what the instance is while it is healthy, as far as the registry shows it. UP is left out. */
export const readHealthyStatus = (instance: EurekaInstance): string | undefined => {
  const { status } = instance;
  const shown = !isOverridden(instance) && (status === 'UP' || status === 'OUT_OF_SERVICE');
  const healthyStatus = shown ? status : instance.metadata[STATUS_KEY];
  return healthyStatus === 'UP' ? undefined : healthyStatus;
};

const KEPT = ['UP', 'OUT_OF_SERVICE'];

/** A server that holds one of these two keeps it when the other is registered; only by way of DOWN does it change. */
export const isKeptByServer = (held: string, next: string) =>
  held !== next && KEPT.includes(held) && KEPT.includes(next);
