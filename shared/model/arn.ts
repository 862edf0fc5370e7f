/**
 * ARNs of ECS's, each a type of its own, so that the compiler refuses one in another's place. A
 * text from outside becomes one by the check of its form below, and by nothing else; whether it is
 * of a cluster of ours is asked apart.
 */
export type TaskArn = `arn:${string}:task/${string}`;
export type ClusterArn = `arn:${string}:cluster/${string}`;
export type DefinitionArn = `arn:${string}:task-definition/${string}`;
export type ContainerInstanceArn = `arn:${string}:container-instance/${string}`;

export const isTaskArn = (text: string): text is TaskArn => kindOf(text) === 'task';

export const isClusterArn = (text: string): text is ClusterArn => kindOf(text) === 'cluster';

export const isContainerInstanceArn = (text: string): text is ContainerInstanceArn =>
  kindOf(text) === 'container-instance';

/**
 * Tasks of these are registered: those of managed daemons have no ports, and definitions of another
 * kind.
 */
export const isDefinitionArn = (text: string): text is DefinitionArn =>
  kindOf(text) === 'task-definition';

/** What an ARN of ECS's names: `task` of `arn:aws:ecs:eu-west-1:111122223333:task/shop/ab12`. */
const kindOf = (arn: string): string | undefined =>
  /^arn:[^:/]*:[^:/]*:[^:/]*:[^:/]*:([^:/]+)\/./s.exec(arn)?.[1];

/** The last part of an ARN: a task's id, a cluster's name. */
export const idOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
