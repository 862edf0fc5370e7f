import { wrongUse } from '../exit.ts';
import { type MadeUpOf, madeUpTask, toTaskEvent } from './made-up.ts';
import {
  isObject,
  list,
  type Members,
  parseRecording,
  type Recording,
  readMember,
} from './recording.ts';

/** A file, or what came by standard input. */
export interface GivenText {
  /** What it is called in messages. */
  readonly name: string;
  readonly text: string;
}

/** What is to be previewed: one task, as an event tells of it. */
export interface Subject extends Recording {
  /** In words: what was made up about it before anything was asked. */
  readonly told: readonly string[];
  /** It came as an event, which the stack's rules may hold back. */
  readonly isEvent: boolean;
}

/**
 * The tasks that texts tell of together: events, what `aws ecs describe-tasks` prints, single
 * tasks; and what AWS would say besides, such as `aws ecs describe-task-definition`. Of a
 * definition alone a task is made up. Throws what names the one thing that is missing or wrong.
 */
export const readSubjects = (
  given: readonly GivenText[],
  madeUpOf: MadeUpOf,
): readonly Subject[] => {
  const parts = given.map(readParts);
  const besides = {
    hosts: parts.flatMap(({ hosts }) => hosts),
    networkInterfaces: parts.flatMap(({ networkInterfaces }) => networkInterfaces),
  };
  const definitions = parts.flatMap((one) => one.definitions);
  const events = parts
    .flatMap((one) => one.events)
    .map((recording) => ({
      ...recording,
      ...definitionFor(recording, definitions),
      hosts: [...recording.hosts, ...besides.hosts],
      networkInterfaces: [...recording.networkInterfaces, ...besides.networkInterfaces],
      told: [],
      isEvent: true,
    }));
  const tasks = parts
    .flatMap((one) => one.tasks)
    .map((task) => {
      const event = toTaskEvent(task, madeUpOf.now);
      return {
        event,
        ...definitionFor({ event }, definitions),
        ...besides,
        told: [],
        isEvent: false,
      };
    });
  if (events.length + tasks.length > 0) return [...events, ...tasks];
  if (definitions.length === 0)
    throw wrongUse(
      `${given.map(({ name }) => name).join(', ')}: expected a task, an event or a task definition, got only what AWS says besides`,
    );
  return definitions.map((taskDefinition) => {
    const { task, told, ...made } = madeUpTask(taskDefinition, madeUpOf);
    const event = toTaskEvent(task, madeUpOf.now);
    return {
      event,
      taskDefinition,
      hosts: besides.hosts.length > 0 ? besides.hosts : made.hosts,
      networkInterfaces:
        besides.networkInterfaces.length > 0 ? besides.networkInterfaces : made.networkInterfaces,
      told,
      isEvent: false,
    };
  });
};

interface Parts {
  readonly events: readonly Recording[];
  readonly tasks: readonly Members[];
  readonly definitions: readonly Members[];
  readonly hosts: Recording['hosts'];
  readonly networkInterfaces: Recording['networkInterfaces'];
}

const NOTHING: Parts = { events: [], tasks: [], definitions: [], hosts: [], networkInterfaces: [] };

const readParts = ({ name, text }: GivenText): Parts => {
  try {
    const json = parse(text);
    if (Array.isArray(json)) return { ...NOTHING, tasks: json.map(toTask) };
    if (!isObject(json)) throw new Error(`expected a JSON object, got ${text.slice(0, 60)}`);
    return partsOf(json, text);
  } catch (error) {
    throw wrongUse(`${name}: ${error instanceof Error ? error.message : error}`);
  }
};

const partsOf = (json: Members, text: string): Parts => {
  if ('event' in json || 'detail' in json || 'detail-type' in json)
    return { ...NOTHING, events: [parseRecording(text)] };
  if ('taskArn' in json) return { ...NOTHING, tasks: [toTask(json)] };
  if ('containerDefinitions' in json) return { ...NOTHING, definitions: [toDefinition(json)] };
  const parts = {
    ...NOTHING,
    ...('tasks' in json && { tasks: tasksIn(json) }),
    // `aws ecs describe-task-definition` prints the tags beside it.
    ...('taskDefinition' in json && { definitions: [toDefinition(json)] }),
    ...hostsIn(json),
    ...interfacesIn(json),
  };
  if (Object.values(parts).some((some) => some.length > 0)) return parts;
  const members = Object.keys(json).slice(0, 5).join(', ') || 'none';
  throw new Error(
    `expected an event, a task, a task definition, or what aws ecs describe-tasks prints; got an object with the members ${members}`,
  );
};

const hostsIn = (json: Members) => {
  const found = ['hosts', 'Reservations', 'Instances', 'InstanceInformationList'].find(
    (name) => name in json,
  );
  return found === undefined
    ? {}
    : { hosts: readMember('hosts', found === 'hosts' ? json[found] : json).hosts ?? [] };
};

const interfacesIn = (json: Members) => {
  const found = ['networkInterfaces', 'NetworkInterfaces'].find((name) => name in json);
  if (found === undefined) return {};
  const given = found === 'networkInterfaces' ? json[found] : json;
  return { networkInterfaces: readMember('networkInterfaces', given).networkInterfaces ?? [] };
};

const tasksIn = ({ tasks, failures }: Members): readonly Members[] => {
  const described = list(tasks).map(toTask);
  if (described.length > 0) return described;
  const [failed] = list(failures);
  throw new Error(
    failed === undefined
      ? 'tasks: expected at least one, got none'
      : `tasks: ECS describes none: ${failed['arn']} is ${failed['reason']}`,
  );
};

/** What nothing can be said without; the first that is missing is named. */
const NEEDED = ['taskArn', 'clusterArn', 'taskDefinitionArn', 'lastStatus', 'desiredStatus'];

const toTask = (task: unknown): Members => {
  if (!isObject(task)) throw new Error(`task: expected an object, got ${JSON.stringify(task)}`);
  for (const name of NEEDED)
    if (typeof task[name] !== 'string')
      throw new Error(`task ${task['taskArn'] ?? ''}: ${name} is missing`.replace(' :', ':'));
  if (!Array.isArray(task['containers']))
    throw new Error(`task ${task['taskArn']}: containers is missing`);
  return task;
};

const toDefinition = (given: Members): Members =>
  readMember('taskDefinition', given).taskDefinition ?? {};

/** The one that the task names; else the only one that there is, which is then said. */
const definitionFor = (
  { event, taskDefinition }: Pick<Recording, 'event' | 'taskDefinition'>,
  definitions: readonly Members[],
): { readonly taskDefinition?: Members } => {
  if (taskDefinition) return { taskDefinition };
  const { detail } = isObject(event) ? event : {};
  const wanted = isObject(detail) ? detail['taskDefinitionArn'] : undefined;
  const found =
    definitions.find(({ taskDefinitionArn }) => taskDefinitionArn === wanted) ??
    (definitions.length === 1 ? definitions[0] : undefined);
  return found ? { taskDefinition: found } : {};
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`expected JSON (${error instanceof Error ? error.message : error})`);
  }
};
