import { notAnswered, wrongUse } from '../exit.ts';
import { clientOptions, localHint } from '../target/clients.ts';
import type { Place } from '../target/target.ts';
import type { GivenText } from './subjects.ts';

/** Tasks of one service are alike: more than these say nothing more. */
const MOST = 20;

/** Whose running tasks are meant. */
export interface Running {
  readonly cluster: string;
  readonly service: string | undefined;
}

/** What ECS describes of the tasks that run there, as if it had come in a file. Only reads. */
export const describeRunning = async (
  { cluster, service }: Running,
  place: Place,
): Promise<{ readonly text: GivenText; readonly told: readonly string[] }> => {
  const { DescribeTasksCommand, ECSClient, ListTasksCommand } = await import('@aws-sdk/client-ecs');
  const ecs = new ECSClient(clientOptions(place));
  const where = service === undefined ? cluster : `${service} in ${cluster}`;
  const { taskArns = [] } = await ecs
    .send(new ListTasksCommand({ cluster, ...(service !== undefined && { serviceName: service }) }))
    .catch((error: unknown) => {
      if (/ClusterNotFound/.test(String(Object(error).name)))
        throw wrongUse(`--cluster: there is no cluster ${cluster} in ${place.region}`);
      if (/ServiceNotFound/.test(String(Object(error).name)))
        throw wrongUse(`--service: there is no service ${service} in ${cluster}`);
      throw localHint(place, error);
    });
  if (taskArns.length === 0)
    throw notAnswered(
      `no task of ${where} runs: give a task definition instead (rollcall preview FILE)`,
    );
  const tasks = taskArns.slice(0, MOST);
  const described = await ecs.send(new DescribeTasksCommand({ cluster, tasks, include: ['TAGS'] }));
  const many = taskArns.length > MOST;
  return {
    text: { name: where, text: JSON.stringify(described) },
    told: many ? [`Only ${MOST} of the tasks of ${where} are looked at.`] : [],
  };
};
