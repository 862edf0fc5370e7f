import type { Difference } from './compare.ts';

/**
 * A difference as the first cells of a row of docs/simulator.md; the last one holds what was
 * decided, and why.
 */
export const toRow = ({ call, member, simulator, moto }: Difference): string =>
  `| ${call} | \`${member}\` | ${simulator} | ${moto} |`;

/** Every row of the document's one table that has a member in its second cell. */
export const parseTable = (
  text: string,
): readonly { readonly row: string; readonly decision: string }[] =>
  [...text.matchAll(/^(\|[^|]+\| `[^|]+\|[^|]+\|[^|]+\|)([^|]*)\|$/gm)].map(
    ([, row = '', decision = '']) => ({
      row,
      decision: decision.trim(),
    }),
  );
