import type { NameFrom } from './claim.ts';
import { fitName } from './fit-name.ts';
import { type Note, portText, type TaskPort } from './ports.ts';
import { mainPorts, primaryPort, saidName } from './primary.ts';

export interface Name {
  /** Empty: nothing is left that could name a service. */
  readonly name: string;
  /** Before it was fitted. */
  readonly raw: string;
  readonly from: NameFrom;
}

export type Names = ReadonlyMap<TaskPort, Name>;

/** What the names of a task's ports are made from. */
export interface NameSources {
  /** What the template gives the task. */
  readonly plain: string;
  /** The name of its ECS service; `undefined` for a task that was run by hand. */
  readonly service: string | undefined;
  readonly family: string;
  /** What the definition's tag `rollcall:name` says instead. */
  readonly tagged: string | undefined;
  readonly lost: LostNames;
}

/** Ports that do not bear what is said of them: somebody else has a better right to it. */
export interface LostNames {
  /** What a label or the environment says. */
  readonly said: ReadonlySet<TaskPort>;
  /** What the tag says. */
  readonly tagged: ReadonlySet<TaskPort>;
}

/**
 * Registrator's rules: the image's base name, or the name said, with the port behind it where a
 * container maps several. Names stay raw: each registry maps what it cannot carry.
 */
export const registratorNames = (ports: readonly TaskPort[], sources: NameSources): Names => {
  const mapped = Map.groupBy(ports.filter(isMapped), ({ container }) => container);
  const { said, base } = wordsIn(sources);
  return new Map(
    ports.map((port) => {
      const { container, mapping } = port;
      const name = said(port) ?? base(port) ?? imageName(container.image);
      const isWhole = isOfPort(port) && !sources.lost.said.has(port);
      const isShared = (mapped.get(container)?.length ?? 0) > 1 && !isWhole;
      const raw = name && isShared ? `${name}-${mapping.containerPort}` : name;
      return [port, { name: raw, raw, from: fromOf(port, sources) }];
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
  sources: NameSources,
  { note, advise }: { readonly note: Note; readonly advise: boolean },
): Names => {
  const { said, base } = wordsIn(sources);
  const plainOf = (port: TaskPort) => base(port) ?? sources.plain;
  const mains = mainPorts(ports);
  const plain = sources.tagged ?? sources.plain;
  const primary = primaryPort(ports, mains, { ...sources, plain, said, advise }, note);
  const isMain = new Set(mains.values());
  const suffixed = suffixer(ports);
  const isBeside = (port: TaskPort) => port.container === primary?.container;
  const derivedName = (port: TaskPort) => {
    const name = plainOf(port);
    if (port === primary) return name;
    return suffixed(isBeside(port) ? name : `${name}-${port.container.name}`, port);
  };
  const ownName = (port: TaskPort) => {
    const own = said(port);
    return own === undefined || isOfPort(port) || isMain.has(port) ? own : suffixed(own, port);
  };
  const names = new Map<TaskPort, Name>();
  const bearers = new Map<string, TaskPort>();
  const give = (port: TaskPort, raw: string, { salt = '', from = fromOf(port, sources) } = {}) => {
    const name = fitName(said(port) ?? plainOf(port)) && fitName(raw, salt);
    names.set(port, { name, raw, from });
    if (name && !bearers.has(name.toLowerCase())) bearers.set(name.toLowerCase(), port);
  };
  const bearerOf = (raw: string) => bearers.get(fitName(raw).toLowerCase());
  for (const port of byRank(ports, primary, said)) {
    const own = ownName(port);
    const raw = own ?? derivedName(port);
    const bearer = bearerOf(raw);
    // Two ports may be given one name, but nobody the plain one beside the primary port.
    const isShared =
      bearer !== undefined &&
      [port, bearer].every((one) => ownName(one) !== undefined && ownName(one) === said(one)) &&
      (isBeside(port) || raw.toLowerCase() !== plain.toLowerCase());
    if (!bearer) give(port, raw);
    else if (isTwin(port, bearer)) give(port, `${raw}-udp`);
    else if (own === undefined) give(port, raw, { salt: placeOf(port) });
    else if (!isShared) {
      note(
        `${portText(port)}: SERVICE_NAME ${raw} is ignored: it is the name of ${portText(bearer)}`,
      );
      const instead = derivedName(port);
      const salt = bearerOf(instead) ? placeOf(port) : '';
      give(port, instead, { salt, from: derivedFrom(port, sources) });
    } else {
      note(`${portText(port)}: it is called ${raw} as ${portText(bearer)} is: clients get both`);
      give(port, raw);
    }
  }
  return names;
};

const isOfPort = ({ words }: TaskPort) => words.get('name')?.forPort === true;

/** What still counts of what is said of a port, and of what the tag says of the task. */
const wordsIn = ({ lost, tagged }: NameSources) => ({
  said: (port: TaskPort) => (lost.said.has(port) ? undefined : saidName(port)),
  base: (port: TaskPort) => (lost.tagged.has(port) ? undefined : tagged),
});

const fromOf = (port: TaskPort, sources: NameSources): NameFrom => {
  if (wordsIn(sources).said(port) === undefined) return derivedFrom(port, sources);
  return port.words.get('name')?.isOverride ? 'override' : 'label';
};

const derivedFrom = (port: TaskPort, sources: NameSources): NameFrom =>
  wordsIn(sources).base(port) === undefined ? 'template' : 'tag';

/** Those first that others may not take a name from; tcp before udp, else as they are defined. */
const byRank = (
  ports: readonly TaskPort[],
  primary: TaskPort | undefined,
  said: typeof saidName,
) => {
  const rank = (port: TaskPort) => {
    if (port === primary) return 0;
    if (port.container === primary?.container) return 1;
    return said(port) === undefined ? 3 : 2;
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
