import * as v from 'valibot';
import {
  type DescribedHost,
  type DescribedInterface,
  definitionSchema,
  hostSchema,
  interfaceSchema,
} from './described.ts';

/** What a preview starts from: one event, and what AWS would say besides where the file tells. */
export interface Recording {
  readonly event: unknown;
  /** As DescribeTaskDefinition returns it, its tags in it. */
  readonly taskDefinition?: Readonly<Record<string, unknown>>;
  /** Of the event's container instance, or of the one that it names. */
  readonly hosts: readonly DescribedHost[];
  readonly networkInterfaces: readonly DescribedInterface[];
}

export type Members = Readonly<Record<string, unknown>>;

/** Where the event happened, as it says itself; as far as it says. */
export const placeOf = ({
  event,
}: Recording): { readonly account: string; readonly region: string } => {
  const { account, region } = isObject(event) ? event : {};
  return { account: String(account ?? ''), region: String(region ?? '') };
};

/** What happened, in the words of the event's kind. */
export const detailOf = ({ event }: Recording): Members => {
  const { detail } = isObject(event) ? event : {};
  return isObject(detail) ? detail : {};
};

const READERS: Readonly<Record<string, (given: unknown) => Partial<Recording>>> = {
  event: (event) => ({ event }),
  taskDefinition: (given) => ({ taskDefinition: toDefinition(given) }),
  hosts: (given) => ({ hosts: toList('hosts', given, HOSTS) }),
  networkInterfaces: (given) => ({
    networkInterfaces: toList('networkInterfaces', given, INTERFACES),
  }),
};

/**
 * An event as EventBridge delivered it, or one with what AWS would say besides. Throws what names
 * each member that cannot be used.
 */
export const parseRecording = (text: string): Recording => {
  const json = parse(text);
  if (!isObject(json)) throw new Error(`file: expected a JSON object, got ${text.slice(0, 60)}`);
  const nothing = { hosts: [], networkInterfaces: [] };
  if (!('event' in json)) return { event: json, ...nothing };
  const read = Object.entries(json).map(([member, given]) => {
    const reader = READERS[member];
    const expected = `file: expected the members ${Object.keys(READERS).join(', ')}, got ${member}`;
    if (!reader) throw new Error(expected);
    return reader(given);
  });
  return Object.assign({ event: json['event'], ...nothing }, ...read);
};

/** One of the members, as a file of its own has it. Throws what names what cannot be used. */
export const readMember = (
  name: 'taskDefinition' | 'hosts' | 'networkInterfaces',
  given: unknown,
): Partial<Recording> => READERS[name]?.(given) ?? {};

/**
 * `aws ecs describe-task-definition --include TAGS` prints the definition and its tags in one
 * object.
 */
const toDefinition = (given: unknown): Members => {
  const { taskDefinition, tags } = isObject(given) ? given : {};
  const definition = isObject(taskDefinition) ? { ...taskDefinition, tags: tags ?? [] } : given;
  return check('taskDefinition', definition, definitionSchema);
};

interface Listed<T> {
  readonly schema: v.GenericSchema<unknown, T>;
  /** Members around the list, as the AWS CLI prints it. */
  readonly wrappers: readonly string[];
}

const HOSTS: Listed<DescribedHost> = {
  schema: hostSchema,
  wrappers: ['Reservations', 'Instances', 'InstanceInformationList'],
};
const INTERFACES: Listed<DescribedInterface> = {
  schema: interfaceSchema,
  wrappers: ['NetworkInterfaces'],
};

const toList = <T>(
  member: string,
  given: unknown,
  { schema, wrappers }: Listed<T>,
): readonly T[] => {
  const list = unwrap(given, wrappers);
  if (!Array.isArray(list))
    throw new Error(
      `${member}: expected a list of objects, as AWS describes them, got ${show(given)}`,
    );
  return check(member, list.map(capitalised), v.array(schema));
};

/** The CLI's names begin with a capital, those of some SDKs and of EC2's XML do not. */
const capitalised = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(capitalised);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name === OWN ? name : name.charAt(0).toUpperCase() + name.slice(1),
      capitalised(member),
    ]),
  );
};
/** Not AWS's, but ours. */
const OWN = 'containerInstanceArn';

const unwrap = (given: unknown, wrappers: readonly string[]): unknown => {
  if (Array.isArray(given)) return given.flatMap((each) => unwrap(each, wrappers));
  if (!isObject(given)) return given;
  const wrapper = wrappers.find((name) => Array.isArray(given[name]));
  return wrapper === undefined ? given : unwrap(given[wrapper], wrappers);
};

const check = <T>(member: string, given: unknown, schema: v.GenericSchema<unknown, T>): T => {
  const result = v.safeParse(schema, given);
  if (result.success) return result.output;
  const faults = result.issues.map((issue) => {
    const path = v.getDotPath(issue);
    const fault =
      issue.received === 'undefined'
        ? 'missing'
        : `expected ${issue.expected}, got ${issue.received}`;
    return `${member}${path ? `.${path}` : ''}: ${fault}`;
  });
  throw new Error(faults.join('; '));
};

const show = (value: unknown) => JSON.stringify(value)?.slice(0, 60);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`file: expected JSON (${error instanceof Error ? error.message : error})`);
  }
};

/** The objects of a list; of whatever else, none. */
export const list = (value: unknown): readonly Members[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
