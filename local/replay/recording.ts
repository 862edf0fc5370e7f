/** What a replay starts from: one event, and what ECS and EC2 would say about it where the file tells. */
export interface Recording {
  readonly event: unknown;
  /** As DescribeTaskDefinition returns it, its tags beside it or in it. */
  readonly taskDefinition?: Readonly<Record<string, unknown>>;
  /** As DescribeInstances returns them; `containerInstanceArn` says which task's each is (default: the event's). */
  readonly hosts: readonly Readonly<Record<string, unknown>>[];
}

const MEMBERS = ['event', 'taskDefinition', 'hosts'];

/** An event as EventBridge delivered it, or `{"event", "taskDefinition"?, "hosts"?}`. Throws what names the member. */
export const parseRecording = (text: string): Recording => {
  const json = parse(text);
  if (!isObject(json)) throw new Error(`file: expected a JSON object, got ${text.slice(0, 60)}`);
  if (!('event' in json)) return { event: json, hosts: [] };
  const unknown = Object.keys(json).find((key) => !MEMBERS.includes(key));
  if (unknown !== undefined)
    throw new Error(`file: expected the members ${MEMBERS.join(', ')}, got ${unknown}`);
  const { event, taskDefinition, hosts = [] } = json;
  if (taskDefinition !== undefined && !isObject(taskDefinition))
    throw new Error('taskDefinition: expected an object, as DescribeTaskDefinition returns it');
  if (!Array.isArray(hosts) || !hosts.every(isObject))
    throw new Error('hosts: expected a list of objects, as DescribeInstances returns them');
  return { event, hosts, ...(taskDefinition && { taskDefinition }) };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`file: expected JSON (${error instanceof Error ? error.message : error})`);
  }
};

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
