import type { Rules } from '../config/config.ts';
import type { Task } from '../model/task.ts';
import type { Reason } from './ports.ts';

/**
 * Whether tasks count whatever started them. Else only those of ECS services do: a task that is run
 * by hand, by a schedule or by a pipeline has the service's own definition as often as not, and
 * would get its clients.
 */
export const countsAllTasks = ({ profile, tasks }: Rules): boolean =>
  profile === 'registrator' || tasks === 'all';

/** RunTask may be given any group, but nobody else than ECS starts tasks as `ecs-svc/…`. */
export const isOfService = ({ group, startedBy }: Pick<Task, 'group' | 'startedBy'>): boolean =>
  (group?.startsWith(GROUP) && startedBy?.startsWith(DEPLOYMENT)) === true;

/** Whether a task counts whatever it says of itself. */
export const isCounted = (task: Pick<Task, 'group' | 'startedBy'>, rules: Rules): boolean =>
  countsAllTasks(rules) || isOfService(task);

/** The name of a task's ECS service; `undefined` for one that nobody but RunTask has started. */
export const serviceOf = (task: Pick<Task, 'group' | 'startedBy'>): string | undefined =>
  isOfService(task) ? task.group?.slice(GROUP.length) : undefined;

/** The deployment that started a task of a service: `ecs-svc/1234567890123456789`. */
export const deploymentOf = (task: Pick<Task, 'group' | 'startedBy'>): string | undefined =>
  isOfService(task) ? task.startedBy : undefined;

const GROUP = 'service:';
const DEPLOYMENT = 'ecs-svc/';

export const notOfService = ({ group, startedBy }: Task): Reason => {
  const who = `group ${group ?? 'not told'}, started by ${startedBy ?? 'nobody who says so'}`;
  return [
    'not-of-service',
    `no task of an ECS service (${who}): it counts where the run's own override says SERVICE_NAME`,
  ];
};
