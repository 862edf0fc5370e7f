/** Partition, region and account of an ARN: `arn:aws:ecs:eu-west-1:111122223333`. */
const placeOf = (arn: string) => arn.split(':', 5).join(':');

export type Kind = 'task' | 'container-instance';

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
export const isOfCluster = (cluster: string, kind: Kind, arn: string): boolean => {
  const prefix = `${placeOf(cluster)}:${kind}/`;
  const id = idOf(arn);
  const isLong = arn === `${prefix}${cluster.slice(cluster.lastIndexOf('/') + 1)}/${id}`;
  return ID.test(id) && (isLong || arn === `${prefix}${id}`);
};

/** Whether two ARNs name things of one partition, region and account. */
export const areOfOnePlace = (a: string, b: string): boolean => placeOf(a) === placeOf(b);

/** What an ARN of ECS's names: `task` of `arn:aws:ecs:eu-west-1:111122223333:task/shop/ab12`. */
export const kindOf = (arn: string): string => arn.split(/[:/]/)[5] ?? '';

/**
 * Whether tasks of this definition are registered: those of managed daemons have no ports, and a
 * definition apart.
 */
export const isRegistered = (definition: string): boolean =>
  kindOf(definition) === 'task-definition';

export const idOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
