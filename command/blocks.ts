import { printable } from '../shared/model/text.ts';

/** Lines as they are, which are wrapped at words; or a table. An empty line stands between two. */
export type Block = readonly string[] | Table;

export interface Table {
  readonly head: readonly string[];
  /** As many cells as the head has. */
  readonly rows: readonly (readonly string[])[];
  /** Where it is too wide, the last column goes below each row, before any other is shortened. */
  readonly isLastBelow?: true;
}

/** The same without the columns that say one thing only, or nothing; and what they say. */
export const withoutSame = (table: Table): { readonly table: Table; readonly same: string } => {
  const { head, rows } = table;
  const valuesOf = (at: number) => new Set(rows.map((row) => row[at] ?? ''));
  const isKept = head.map((_, at) => at === head.length - 1 || valuesOf(at).size > 1);
  const keep = (row: readonly string[]) => row.filter((_, at) => isKept[at]);
  const same = head.flatMap((name, at) => {
    const [value = ''] = valuesOf(at);
    return isKept[at] || value === '' ? [] : [`${name} ${value}`.trim()];
  });
  return rows.length < 2
    ? { table, same: '' }
    : { table: { ...table, head: keep(head), rows: rows.map(keep) }, same: same.join(', ') };
};

/** Each text of them, in lines and cells, made another. */
export const mapTexts = (
  blocks: readonly Block[],
  change: (text: string) => string,
): readonly Block[] =>
  blocks.map((block) =>
    'head' in block
      ? { ...block, rows: block.rows.map((row) => row.map(change)) }
      : block.map(change),
  );

/** As long lines as there are columns; without a number nothing is wrapped or shortened. */
export const toText = (blocks: readonly Block[], columns?: number): string =>
  blocks
    .map((block) => ('head' in block ? tableLines(block, columns) : wrapAll(block, columns)))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');

const GAP = 2;
/** Of a cell that is shortened or wrapped at least so much is left. */
const NARROWEST = 12;

/**
 * The last column is wrapped within itself; if that does not suffice, the widest of the others are
 * shortened in their middle, since ids and ARNs differ at their ends.
 */
const tableLines = (table: Table, columns = Number.POSITIVE_INFINITY): string[] => {
  const { head, rows, isLastBelow } = table;
  if (rows.length === 0) return [];
  const cells = [head, ...rows].map((row) => row.map(printable));
  const widths = head.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const last = widths.length - 1;
  const total = () => widths.reduce((sum, width) => sum + width + GAP, -GAP);
  const narrow = (at: number, least: number) => {
    widths[at] = Math.max(
      Math.min(widths[at] ?? 0, least),
      (widths[at] ?? 0) - (total() - columns),
    );
  };
  if (total() > columns) narrow(last, Math.max(NARROWEST * 2, head[last]?.length ?? 0));
  if (isLastBelow && total() > columns) return linesWithLastBelow(table, columns);
  while (total() > columns) {
    const widest = widths.indexOf(Math.max(...widths.slice(0, last)));
    if ((widths[widest] ?? 0) <= NARROWEST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return cells.flatMap((row) => {
    const [first = '', ...more] = wrap(row[last] ?? '', widths[last] ?? 0);
    const front = row.slice(0, last).map((cell, at) => shorten(cell, widths[at] ?? 0));
    const indent = ' '.repeat(widths.slice(0, last).reduce((sum, width) => sum + width + GAP, 0));
    return [[...front, first].join(' '.repeat(GAP)), ...more.map((line) => indent + line)].map(
      (line) => line.trimEnd(),
    );
  });
};

const linesWithLastBelow = ({ head, rows }: Table, columns: number): string[] => {
  const [first = '', ...front] = tableLines(
    { head: head.slice(0, -1), rows: rows.map((row) => row.slice(0, -1)) },
    columns,
  );
  const indent = ' '.repeat(GAP * 2);
  return [
    first,
    ...front.flatMap((line, at) => [
      line,
      ...wrapAll([`${indent}${rows[at]?.at(-1) ?? ''}`.trimEnd()], columns).filter(Boolean),
    ]),
  ];
};

const shorten = (cell: string, width: number) => {
  if (cell.length <= width) return cell.padEnd(width);
  const head = Math.ceil((width - 1) / 2);
  return `${cell.slice(0, head)}…${cell.slice(cell.length - (width - 1 - head))}`;
};

/** What follows a line's own indentation is indented by as much and two more. */
const wrapAll = (lines: readonly string[], columns = Number.POSITIVE_INFINITY): string[] =>
  lines.map(printable).flatMap((line) => {
    if (line.length <= columns) return [line];
    const indent = /^ */.exec(line)?.[0] ?? '';
    const [first = '', ...more] = wrap(line.trimStart(), columns - indent.length - GAP);
    return [indent + first, ...more.map((one) => `${indent}${' '.repeat(GAP)}${one}`)];
  });

/** At blanks; a word that is longer than a line stays whole, so that it can be copied. */
const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
};
