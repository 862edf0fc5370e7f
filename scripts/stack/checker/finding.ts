import type { Stack } from '../resolve.ts';

/** What AWS would refuse or undo, though its linters let it through. */
export interface Finding {
  /** Logical id. */
  readonly resource: string;
  readonly fault: string;
}

/** Pure: the same stack has the same findings. */
export type Rule = (stack: Stack) => readonly Finding[];

/** A finding for each fault that is one. */
export const found = (
  resource: string,
  ...faults: readonly (string | false | undefined)[]
): readonly Finding[] => faults.flatMap((fault) => (fault ? [{ resource, fault }] : []));
