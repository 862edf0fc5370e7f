import { type ClusterArn, type ContainerInstanceArn, idOf, type TaskArn } from '../model/arn.ts';
import type { Skip } from '../model/plan.ts';

/** Partition, region and account of an ARN: `arn:aws:ecs:eu-west-1:111122223333`. */
const placeOf = (arn: string) => /^(?:[^:]*:){4}[^:]*/.exec(arn)?.[0] ?? arn;

/** What clusters have, by the word for it in ARNs. */
interface Members {
  readonly task: TaskArn;
  readonly 'container-instance': ContainerInstanceArn;
}
export type Kind = keyof Members;

/**
 * An id as ECS gives them out, or any that could stand in its place: what goes into an ARN and
 * nothing else.
 */
const ID = /^[A-Za-z0-9-]+$/;

/**
 * Whether an ARN names something of exactly this cluster (given as its ARN):
 * `<place>:task/<cluster>/<id>`, or `<place>:task/<id>`, the form of before 2019, which names no
 * cluster and is still found. ARNs come from registries and queues, and one that does not belong
 * spoils a call about a hundred others.
 */
export const isOfCluster = <K extends Kind>(
  cluster: string,
  kind: K,
  arn: string,
): arn is Members[K] => {
  const prefix = `${placeOf(cluster)}:${kind}/`;
  const id = idOf(arn);
  const isLong = arn === `${prefix}${idOf(cluster)}/${id}`;
  return ID.test(id) && (isLong || arn === `${prefix}${id}`);
};

/** Whether two ARNs name things of one partition, region and account. */
export const areOfOnePlace = (a: string, b: string): boolean => placeOf(a) === placeOf(b);

/** Tells of a text that is no ARN of a task of this cluster. It may be anybody's, and anything. */
export const noTaskOf = (cluster: ClusterArn, text: string): Skip =>
  refusedTask({ arn: text, fault: `expected the ARN of a task of ${cluster}` });

/** Tells of a text that can be no task's ARN. */
export const refusedTask = ({ arn, fault }: { readonly arn: string; readonly fault: string }) => {
  const task = arn.slice(0, LONGEST);
  return { task, code: 'unreadable', detail: `${JSON.stringify(task)}: ${fault}` } as const;
};

/** Characters of an ARN. What is longer is none, and came from outside. */
const LONGEST = 300;
