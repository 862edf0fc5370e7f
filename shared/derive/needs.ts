import type { Rules } from '../config/config.ts';
import type { Definition } from '../model/task.ts';
import { wantedAddress } from './address.ts';

/** Events carry no health: such a task is described before it is written, and looked at again. */
export const hasHealthCheck = ({ containers }: Definition): boolean =>
  containers.some((container) => container.hasHealthCheck);

/** Whether the address is the host's. */
export const needsHost = ({ networkMode }: Definition): boolean =>
  networkMode === 'bridge' || networkMode === 'host';

/** Whether the public address of the task's own interface must be read. */
export const needsPublicAddress = (definition: Definition, rules: Rules): boolean =>
  definition.networkMode === 'awsvpc' && wantedAddress(definition, rules) === 'public';
