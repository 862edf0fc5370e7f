import { shortHash } from './hash.ts';
import { textOf } from './labels.ts';
import { type Note, portText, type TaskPort } from './ports.ts';
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
  const plain = tagged ?? service ?? family;
  const mains = mainPorts(ports);
  const primary = primaryPort(ports, mains, { plain, service, family }, note);
  const isMain = new Set(mains.values());
  const suffixed = suffixer(ports);
  const isBeside = (port: TaskPort) => port.container === primary?.container;
  const derivedName = (port: TaskPort) => {
    if (port === primary) return plain;
    return suffixed(isBeside(port) ? plain : `${plain}-${port.container.name}`, port);
  };
  const ownName = (port: TaskPort) => {
    const said = saidName(port);
    const isWhole = port.words.get('name')?.forPort || isMain.has(port);
    return said === undefined || isWhole ? said : suffixed(said, port);
  };
  const names = new Map<TaskPort, Name>();
  const bearers = new Map<string, TaskPort>();
  const give = (port: TaskPort, raw: string, salt?: string) => {
    const name = fitName(saidName(port) ?? plain) && fitName(raw, salt);
    names.set(port, { name, raw });
    if (name && !bearers.has(name.toLowerCase())) bearers.set(name.toLowerCase(), port);
  };
  const bearerOf = (raw: string) => bearers.get(fitName(raw).toLowerCase());
  for (const port of byRank(ports, primary)) {
    const said = ownName(port);
    const raw = said ?? derivedName(port);
    const bearer = bearerOf(raw);
    // Two ports may be given one name, but nobody the plain one beside the primary port.
    const isShared =
      bearer !== undefined &&
      [port, bearer].every((one) => ownName(one) !== undefined && ownName(one) === saidName(one)) &&
      (isBeside(port) || raw.toLowerCase() !== plain.toLowerCase());
    if (!bearer) give(port, raw);
    else if (isTwin(port, bearer)) give(port, `${raw}-udp`);
    else if (said === undefined) give(port, raw, placeOf(port));
    else if (!isShared) {
      note(
        `${portText(port)}: SERVICE_NAME ${raw} is ignored: it is the name of ${portText(bearer)}`,
      );
      const instead = derivedName(port);
      give(port, instead, bearerOf(instead) && placeOf(port));
    } else {
      note(`${portText(port)}: it is called ${raw} as ${portText(bearer)} is: clients get both`);
      give(port, raw);
    }
  }
  return names;
};

/** Those first that others may not take a name from; tcp before udp, else as they are defined. */
const byRank = (ports: readonly TaskPort[], primary: TaskPort | undefined) => {
  const rank = (port: TaskPort) => {
    if (port === primary) return 0;
    if (port.container === primary?.container) return 1;
    return saidName(port) === undefined ? 3 : 2;
  };
  const isUdp = ({ mapping }: TaskPort) => Number(mapping.protocol === 'udp');
  return ports.toSorted((a, b) => rank(a) - rank(b) || isUdp(a) - isUdp(b));
};

/** Both protocols of one number, called the same by a word that is said of the number. */
const isTwin = (port: TaskPort, other: TaskPort) =>
  port.container === other.container && port.mapping.containerPort === other.mapping.containerPort;

/** Ports that are registered though no mapping has them bear the name that was said of them. */
const isMapped = ({ isUnmapped }: TaskPort) => !isUnmapped;

const placeOf = ({ container, mapping }: TaskPort) =>
  `${container.name}/${mapping.containerPort}/${mapping.protocol}`;

/**
 * Puts a port's own name behind another; its number where it has none, with its protocol where both
 * have that number.
 */
const suffixer = (ports: readonly TaskPort[]) => {
  const places = new Set(ports.map(placeOf));
  return (base: string, port: TaskPort): string => {
    const { name, containerPort, protocol } = port.mapping;
    const hasTwin =
      protocol === 'udp' &&
      places.has(placeOf({ ...port, mapping: { ...port.mapping, protocol: 'tcp' } }));
    return `${base}-${name || `${containerPort}${hasTwin ? '-udp' : ''}`}`;
  };
};

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
