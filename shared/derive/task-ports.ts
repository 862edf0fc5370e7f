import type { Rules } from '../config/config.ts';
import type { ContainerDefinition, Definition, PortMapping, Task } from '../model/task.ts';
import { addressKind } from './address-labels.ts';
import type { DeriveInput } from './derived.ts';
import {
  KNOWN_KEY,
  namesItself,
  parseStatements,
  type Statement,
  type Words,
  wordsFor,
} from './labels.ts';
import { countsAllTasks, isOfService } from './membership.ts';
import { type Note, portText, type TaskPort } from './ports.ts';

/**
 * The ports that the definition publishes, one per container, number and protocol: a number may be
 * mapped twice. Besides them those that a label names and no mapping has, where the container is in
 * the network of its task or host, in which mappings change nothing. In the definition's order.
 */
export const toTaskPorts = (input: DeriveInput, rules: Rules, note: Note): readonly TaskPort[] => {
  const { ports, notes } = portsOnce(input, rules);
  for (const text of notes) note(text);
  const { task } = input;
  return ports.map((port) => {
    const words = withZone(port.words, task);
    return words === port.words ? port : { ...port, words };
  });
};

/** What a definition decides by itself. */
interface Decided {
  /** Of the rules and the task, what it goes by besides. */
  readonly by: string;
  readonly ports: readonly TaskPort[];
  readonly notes: readonly string[];
}

/** A definition never changes, and thousands of tasks may have it. */
const decided = new WeakMap<Definition, Decided>();

/** The same answer for each task of a definition, unless its run says something of its own. */
const portsOnce = (input: DeriveInput, rules: Rules): Decided => {
  const { task, definition } = input;
  const by = `${rules.profile} ${rules.tasks} ${isOfService(task)}`;
  const isPlain = Object.keys(task.overrides).length === 0;
  const known = isPlain ? decided.get(definition) : undefined;
  if (known?.by === by) return known;
  const notes: string[] = [];
  const made = { by, ports: portsOf(input, rules, (text) => notes.push(text)), notes };
  if (isPlain) decided.set(definition, made);
  return made;
};

const portsOf = (
  { task, definition }: DeriveInput,
  rules: Rules,
  note: Note,
): readonly TaskPort[] => {
  const about = { tags: definition.tags, profile: rules.profile };
  const isOpen = definition.networkMode !== 'bridge';
  // In one network a port is one container's: of whichever maps it, else of the first to name it.
  const owners = new Map<string, string>();
  for (const { name, ports } of isOpen ? definition.containers : [])
    for (const { containerPort } of ports) owners.set(String(containerPort), name);
  const ports = definition.containers.flatMap((container) => {
    const statements = parseStatements(container, task, about).filter(isShort(container, note));
    const meant = meantForTask(statements, task, rules);
    const toPort = (mapping: PortMapping): TaskPort => {
      return { container, mapping, words: wordsFor(mapping.containerPort, meant) };
    };
    const unmapped = Map.groupBy(statements.filter(isUnmapped(container)), ({ port = '' }) => port);
    const added = [...unmapped].flatMap(([port, said]) => {
      const owner = owners.get(port);
      const isFree = isOpen && owner === undefined && !rangeAround(port, container);
      const mapping = isFree ? toMapping(port, said) : undefined;
      if (mapping) {
        owners.set(port, container.name);
        return [{ ...toPort(mapping), isUnmapped: true } as const];
      }
      const keys = said.map(({ spelling }) => `SERVICE_${port}_${spelling}`).sort();
      const why = owner ? `port ${port} is container ${owner}'s` : whyIgnored(port, container);
      note(`container ${container.name}: ${keys.join(', ')}: ignored, ${why}`);
      return [];
    });
    return [...container.ports.map(toPort), ...added];
  });
  return [...Map.groupBy(ports, portText).values()].flatMap((same) => same.slice(0, 1));
};

/** Beyond any name that is meant; a label may hold 60 KB. */
const MOST_CHARACTERS = 1_000;

/** Names of more are not looked at, whatever would be left of them. */
const isShort =
  ({ name }: ContainerDefinition, note: Note) =>
  ({ key, spelling, value }: Statement): boolean => {
    const isName = key === 'name' || addressKind(key) === 'name';
    if (!isName || value.length <= MOST_CHARACTERS) return true;
    note(
      `container ${name}: SERVICE_${spelling} is ignored: expected at most ${MOST_CHARACTERS} characters, got ${value.length}`,
    );
    return false;
  };

/**
 * What a run says of its own name goes before all that its definition says, which its service has
 * too. Where only services count, a run is named by itself or not at all.
 */
const meantForTask = (
  statements: readonly Statement[],
  task: Task,
  rules: Rules,
): readonly Statement[] => {
  if (isOfService(task) || rules.profile === 'registrator') return statements;
  if (countsAllTasks(rules) && !namesItself(task)) return statements;
  return statements.filter(({ key, isOverride }) => key !== 'name' || isOverride);
};

/** The one placeholder that a name may hold: what else is known of a task changes or comes late. */
const withZone = (words: Words, { zone }: Task): Words => {
  const name = words.get('name');
  if (zone === undefined || !name?.value.includes('{zone}')) return words;
  return new Map([...words, ['name', { ...name, value: name.value.replaceAll('{zone}', zone) }]]);
};

const isUnmapped =
  ({ ports }: ContainerDefinition) =>
  ({ key, port, value }: Statement) =>
    port !== undefined &&
    value !== '' &&
    KNOWN_KEY.test(key) &&
    !ports.some(({ containerPort }) => String(containerPort) === port);

/** A port that is named without a mapping: of tcp, since nobody says. */
const toMapping = (port: string, said: readonly Statement[]): PortMapping | undefined => {
  const isNamed = said.some(({ key }) => key === 'name');
  const number = /^[1-9]\d{0,4}$/.test(port) ? Number(port) : 0;
  if (!isNamed || number < 1 || number > HIGHEST_PORT) return undefined;
  return { containerPort: number, hostPort: number, protocol: 'tcp' };
};

const HIGHEST_PORT = 65_535;

/** Labels speak of container ports, and of a range by its first. */
const whyIgnored = (port: string, container: ContainerDefinition): string => {
  const { ports } = container;
  const range = rangeAround(port, container);
  if (range)
    return `port ${port} is in the range ${range.containerPort}-${range.lastContainerPort}, which is one record and spoken of by ${range.containerPort}`;
  const published = ports.find(({ hostPort }) => hostPort !== 0 && String(hostPort) === port);
  if (published)
    return `${port} is the host port of ${published.containerPort}, and labels name the container port`;
  return `the container maps no port ${port}`;
};

/** The range of a container in which a port is, if it is in one and not its first. */
export const rangeAround = (
  port: string,
  { ports }: ContainerDefinition,
): PortMapping | undefined =>
  ports.find(
    ({ containerPort, lastContainerPort = 0 }) =>
      containerPort < Number(port) && Number(port) <= lastContainerPort,
  );
