/**
 * One line of the report: times are medians of one run on one machine, comparable to nothing but
 * each other.
 */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/**
 * Tells each figure as soon as it is measured: some take minutes. A bench leaves files only in the
 * folder it is given.
 */
export type Bench = (folder: string) => AsyncIterable<Figure>;

/** The middle value; of an even number, the upper one of the two. NaN for none. */
export const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
