import { byText } from './text.ts';

/** Further from each other, two names are no misspellings of one. */
const MOST_EDITS = 3;

/**
 * Those that somebody may have meant, the nearest first: whatever is spelled nearly alike, in
 * whatever case.
 */
export const nearestTo = (wanted: string, names: Iterable<string>): readonly string[] =>
  [...new Set(names)]
    .map((name) => ({ name, edits: editsBetween(name.toLowerCase(), wanted.toLowerCase()) }))
    .filter(({ edits }) => edits <= MOST_EDITS && edits < wanted.length)
    .sort((a, b) => a.edits - b.edits || byText(a.name, b.name))
    .map(({ name }) => name);

/** Levenshtein's distance. */
const editsBetween = (a: string, b: string): number => {
  // Whatever comes from outside may be long, and is then no misspelling.
  if (Math.abs(a.length - b.length) > MOST_EDITS) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const above = row;
    row = [i + 1];
    for (const [j, other] of [...b].entries())
      row.push(
        Math.min(
          (above[j + 1] ?? 0) + 1,
          (row[j] ?? 0) + 1,
          (above[j] ?? 0) + (letter === other ? 0 : 1),
        ),
      );
  }
  return row.at(-1) ?? 0;
};
