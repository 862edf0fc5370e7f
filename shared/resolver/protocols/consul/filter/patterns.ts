import { Problem, quote } from '../../../http/problem.ts';

/** Whether a text has a part that the pattern describes. Throws a 400 where it is none. */
export type ToPattern = (pattern: string) => (text: string) => boolean;

/** Steps of a pattern, of which each may be taken at each character of a text. */
const MAX_SIZE = 500;

/**
 * Patterns as Go reads them (RE2). JavaScript's own may run for ever on what comes from outside;
 * these take time that grows with the text alone. Loaded when a filter first has one.
 */
export const loadPatterns = async (): Promise<ToPattern> => {
  const { RE2JS } = await import('re2js');
  const compile = (pattern: string) => {
    try {
      return RE2JS.compile(pattern);
    } catch {
      throw new Problem(400, `filter: expected a pattern of RE2, got ${quote(pattern)}`);
    }
  };
  return (pattern) => {
    const compiled = compile(pattern);
    if (compiled.programSize() > MAX_SIZE)
      throw new Problem(400, `filter: expected a pattern of at most ${MAX_SIZE} steps, got more`);
    return (text) => compiled.matcher(text).find();
  };
};
