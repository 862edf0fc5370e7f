import { refusal } from '../../local/aws/refusal.ts';
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

/** As many as the delete limit would keep, in a cluster of their own. */
export const ABOVE_LIMIT = 12;

/** The tags of a definition that says this name. */
export const named = (name: string) => [{ key: 'rollcall:name', value: name }];

/** Tasks in the cluster `side`. */
export const runInSide = (
  flow: Flow,
  definition: Parameters<Flow['run']>[0],
  count = ABOVE_LIMIT,
): readonly Task[] => {
  flow.stack.world.addCluster('side');
  const side = { cluster: 'side', launchType: 'FARGATE' } as const;
  return Array.from({ length: count }, () => flow.run(definition, side));
};

/** An ECS service that runs nothing. */
export const addService = ({ stack }: Flow, name: string, cluster = 'shop') => {
  stack.world.registerTaskDefinition({
    family: name,
    networkMode: 'awsvpc',
    containerDefinitions: [container()],
  });
  stack.world.addService({ cluster, name, taskDefinition: name, desiredCount: 0 });
};

/** Once ECS's list of services, which is kept for a minute, is read anew. */
export const nextRound = async (flow: Flow) => {
  await pass(60_000);
  await round(flow);
};

/** Where a name is registered: `consul web 10.0.0.1:8080`. */
export const bearing = async (flow: Flow, name: string) =>
  Object.entries(await flow.places()).flatMap(([registry, all]) =>
    all.filter((place) => place.startsWith(`${name} `)).map((place) => `${registry} ${place}`),
  );

/** A further cluster, whose services ECS does not list. */
export const denyServicesOf = ({ stack: { world, aws } }: Flow, cluster: string) => {
  world.addCluster(cluster);
  let isIt = false;
  aws.faults.latency = ({ url, body }) => {
    isIt = url === '/ListServices' && body.includes(cluster);
    return undefined;
  };
  const denied = refusal(ECS, 'AccessDeniedException', { operation: 'ListServices', times: 9999 });
  aws.faults.inject({ ...denied, match: (...asked) => isIt && denied.match?.(...asked) === true });
};
