import type { Task } from '../model/task.ts';
import { shortHash } from './hash.ts';
import { textOf } from './labels.ts';
import type { Note, TaskPort } from './ports.ts';
import { mainPorts, primaryPort, saidName } from './primary.ts';

const LONGEST = 63;
const HASH = 8;

export interface Name {
  /** Empty: nothing is left that could name a service. */
  readonly name: string;
  /** Before it was fitted. */
  readonly raw: string;
}

export type Names = ReadonlyMap<TaskPort, Name>;

/** What the names of a task's ports are made from. */
export interface NameSources {
  /** The name of its ECS service; `undefined` for a task that was run by hand. */
  readonly service: string | undefined;
  readonly family: string;
  /** What the definition's tag `rollcall:name` says instead. */
  readonly tagged: string | undefined;
}

/**
 * Registrator's rules: the image's base name, or the name said, with the port behind it where a
 * container maps several. Names stay raw: each registry maps what it cannot carry.
 */
export const registratorNames = (ports: readonly TaskPort[]): Names => {
  const mapped = Map.groupBy(ports.filter(isMapped), ({ container }) => container);
  return new Map(
    ports.map((port) => {
      const { container, mapping, words } = port;
      const base = textOf(words, 'name') ?? imageName(container.image);
      const isShared = (mapped.get(container)?.length ?? 0) > 1 && !words.get('name')?.forPort;
      const raw = base && isShared ? `${base}-${mapping.containerPort}` : base;
      return [port, { name: raw, raw }];
    }),
  );
};

/**
 * A name is one application, and stable. The primary port bears the service's plain name, the other
 * ports of its container that name and their own, and those of other containers the container's
 * name in between: whatever is added to a definition, no other port is renamed. A container's ports
 * bear a name that is said of the container in the same way; one said of a port is that port's.
 */
export const ecsNames = (
  ports: readonly TaskPort[],
  { service, family, tagged }: NameSources,
  note: Note,
): Names => {
  const mapped = ports.filter(isMapped);
  const plain = tagged ?? service ?? family;
  const primary = primaryPort(mapped, { plain, service, family }, note);
  const isMain = new Set(mainPorts(mapped).values());
  const suffixed = suffixer(mapped);
  const toName = (port: TaskPort): Name & { readonly isDerived: boolean } => {
    const said = saidName(port);
    const isPlain =
      said === undefined
        ? port === primary
        : port.words.get('name')?.forPort === true || isMain.has(port);
    const isApart = said === undefined && port.container !== primary?.container;
    const base = said ?? plain;
    const raw = isPlain ? base : suffixed(isApart ? `${base}-${port.container.name}` : base, port);
    return { name: fitName(base) && fitName(raw), raw, isDerived: said === undefined && !isPlain };
  };
  const named = ports.map((port) => [port, toName(port)] as const);
  const taken = new Set(
    named.filter(([, { isDerived }]) => !isDerived).map(([, { name }]) => name.toLowerCase()),
  );
  return new Map(
    named.map(([port, { name, raw, isDerived }]) => {
      // Containers and ports may be called so that two derived names are one.
      const isTaken = isDerived && taken.has(name.toLowerCase());
      const own = isTaken ? fitName(raw, placeOf(port)) : name;
      taken.add(own.toLowerCase());
      return [port, { name: own, raw }];
    }),
  );
};

/** Ports that are registered though no mapping has them bear the name that was said of them. */
const isMapped = ({ isUnmapped }: TaskPort) => !isUnmapped;

const placeOf = ({ container, mapping }: TaskPort) =>
  `${container.name}/${mapping.containerPort}/${mapping.protocol}`;

/** Puts a port's own name behind another; its number where it has none, with its protocol where
 * both have that number. */
const suffixer = (ports: readonly TaskPort[]) => {
  const places = new Set(ports.map(placeOf));
  return (base: string, port: TaskPort): string => {
    const { name, containerPort, protocol } = port.mapping;
    const isTwin =
      protocol === 'udp' &&
      places.has(placeOf({ ...port, mapping: { ...port.mapping, protocol: 'tcp' } }));
    return `${base}-${name || `${containerPort}${isTwin ? '-udp' : ''}`}`;
  };
};

/** The ECS service of a task; `undefined` for one that was run by hand. */
export const serviceName = ({ group }: Pick<Task, 'group'>): string | undefined =>
  group?.startsWith('service:') ? group.slice('service:'.length) : undefined;

/**
 * Last segment of the path, without tag and digest. Registrator leaves `api@sha256` of an image
 * named by digest only.
 */
const imageName = (image: string) =>
  image.slice(image.lastIndexOf('/') + 1).replace(/[:@].*$/s, '');

/**
 * Letters, digits, `-` and `_`. What people write between words becomes `-`; where anything else
 * did, or the name was cut, it ends in a hash of the whole, so that two names stay two. Empty where
 * no letter or digit is left. `salt` tells apart what is spelled alike.
 */
const fitName = (raw: string, salt = ''): string => {
  const spaced = raw.replace(/[./: ]/g, '-');
  const mapped = spaced.replace(/[^A-Za-z0-9_-]/gu, '-');
  const name = mapped.replace(/^-+|-+$/g, '');
  if (!/[A-Za-z0-9]/.test(name)) return '';
  if (mapped === spaced && name.length <= LONGEST && salt === '') return name;
  const hash = shortHash(salt ? `${raw}\0${salt}` : raw, HASH);
  return `${name.slice(0, LONGEST - HASH - 1).replace(/-+$/, '')}-${hash}`;
};
