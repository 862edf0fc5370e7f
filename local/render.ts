type Fields = Readonly<Record<string, unknown>>;

export interface RenderOptions {
  readonly colours: boolean;
  /** Milliseconds since the epoch at which the world last said something of this event or task, if it did. */
  readonly emittedAt: (eventIdOrTask: string) => number | undefined;
}

/** What the signs mean. */
export const LEGEND = '+ registered  ~ changed  - removed  … accepted, in force soon  ! failed';

/** One of the handlers' log lines as one line for people; `undefined`: not worth one. */
export type Render = (line: Fields) => string | undefined;

export const createRender = ({ colours, emittedAt }: RenderOptions): Render => {
  const paint = (code: number, text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const at = (line: Fields) => String(line['time'] ?? new Date().toISOString()).slice(11, 23);
  const latency = ({ eventId, task, time, path }: Fields) => {
    // A look has no event of its own: it is late by what has passed since the task's last one.
    const emitted = emittedAt(String(path === 'look' ? task : eventId));
    return emitted === undefined ? '' : duration(Date.parse(String(time)) - emitted);
  };

  const outcome = (line: Fields, { verb, status }: { verb: string; status: string }): string => {
    const record = Object(line['after'] ?? line['ref'] ?? {});
    const where = (line['after'] ?? line['before']) ? Object(line['after'] ?? line['before']) : undefined;
    const sign = signOf(verb, line, status);
    const columns = [
      at(line),
      paint(COLOURS[sign] ?? 31, sign),
      String(line['registry']).padEnd(8),
      String(record.service).padEnd(19),
      (where ? `${where.address}:${where.port}` : '').padEnd(15),
      latency(line).padStart(7),
      String(line['path']).padEnd(9),
      why(line, status),
      paint(90, shortId(String(record.id))),
    ];
    return columns.join('  ').trimEnd();
  };

  return (line) => {
    const { level, message } = line;
    const [, verb = '', status = ''] = OUTCOME.exec(String(message)) ?? [];
    if (verb) return level === 'debug' ? undefined : outcome(line, { verb, status });
    const colour = level === 'error' ? 31 : level === 'warn' ? 33 : 90;
    const place = [line['registry'], ...subjectOf(line)].filter((word) => word !== undefined).join(' ');
    const error = line['error'] === undefined ? '' : `: ${line['error']}`;
    return `${at(line)}  ${paint(colour, `· ${message}${place && ` (${place})`}${error}`)}`;
  };
};

/** Service and instance of the one change that a line tells of, if it does. */
const subjectOf = ({ change }: Fields): readonly string[] => {
  const { record, ref } = Object(change ?? {});
  const { service, id } = Object(record ?? ref ?? {});
  return id === undefined ? [] : [String(service), shortId(String(id))];
};

const OUTCOME = /^(upsert|health|remove) (done|unchanged|pending|gone|retry|refused)$/;
const COLOURS: Readonly<Record<string, number>> = { '+': 32, '~': 33, '-': 35, '…': 36 };

const signOf = (verb: string, line: Fields, status: string): string => {
  if (status === 'retry' || status === 'refused') return '!';
  if (status === 'pending') return '…';
  if (verb === 'upsert') return line['before'] === undefined ? '+' : '~';
  return verb === 'health' ? '~' : '-';
};

/** Failures in full: what was tried, and what came of it. */
const why = (line: Fields, status: string): string => {
  if (status === 'retry' || status === 'refused') return `${line['message']}: ${line['reason']}`;
  return String(line['why']);
};

const duration = (milliseconds: number) =>
  milliseconds < 10_000 ? `${Math.max(0, milliseconds)} ms` : `${Math.round(milliseconds / 1_000)} s`;

/** Enough of `<task id>-<port>-<hash>` to tell tasks apart. */
const shortId = (id: string) => id.replace(/^(\w{8})\w{24}-(\d+)-.*$/, '$1…-$2');
