import { Problem, quote } from '../../../http/problem.ts';
import { loadPatterns, type ToPattern } from './patterns.ts';
import { fieldOf, type Selector, type Test } from './selector.ts';
import { type Token, tokenize } from './tokens.ts';

/**
 * Consul's filter expressions (go-bexpr): and, or, not, parentheses, and the comparisons of texts,
 * lists and maps.
 */

const MAX_LENGTH = 2_000;
const MAX_DEPTH = 20;

/** `sample`: an entry with every field that can be selected. Rejects with a 400 that says why. */
export const compileFilter = async (text: string, sample: unknown): Promise<Test> => {
  if (text.length > MAX_LENGTH)
    throw new Problem(400, `filter: expected at most ${MAX_LENGTH} characters, got ${text.length}`);
  const tokens = tokenize(text);
  const hasPattern = tokens.some((token) => token.kind === 'word' && token.text === 'matches');
  return parseTokens(tokens, sample, hasPattern ? await loadPatterns() : undefined);
};

const parseTokens = (
  tokens: readonly Token[],
  sample: unknown,
  toPattern: ToPattern | undefined,
): Test => {
  let at = 0;
  let depth = 0;

  const isWord = (word: string, ahead = 0) => {
    const token = tokens[at + ahead];
    return token?.kind === 'word' && token.path === undefined && token.text === word;
  };
  const takeWord = (word: string) => {
    if (!isWord(word)) return false;
    at++;
    return true;
  };
  const takeSign = (sign: string) => {
    const token = tokens[at];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    at++;
    return true;
  };
  const expected = (what: string) => {
    const token = tokens[at];
    return new Problem(
      400,
      `filter: expected ${what}, got ${token ? quote(token.text) : 'the end'}`,
    );
  };

  const chain = (word: string, part: () => Test, join: (tests: readonly Test[]) => Test): Test => {
    const tests = [part()];
    while (takeWord(word)) tests.push(part());
    return join(tests);
  };
  const either = (): Test =>
    chain('or', both, (tests) => (entry) => tests.some((test) => test(entry)));
  const both = (): Test =>
    chain('and', one, (tests) => (entry) => tests.every((test) => test(entry)));

  const one = (): Test => {
    depth++;
    if (depth > MAX_DEPTH) throw new Problem(400, `filter: expected at most ${MAX_DEPTH} levels`);
    const test = nested();
    depth--;
    return test;
  };
  const nested = (): Test => {
    if (takeWord('not')) {
      const test = one();
      return (entry) => !test(entry);
    }
    if (!takeSign('(')) return comparison();
    const test = either();
    if (!takeSign(')')) throw expected('")"');
    return test;
  };

  const take = (): Token => {
    const token = tokens[at];
    if (!token || token.kind === 'sign') throw expected('a selector or a value');
    at++;
    return token;
  };
  const selector = (token: Token): Selector => fieldOf(token, sample);

  const comparison = (): Test => {
    const left = take();
    if (takeSign('==')) return selector(left).equals(take().text);
    if (takeSign('!=')) return negated(selector(left).equals(take().text));
    if (takeWord('is')) {
      const not = takeWord('not');
      if (!takeWord('empty')) throw expected('"empty"');
      const empty = selector(left).isEmpty();
      return not ? negated(empty) : empty;
    }
    const not = takeWord('not');
    const test = takeWord('in')
      ? selector(take()).contains(left.text)
      : takeWord('contains')
        ? selector(left).contains(take().text)
        : toPattern && takeWord('matches')
          ? selector(left).matches(toPattern(take().text))
          : undefined;
    if (!test) throw expected('one of ==, !=, in, contains, matches, is empty');
    return not ? negated(test) : test;
  };

  const test = either();
  if (at < tokens.length) throw expected('"and", "or" or the end');
  return test;
};

const negated =
  (test: Test): Test =>
  (entry) =>
    !test(entry);
