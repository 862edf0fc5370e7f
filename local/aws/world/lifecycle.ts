import { type Place, toAttachments, toNetworkInterfaces } from './network.ts';
import { type Container, STATUSES, type Status, type Task } from './shapes.ts';

/** The status that follows, or undefined where the task rests: RUNNING and wanted, or STOPPED. */
export const nextStatus = ({ lastStatus, desiredStatus }: Task): Status | undefined => {
  if (lastStatus === 'STOPPED') return undefined;
  if (desiredStatus === 'RUNNING' && lastStatus === 'RUNNING') return undefined;
  const neverRan = STATUSES.indexOf(lastStatus) < STATUSES.indexOf('RUNNING');
  if (desiredStatus === 'STOPPED' && neverRan) return 'DEPROVISIONING';
  return STATUSES[STATUSES.indexOf(lastStatus) + 1];
};

interface Circumstances {
  readonly place: Place;
  readonly at: Date;
  /** Containers that have not started although the others have. */
  readonly waiting: ReadonlySet<string>;
}

/** What changes in a task when it reaches a status, version and `updatedAt` apart. */
export const reach = (
  task: Task,
  status: Status,
  { place, at, waiting }: Circumstances,
): Partial<Task> => ({
  lastStatus: status,
  ...marks(task, status, at),
  attachments: [
    ...task.attachments.filter(({ type }) => type !== 'ElasticNetworkInterface'),
    ...toAttachments(place, attachmentStatus(status)),
  ],
  containers: task.containers.map((container) => ({
    ...container,
    ...reached(container, status, { place, at, waiting }),
    networkInterfaces: status === 'PROVISIONING' ? [] : toNetworkInterfaces(place),
  })),
});

/** Docker's ports are known once it has started the container, and forgotten with the task. */
const reached = (
  { name, lastStatus, networkBindings }: Container,
  status: Status,
  { place, waiting }: Circumstances,
): Partial<Container> => {
  const next = containerStatus(status);
  if (lastStatus === 'STOPPED' || (waiting.has(name) && next === 'RUNNING'))
    return status === 'STOPPED' ? { networkBindings: [] } : {};
  if (next === 'PENDING') return { lastStatus: next, networkBindings: [] };
  if (next === 'RUNNING') return { lastStatus: next, networkBindings: place.bindings[name] ?? [] };
  return { lastStatus: next, exitCode: 0, networkBindings };
};

const attachmentStatus = (status: Status) => {
  if (status === 'PROVISIONING') return 'PRECREATED';
  return status === 'STOPPED' ? 'DELETED' : 'ATTACHED';
};

/** Containers know fewer states than tasks. */
const containerStatus = (status: Status): Status => {
  if (status === 'PROVISIONING' || status === 'PENDING') return 'PENDING';
  return status === 'STOPPED' || status === 'DEPROVISIONING' ? 'STOPPED' : 'RUNNING';
};

const marks = (task: Task, status: Status, at: Date): Partial<Task> => {
  switch (status) {
    case 'PENDING':
      return { connectivity: 'CONNECTED', connectivityAt: at, pullStartedAt: at };
    case 'ACTIVATING':
      return { pullStoppedAt: at };
    case 'RUNNING':
      return { startedAt: at };
    case 'STOPPING':
      return { stoppingAt: task.stoppingAt ?? at };
    case 'DEPROVISIONING':
      return { executionStoppedAt: at };
    case 'STOPPED':
      return { stoppedAt: at };
    default:
      return {};
  }
};
