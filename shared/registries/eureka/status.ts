import type { Health, Registration } from '../../model/registration.ts';
import type { EurekaInstance } from './wire.ts';

/**
 * The metadata key for a healthy instance's status where that is not UP; read back into
 * `detail.status`.
 */
export const STATUS_KEY = 'ROLLCALL_STATUS';

/**
 * The status to register. `undefined` health (an override is in force): that of a healthy instance,
 * over which the override wins.
 */
export const statusFor = (
  record: Pick<Registration, 'detail'>,
  health: Health | undefined,
): string => {
  if (health === 'unhealthy') return 'DOWN';
  return health === 'starting' ? 'STARTING' : (record.detail.status ?? 'UP');
};

/** An operator has set the status (`PUT …/status`): it stays until it is taken back. */
const isOverridden = ({ overriddenStatus }: EurekaInstance) => overriddenStatus !== 'UNKNOWN';

/**
 * `undefined` under an override, and where healthy and unhealthy instances have the same status (a
 * label may ask for DOWN). UNKNOWN remains when an override is deleted without a value: the server
 * then answers the next renewal 404, so it counts as unhealthy, and is registered again.
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

/** `detail.status`: the status while healthy, as far as the registry shows it. UP is left out. */
export const readHealthyStatus = (instance: EurekaInstance): string | undefined => {
  const { status } = instance;
  const shown = !isOverridden(instance) && (status === 'UP' || status === 'OUT_OF_SERVICE');
  const healthyStatus = shown ? status : instance.metadata[STATUS_KEY];
  return healthyStatus === 'UP' ? undefined : healthyStatus;
};

const KEPT = ['UP', 'OUT_OF_SERVICE'];

/**
 * A server that has one of these two keeps it when the other is registered: DOWN must be registered
 * in between.
 */
export const isKeptByServer = (held: string, next: string) =>
  held !== next && KEPT.includes(held) && KEPT.includes(next);
