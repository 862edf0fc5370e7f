import type { TaskPort } from './ports.ts';

export type Role = 'secure' | 'management';

/**
 * The part that a port plays in its container's one Eureka instance: `SERVICE_<port>_EUREKA_ROLE`,
 * tcp only.
 */
export const roleOf = ({ words, mapping }: TaskPort): Role | undefined => {
  const word = words.get('eureka_role');
  if (!word?.forPort || mapping.protocol !== 'tcp') return undefined;
  const value = word.value.trim().toLowerCase();
  return value === 'secure' || value === 'management' ? value : undefined;
};

/**
 * The ports that have no record of their own. A container folds at most one port of each role, and
 * where it has no tcp port without a role, one of them is the instance itself: a container may
 * serve https alone.
 */
export const chooseFolded = (ports: readonly TaskPort[]): ReadonlySet<TaskPort> =>
  new Set(
    [...Map.groupBy(ports, (port) => port.container.name).values()].flatMap(foldedOfContainer),
  );

const foldedOfContainer = (ports: readonly TaskPort[]): readonly TaskPort[] => {
  const first = (role: Role) => ports.filter((port) => roleOf(port) === role).slice(0, 1);
  const folded = [...first('secure'), ...first('management')];
  return ports.some(isPlain) ? folded : folded.slice(1);
};

/** A port that others can be folded into. */
export const isPlain = (port: TaskPort) =>
  port.mapping.protocol === 'tcp' && roleOf(port) === undefined;

/** Why a role said of a port has no effect, if it has none. */
export const roleFault = (port: TaskPort): string | undefined => {
  const word = port.words.get('eureka_role');
  if (!word?.value || roleOf(port) !== undefined) return undefined;
  if (!word.forPort)
    return 'SERVICE_EUREKA_ROLE is ignored: it needs a port, as in SERVICE_8081_EUREKA_ROLE';
  if (port.mapping.protocol !== 'tcp')
    return 'EUREKA_ROLE is ignored: only a tcp port can be folded';
  return `EUREKA_ROLE must be secure or management, not ${JSON.stringify(word.value)}; it is ignored`;
};
