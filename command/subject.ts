/** What is asked about: a task, or a service. */
export const subjectOf = (
  subject: string,
): { readonly task: string } | { readonly service: string } =>
  isTask(subject) ? { task: subject } : { service: subject };

/** An ARN, or an id as ECS gives out: no service is called like one. */
const isTask = (subject: string) =>
  /^arn:[^:]+:ecs:[^:]*:[^:]*:task\//.test(subject) ||
  /^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(subject);
