import type { Task } from '../../local/aws/world/shapes.ts';
import { container, type Flow } from './stage.ts';

/** As AWS's JSON protocol calls it. */
export const ECS = 'AmazonEC2ContainerServiceV20141113';

/** Virtual time. */
export const pass = (milliseconds: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/** All that the stack lets labels say, so that the order of claims alone decides. */
export const LABELS_ALL = { environment: { ROLLCALL_LABELS: 'all' } };

export const placeOf = ({ containers, attachments }: Task) => {
  const details = attachments.flatMap((one) => one.details);
  const address =
    containers[0]?.networkInterfaces[0]?.privateIpv4Address ??
    details.find(({ name }) => name === 'privateIPv4Address')?.value;
  return `${address}:8080`;
};

/** A task whose definition says these labels, of the service `web` unless told otherwise. */
export const runSaying = (
  { run }: Flow,
  dockerLabels: Record<string, string>,
  family = 'web',
): Task => run({ family, containerDefinitions: [container({ dockerLabels })] });

export const round = async ({ stack, settle }: Flow) => {
  await stack.reconcile.invoke();
  await settle();
};

export const explain = async ({ stack }: Flow, task: Task) =>
  (await stack.inspect({ command: 'explain', task: task.taskArn })).text;
