import type { NameRules, Rules } from '../config/config.ts';
import { idOf } from '../model/arn.ts';
import type { Definition, Task } from '../model/task.ts';
import { serviceOf } from './membership.ts';

/** Whose a name may be: an ECS service's, or that of a family's tasks that no service started. */
export interface NameOwner {
  /** ARN. */
  readonly cluster: string;
  /** Absent for tasks that no service started. */
  readonly service?: string | undefined;
  readonly family: string;
}

export const nameOwner = (
  task: Pick<Task, 'clusterArn' | 'group' | 'startedBy'>,
  { family }: Pick<Definition, 'family'>,
): NameOwner => ({ cluster: task.clusterArn, service: serviceOf(task), family });

/** `prod/payments`, or `prod/family:report`, as people say it, and the parameter `names`. */
export const ownerText = ({ cluster, service, family }: NameOwner): string =>
  `${idOf(cluster)}/${service ?? `family:${family}`}`;

/**
 * The plain name, which the primary port bears: what the cluster's template makes of the ECS
 * service, or of the family where there is none.
 */
export const plainName = (owner: NameOwner, rules: Pick<NameRules, 'templates'>): string => {
  const { cluster, service = owner.family, family } = owner;
  const template = templateFor(cluster, rules);
  if (template === '{service}') return service;
  const [, , , region = '', account = ''] = cluster.split(':');
  const values = { service, family, region, account, cluster: idOf(cluster) };
  return template.replace(/\{(\w+)\}/g, (whole, key: keyof typeof values) => values[key] ?? whole);
};

/** The first template whose clusters this one is among; the last one is for all. */
export const templateFor = (cluster: string, { templates }: Pick<NameRules, 'templates'>): string =>
  templates.find(({ clusters }) => clusters.test(idOf(cluster)))?.template ?? '{service}';

/**
 * Whether the template's name is the owner's by right: an ECS service's, made of what only ECS
 * says. Which family a service has is said by whoever registers definitions, and a run's by whoever
 * runs.
 */
export const hasPlainRight = (
  { cluster, service }: Pick<NameOwner, 'cluster' | 'service'>,
  rules: Pick<Rules, 'profile' | 'names'>,
): boolean =>
  service !== undefined &&
  isByService(rules) &&
  !templateFor(cluster, rules.names).includes('{family}');

/** Registrator names tasks by their images: no name there is one that an ECS service gives. */
export const isByService = ({ profile }: Pick<Rules, 'profile'>): boolean => profile === 'ecs';
