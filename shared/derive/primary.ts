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
}

/** The name that a label or the environment says of a port; a tag speaks of the whole task. */
export const saidName = ({ words }: TaskPort): string | undefined =>
  words.get('name')?.source === 'tag' ? undefined : textOf(words, 'name');

/**
 * The port of each container that bears a name said of the container: its first one, and udp only
 * where all are. In the order of the definition.
 */
export const mainPorts = (ports: readonly TaskPort[]): ReadonlyMap<ContainerDefinition, TaskPort> =>
  new Map(
    [...Map.groupBy(ports, ({ container }) => container)].flatMap(([container, own]) => {
      const main = own.find(({ mapping }) => mapping.protocol === 'tcp') ?? own[0];
      return main ? [[container, main] as const] : [];
    }),
  );

/**
 * The port that bears the plain name of its task: the one that is given this name by a label, else
 * the main port of the container that is called as the service or the family, else of the only
 * essential container with ports, else of the first, essential ones before others. What the
 * definition calls a sidecar comes last. The order is a guess, and told. Labels such as
 * `SERVICE_IGNORE` do not count: a primary port that is ignored passes its name to nobody.
 */
export const primaryPort = (
  ports: readonly TaskPort[],
  { plain, service, family }: PlainName,
  note: Note,
): TaskPort | undefined => {
  const mains = mainPorts(ports);
  const isMain = new Set(mains.values());
  const claimed = ports.find((port) => {
    const isPlain = saidName(port)?.toLowerCase() === plain.toLowerCase();
    return isPlain && (isMain.has(port) || port.words.get('name')?.forPort);
  });
  if (claimed) return claimed;
  const applications = [...mains.keys()].filter(({ sidecar }) => sidecar === undefined);
  const containers = applications.length > 0 ? applications : [...mains.keys()];
  const called = [service, plain, family]
    .map((name) => containers.find((container) => container.name === name))
    .find((container) => container !== undefined);
  const essential = containers.filter(({ isEssential }) => isEssential);
  const chosen = called ?? essential[0] ?? containers[0];
  const port = chosen && mains.get(chosen);
  const isGuess = !called && containers.length > 1 && essential.length !== 1;
  if (port && isGuess && saidName(port) === undefined)
    note(
      `${portText(port)}: chosen by order to be ${plain}; call the container that is meant ${plain}, or give it SERVICE_NAME=${plain}`,
    );
  return port;
};
