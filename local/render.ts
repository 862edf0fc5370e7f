import { toText } from '../command/blocks.ts';
import { REGISTRY_NAMES } from '../shared/model/registration.ts';
import { printable } from '../shared/model/text.ts';
import type { Fields, Landing, Sign } from './landing.ts';
import type { Burst } from './landings.ts';

/** How lines look: with colours or not, and in how many columns. */
export interface Look {
  readonly colours: boolean;
  /** Infinity where nobody counts them. */
  readonly columns: number;
}

/** What signs and figures mean. */
export const LEGEND =
  '+ registered  ~ changed  - removed  ! failed  … in force soon  ✓ without event  ' +
  'ms: from ECS’s event to each registry, not from the time in front';

const COLOURS: Readonly<Record<Sign, number>> = { '+': 32, '~': 33, '-': 35, '!': 31 };

/**
 * A change as one line, with how long each registry took; one line too for several of the same
 * kind, with the longest. The registries are told of a failure one by one.
 */
export const renderLandings = (burst: Burst, look: Look): string => {
  const [group] = burst;
  const [first] = group;
  const { time, sign, id, place } = first;
  const why = printable(first.why);
  const all = burst.flat();
  // Eureka alone knows names in capitals only.
  const { service } = all.find(({ registry }) => registry !== 'eureka') ?? first;
  const where = group.find((one) => one.place)?.place ?? place;
  const head = [
    `${clock(time)}  ${paint(look, COLOURS[sign], sign)}`,
    printable(service).padEnd(19),
    (burst.length > 1 ? `${burst.length} records` : where).padEnd(15),
  ];
  const cells = sign === '!' ? [first.registry] : REGISTRY_NAMES.map((name) => cellOf(name, all));
  const short = burst.length > 1 ? [] : [paint(look, 90, shortId(id))];
  const line = wrap([...head, ...cells, why, ...short], Number.POSITIVE_INFINITY);
  if (widthOf(line) <= look.columns) return line;
  const figures = [...cells.map((cell) => cell.trim()).filter((cell) => cell !== ''), ...short];
  return `${wrap([...head, why], look.columns, INDENT)}\n${indent(wrap(figures, look.columns - INDENT))}`;
};

/** The clock and two spaces: what has no room in the first line stands below the sign. */
const INDENT = 14;
const indent = (text: string) => text.replace(/^/gm, ' '.repeat(INDENT));

/** Of all the records at once: the last one counts. */
const cellOf = (name: string, landings: readonly Landing[]): string => {
  const own = landings.filter(({ registry }) => registry === name);
  const figure = own.some(({ pending }) => pending) ? '…' : duration(Math.max(...own.map(latency)));
  return (own.length === 0 ? '' : `${name} ${figure}`).padEnd(name.length + WIDEST);
};

/** Of a figure, with the space before it: ` 999 ms`. */
const WIDEST = 7;

const latency = ({ emitted, time, inForce = time }: Landing): number =>
  emitted === undefined ? Number.NaN : Math.max(0, inForce - emitted);

/** `NaN`: nobody knows since when. */
const duration = (milliseconds: number): string => {
  if (Number.isNaN(milliseconds)) return '✓';
  return milliseconds < 1_000 ? `${milliseconds} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
};

/** Any other of the handlers' lines, wrapped at words. */
export const renderNote = (line: Fields, look: Look): string => {
  const { level, message } = line;
  const colour = level === 'error' ? 31 : level === 'warn' ? 33 : 90;
  const about = [line['registry'], ...subjectOf(line)]
    .filter((word) => word !== undefined)
    .join(' ');
  const place = about && !String(message).startsWith(`${about}: `) ? ` (${about})` : '';
  const error =
    line['error'] === undefined ? '' : errorAfter(String(message), String(line['error']));
  const at = Date.parse(String(line['time'] ?? new Date().toISOString()));
  const text = toText([[`${clock(at)}  · ${message}${place}${error}`]], look.columns);
  return text.slice(0, INDENT) + paint(look, colour, text.slice(INDENT));
};

/** Both may begin with the registry's name, or the error with the whole message. */
const errorAfter = (message: string, error: string): string => {
  const [prefix = ''] = /^\w+: /.exec(message) ?? [];
  const rest = [message, prefix.slice(0, -2)].find(
    (start) => start && error.startsWith(`${start}: `),
  );
  return `: ${rest === undefined ? error : error.slice(rest.length + 2)}`;
};

/** Service and instance of the one change that a line tells of, if it does. */
const subjectOf = ({ change }: Fields): readonly string[] => {
  const { record, ref } = Object(change ?? {});
  const { service, id } = Object(record ?? ref ?? {});
  return id === undefined ? [] : [String(service), shortId(String(id))];
};

const paint = ({ colours }: Look, code: number, text: string) =>
  colours ? `\u001b[${code}m${text}\u001b[0m` : text;

const clock = (time: number) => new Date(time).toISOString().slice(11, 23);

/** Enough of `<task id>-<port>-<hash>` to tell tasks apart. */
const shortId = (id: string) => id.replace(/^(\w{8})\w{24}-(\d+)-.*$/, '$1…-$2');

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
const COLOUR_CODES = /\u001b\[\d+m/g;

const widthOf = (text: string) => text.replace(COLOUR_CODES, '').length;

/**
 * Cells two spaces apart in lines of so many columns; a cell that is wider has a line of its own.
 */
export const wrap = (cells: readonly string[], columns: number, indent = 0): string => {
  const lines: string[] = [];
  let width = 0;
  for (const cell of cells) {
    const last = lines.length - 1;
    const room = widthOf(cell.trimEnd());
    const needed = widthOf(cell);
    if (last >= 0 && width + 2 + room <= columns) {
      lines[last] += `  ${cell}`;
      width += 2 + needed;
    } else {
      lines.push(last < 0 ? cell : ' '.repeat(indent) + cell);
      width = needed + (last < 0 ? 0 : indent);
    }
  }
  return lines.map((line) => line.trimEnd()).join('\n');
};
