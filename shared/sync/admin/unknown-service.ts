import { toId } from '../../derive/id.ts';
import { nearestTo } from '../../model/nearest.ts';
import { skipText } from '../../model/plan.ts';
import type { ContainerDefinition, PortMapping } from '../../model/task.ts';
import type { Derivation } from '../observe/task-request.ts';

/** What is known beside the name that nobody has. */
export interface KnownServices {
  readonly owner: string;
  /** The names of the ECS services in scope, whether they run tasks or not. */
  readonly services: ReadonlySet<string>;
  /** Of the tasks in scope. */
  readonly derivations: readonly Derivation[];
  /** Names that registries hold, whoever wrote them. */
  readonly registered: readonly string[];
}

/** More names than these help nobody. */
const MOST_NEAR = 3;

/**
 * What may be meant by a service's name that ECS knows no service by and no task derives.
 * `<service>-<port>` and `<service>-<container>-<port>` are told of that port, for the longest name
 * of a service that fits; else the nearest names are. Pure.
 */
export const sayUnknownService = (name: string, known: KnownServices): readonly string[] => {
  if (known.services.has(name)) return [`the ECS service ${name} runs no task`];
  for (const [base, derivations] of basesIn(known)) {
    const rest = restBehind(base, name);
    const lines = rest === undefined ? [] : ofPort(base, rest, derivations, known);
    if (lines.length > 0) return [...lines, `all of ${base}: rollcall explain ${base}`];
  }
  const derived = known.derivations.flatMap(({ identities }) => identities);
  const names = [...known.services, ...known.registered, ...derived.map(({ service }) => service)];
  const near = nearestTo(name, names).slice(0, MOST_NEAR);
  return near.length > 0 ? [`the nearest names: ${near.join(', ')}`] : [];
};

/** Names before which a port may be put, the longest first, with the tasks that bear them. */
const basesIn = ({ services, derivations }: KnownServices) => {
  const bases = new Map<string, Set<Derivation>>([...services].map((name) => [name, new Set()]));
  for (const derivation of derivations)
    for (const base of namesOf(derivation))
      bases.set(base, (bases.get(base) ?? new Set()).add(derivation));
  return [...bases].sort(([a], [b]) => b.length - a.length);
};

const namesOf = ({ task, identities }: Derivation) => {
  const [, service] = /^service:(.+)$/s.exec(task.group ?? '') ?? [];
  return [...(service === undefined ? [] : [service]), ...identities.map((one) => one.service)];
};

const restBehind = (base: string, name: string) =>
  name.toLowerCase().startsWith(`${base.toLowerCase()}-`) ? name.slice(base.length + 1) : undefined;

const ofPort = (
  base: string,
  rest: string,
  derivations: ReadonlySet<Derivation>,
  { owner }: KnownServices,
): readonly string[] => {
  const [, container, digits = ''] = /^(?:(.+)-)?([1-9]\d{0,4})(?:-udp)?$/s.exec(rest) ?? [];
  if (derivations.size === 0)
    return digits === ''
      ? []
      : [`the ECS service ${base} runs no task, so nothing tells its ports`];
  const asked = { base, owner, container, port: digits === '' ? rest : Number(digits) };
  return [...new Set([...derivations].flatMap((one) => ofTask(one, asked)))];
};

interface AskedPort {
  readonly base: string;
  readonly owner: string;
  readonly container: string | undefined;
  /** Its number, or its mapping's name. */
  readonly port: number | string;
}

const ofTask = (derivation: Derivation, asked: AskedPort): readonly string[] => {
  const { container, port, base } = asked;
  const containers = derivation.definition.containers.filter(
    ({ name }) => container === undefined || name.toLowerCase() === container.toLowerCase(),
  );
  const ports = containers.flatMap((one) =>
    mappingsOf(one, derivation, asked).map((mapping) => ({ container: one, mapping })),
  );
  if (ports.length > 0) return ports.map((one) => sayPort(one, derivation, asked));
  if (containers.length === 0 || typeof port === 'string') return [];
  const where = container === undefined ? base : `container ${container} of ${base}`;
  // A label alone is a port only where containers have the addresses of their task or host.
  const remedy =
    derivation.definition.networkMode === 'bridge'
      ? 'add a port mapping'
      : `add a port mapping, or the label SERVICE_${port}_NAME`;
  return [`${where} maps no port ${port}: ${remedy}`];
};

/** Those that are meant; a port that a label names has none, and is meant all the same. */
const mappingsOf = (
  container: ContainerDefinition,
  { task, identities }: Derivation,
  { port, owner }: AskedPort,
): readonly PortMapping[] => {
  if (typeof port === 'string')
    return container.ports.filter(({ name }) => name?.toLowerCase() === port.toLowerCase());
  const mapped = container.ports.filter(
    ({ containerPort, lastContainerPort = containerPort }) =>
      containerPort <= port && port <= lastContainerPort,
  );
  const bare: PortMapping = { containerPort: port, hostPort: port, protocol: 'tcp' };
  const id = toId({ owner, task, container: container.name, mapping: bare });
  return mapped.length === 0 && identities.some((one) => one.id === id) ? [bare] : mapped;
};

const sayPort = (
  { container, mapping }: { container: ContainerDefinition; mapping: PortMapping },
  { task, instances, skips }: Derivation,
  { base, owner }: AskedPort,
): string => {
  const { containerPort } = mapping;
  const id = toId({ owner, task, container: container.name, mapping });
  const found = instances.find((one) => one.id === id);
  if (found) return `${base}'s port ${containerPort} is registered as ${found.service}`;
  const skip = skips.find(
    (one) =>
      (one.container ?? container.name) === container.name &&
      (one.port ?? containerPort) === containerPort,
  );
  const why = skip ? `: ${skipText(skip)}` : ', which is not registered';
  return `${base} has port ${containerPort}${why}`;
};
