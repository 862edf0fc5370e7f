export type Fields = Readonly<Record<string, unknown>>;

export type Sign = '+' | '~' | '-' | '!';

/** What one registry made of one change. */
export interface Landing {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly sign: Sign;
  readonly registry: string;
  readonly service: string;
  /** `address:port`, where it is known. */
  readonly place: string;
  readonly id: string;
  /** Why, and by which path where that is not the event's. */
  readonly why: string;
  /** When ECS or EC2 said what led to it, in milliseconds since the epoch. */
  readonly emitted?: number;
  /** Accepted, and not in force before this has ended. */
  readonly operation?: string;
  /** When that had ended. Absent: the write was in force at once, or is not yet. */
  readonly inForce?: number;
  /** Accepted, or put off until the task is healthy. */
  readonly pending: boolean;
}

const UNCHANGED = /^(upsert|health|remove) unchanged$/;

/** What was so already is of level debug, and no outcome record. */
export const isOutcome = ({ kind, message }: Fields) =>
  kind === 'outcome' || UNCHANGED.test(String(message));

/**
 * `undefined`: the line tells of no change. `emittedAt` knows events by their id, and tasks by what
 * was last said of them.
 */
export const toLanding = (
  line: Fields,
  emittedAt: (eventIdOrTask: string) => number | undefined,
): Landing | undefined => {
  if (line['kind'] !== 'outcome') return undefined;
  const verb = String(line['what']);
  const status = String(line['status']);
  const place: Fields = Object(line['after'] ?? line['before'] ?? {});
  // A look has no event of its own: it is late by what has passed since the task's last one.
  const emitted = emittedAt(String(line['path'] === 'look' ? line['task'] : line['eventId']));
  return {
    time: Date.parse(String(line['time'])),
    sign: signOf(verb, line, status),
    registry: String(line['registry']),
    service: String(line['service']),
    place: place['address'] === undefined ? '' : `${place['address']}:${place['port']}`,
    id: String(line['id']),
    why: whyOf(line, status),
    pending: status === 'pending',
    ...(emitted !== undefined && { emitted }),
    ...(line['operation'] !== undefined && { operation: String(line['operation']) }),
  };
};

const isFailure = (status: string) => status === 'retry' || status === 'refused';

const signOf = (verb: string, line: Fields, status: string): Sign => {
  if (isFailure(status)) return '!';
  if (verb === 'upsert') return (line['before'] ?? null) === null ? '+' : '~';
  return verb === 'health' ? '~' : '-';
};

/** Failures in full, but for what the line's other columns say. */
const whyOf = (line: Fields, status: string): string => {
  if (isFailure(status)) {
    const { service, id } = line;
    const said = String(line['reason'])
      .replace(`${line['registry']}: `, '')
      .replace(` ${service}/${id}`, '');
    return `${said} (${status === 'retry' ? 'to be tried again' : status})`;
  }
  const path = String(line['path']);
  return path === 'event' ? String(line['why']) : `${path}: ${line['why']}`;
};
