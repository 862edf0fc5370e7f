import * as v from 'valibot';

/**
 * What a replay starts from: one event, and what ECS and EC2 would say about it where the file
 * tells.
 */
export interface Recording {
  readonly event: unknown;
  /** As DescribeTaskDefinition returns it, its tags in it. */
  readonly taskDefinition?: Readonly<Record<string, unknown>>;
  /**
   * As DescribeInstances returns them; `containerInstanceArn` says which task's each is (default:
   * the event's).
   */
  readonly hosts: readonly Readonly<Record<string, unknown>>[];
}

const MEMBERS = ['event', 'taskDefinition', 'hosts'];

/** Where the event happened, as it says itself; as far as it says. */
export const placeOf = ({
  event,
}: Recording): { readonly account: string; readonly region: string } => {
  const { account, region } = isObject(event) ? event : {};
  return { account: String(account ?? ''), region: String(region ?? '') };
};

/**
 * An event as EventBridge delivered it, or `{"event", "taskDefinition"?, "hosts"?}`. Throws what
 * names the member.
 */
export const parseRecording = (text: string): Recording => {
  const json = parse(text);
  if (!isObject(json)) throw new Error(`file: expected a JSON object, got ${text.slice(0, 60)}`);
  if (!('event' in json)) return { event: json, hosts: [] };
  const unknown = Object.keys(json).find((key) => !MEMBERS.includes(key));
  if (unknown !== undefined)
    throw new Error(`file: expected the members ${MEMBERS.join(', ')}, got ${unknown}`);
  const { event, taskDefinition, hosts = [] } = json;
  if (!Array.isArray(hosts) || !hosts.every(isObject))
    throw new Error('hosts: expected a list of objects, as DescribeInstances returns them');
  return {
    event,
    hosts,
    ...(taskDefinition !== undefined && { taskDefinition: toDefinition(taskDefinition) }),
  };
};

/**
 * `aws ecs describe-task-definition --include TAGS` prints the definition and its tags in one
 * object.
 */
const toDefinition = (given: unknown): Readonly<Record<string, unknown>> => {
  const { taskDefinition, tags } = isObject(given) ? given : {};
  const definition = isObject(taskDefinition) ? { ...taskDefinition, tags: tags ?? [] } : given;
  const result = v.safeParse(definitionSchema, definition);
  if (result.success) return result.output;
  const faults = result.issues.map((issue) => {
    const path = v.getDotPath(issue);
    const fault =
      issue.received === 'undefined'
        ? 'missing'
        : `expected ${issue.expected}, got ${issue.received}`;
    return `taskDefinition${path ? `.${path}` : ''}: ${fault}`;
  });
  throw new Error(faults.join('; '));
};

const name = v.string();
const port = v.looseObject({
  containerPort: v.optional(v.number()),
  hostPort: v.optional(v.number()),
  protocol: v.optional(v.string()),
});
/** What Rollcall reads of it; the rest passes as it is. */
const definitionSchema = v.looseObject({
  networkMode: v.optional(v.string()),
  containerDefinitions: v.array(
    v.looseObject({
      name,
      image: v.optional(v.string()),
      portMappings: v.optional(v.array(port)),
      dockerLabels: v.optional(v.record(v.string(), v.string())),
      environment: v.optional(v.array(v.looseObject({ name, value: v.optional(v.string()) }))),
    }),
  ),
  tags: v.optional(v.array(v.looseObject({ key: v.string(), value: v.optional(v.string()) }))),
});

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`file: expected JSON (${error instanceof Error ? error.message : error})`);
  }
};

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
