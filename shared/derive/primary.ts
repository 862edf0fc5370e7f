import type { ContainerDefinition } from '../model/task.ts';
import { textOf } from './labels.ts';
import { type Note, portText, type TaskPort } from './ports.ts';

/** Which containers a task's own name may be meant for. */
export interface PlainName {
  /** The plain name: the one that the primary port bears. */
  readonly plain: string;
  /** The name of the task's ECS service, if it has one. */
  readonly service: string | undefined;
  readonly family: string;
  /** What still counts of what labels say of a port's name. */
  readonly said: (port: TaskPort) => string | undefined;
  /** Whether a label may say the plain name, and so choose. */
  readonly advise: boolean;
}

/** The name that a label or the environment says of a port; a tag speaks of the whole task. */
export const saidName = ({ words }: TaskPort): string | undefined =>
  words.get('name')?.source === 'tag' ? undefined : textOf(words, 'name');

/**
 * The port of each container that bears a name said of the container: its first one, and udp or
 * without a mapping only where all are. In the order of the definition.
 */
export const mainPorts = (ports: readonly TaskPort[]): ReadonlyMap<ContainerDefinition, TaskPort> =>
  new Map(
    [...Map.groupBy(ports, ({ container }) => container)].flatMap(([container, own]) => {
      const mapped = own.filter(({ isUnmapped }) => !isUnmapped);
      const main = mapped.find(({ mapping }) => mapping.protocol === 'tcp') ?? mapped[0] ?? own[0];
      return main ? [[container, main] as const] : [];
    }),
  );

/**
 * The port that bears the plain name of its task. It is of the container that is called as the
 * service or the family, else of the only essential container with ports, else of the one to which
 * SERVICE_NAME gives the name, else of the first, essential ones before others; what the definition
 * calls a sidecar comes last. The order is a guess, and told. It is the port to which a label gives
 * the name, else the main one. Labels such as `SERVICE_IGNORE` do not count: a primary port that is
 * ignored passes its name to nobody. `mains`: the main port of each container.
 */
export const primaryPort = (
  ports: readonly TaskPort[],
  mains: ReadonlyMap<ContainerDefinition, TaskPort>,
  { plain, service, family, said: saidOf, advise }: PlainName,
  note: Note,
): TaskPort | undefined => {
  const isPlain = (port: TaskPort) => isSame(saidOf(port), plain);
  const applications = [...mains.keys()].filter(({ sidecar }) => sidecar === undefined);
  const containers = applications.length > 0 ? applications : [...mains.keys()];
  const called = [service, plain, family]
    .map((name) => containers.find((container) => isSame(container.name, name)))
    .find((container) => container !== undefined);
  const essential = containers.filter(({ isEssential }) => isEssential);
  const alone = essential.length === 1 ? essential[0] : undefined;
  const said = ports.find(
    (port) => isPlain(port) && containers.includes(port.container),
  )?.container;
  const isMapped = (container: ContainerDefinition) => !mains.get(container)?.isUnmapped;
  const first = [...essential, ...containers].find(isMapped) ?? containers[0];
  const chosen = called ?? alone ?? said ?? first;
  if (!chosen) return undefined;
  const meant = ports.find(
    (port) => port.container === chosen && port.words.get('name')?.forPort && isPlain(port),
  );
  const port = meant ?? mains.get(chosen);
  const isGuess = !called && !alone && !said && containers.length > 1;
  if (port && isGuess && saidOf(port) === undefined)
    note(`${portText(port)}: ${adviceFor(plain, advise)}`);
  return port;
};

/** Registries tell no case apart. */
const isSame = (a: string | undefined, b: string | undefined) =>
  a !== undefined && a.toLowerCase() === b?.toLowerCase();

const adviceFor = (plain: string, mayLabel: boolean) => {
  // What ECS allows as a container's name.
  const call = /^[A-Za-z0-9_-]+$/.test(plain) && `call the container that is meant ${plain}`;
  const label =
    mayLabel && `give ${call ? 'it' : 'the container that is meant'} SERVICE_NAME=${plain}`;
  const advice = [call, label].filter(Boolean).join(', or ') || 'let rollcall:port name the port';
  return `chosen by order to be ${plain}; ${advice}`;
};
