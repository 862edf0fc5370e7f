/** A reading of Consul's filter language (go-bexpr), enough for what Rollcall and its users ask. */
export type Filter = (row: unknown) => boolean;

export class FilterError extends Error {}

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`|(==|!=|[()[\]])|([^\s()[\]"`=!]+))/y;

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

/** Throws FilterError, whose message Consul answers with 500. */
export const parseFilter = (expression: string): Filter => {
  const tokens = tokenise(expression);
  let at = 0;
  const peek = (text: string) =>
    tokens[at]?.quoted === false && tokens[at]?.text.toLowerCase() === text;
  const take = (text: string) => peek(text) && ++at > 0;
  const next = (): Token => {
    const token = tokens[at++];
    if (!token) throw new FilterError('no match found, expected an expression, came its end');
    return token;
  };

  const either = (): Filter => {
    const sides = [both()];
    while (take('or')) sides.push(both());
    return (row) => sides.some((side) => side(row));
  };
  const both = (): Filter => {
    const sides = [negated()];
    while (take('and')) sides.push(negated());
    return (row) => sides.every((side) => side(row));
  };
  const negated = (): Filter => {
    if (!take('not')) return primary();
    const inner = negated();
    return (row) => !inner(row);
  };
  const primary = (): Filter => {
    if (take('(')) {
      const inner = either();
      if (!take(')')) throw new FilterError('no match found, expected: ")"');
      return inner;
    }
    const first = next();
    if (first.quoted || peek('in') || (peek('not') && tokens[at + 1]?.text === 'in'))
      return within(first);
    return matching(selector(first));
  };
  const selector = (first: Token): readonly string[] => {
    const path = first.text.split('.');
    while (take('[')) {
      path.push(next().text);
      if (!take(']')) throw new FilterError('no match found, expected: "]"');
    }
    return path;
  };
  const within = (value: Token): Filter => {
    const negative = take('not');
    if (!take('in')) throw new FilterError('no match found, expected: "in"');
    const path = selector(next());
    return (row) => holds(valuesAt(row, path), value.text) !== negative;
  };
  const matching = (path: readonly string[]): Filter => {
    const negative = take('!=') || take('not');
    if (take('is')) {
      const full = take('not');
      if (!take('empty')) throw new FilterError('no match found, expected: "empty"');
      return (row) => isEmpty(valuesAt(row, path)) !== full;
    }
    const contains = take('contains');
    const matches = !contains && take('matches');
    if (!contains && !matches && !take('==') && tokens[at - 1]?.text !== '!=')
      throw new FilterError('no match found, expected a comparison');
    const { text } = next();
    if (matches) return isMatch(path, text, negative);
    return (row) =>
      (contains
        ? holds(valuesAt(row, path), text)
        : valuesAt(row, path).some((value) => String(value) === text)) !== negative;
  };

  const filter = either();
  if (at < tokens.length)
    throw new FilterError(`no match found at ${JSON.stringify(tokens[at]?.text)}`);
  return filter;
};

const tokenise = (expression: string): readonly Token[] => {
  const tokens: Token[] = [];
  const text = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new FilterError(`1:${from + 1}: no match found`);
    const [, double, raw, mark, word] = match;
    const quoted = double !== undefined || raw !== undefined;
    tokens.push({ text: double?.replace(/\\(.)/g, '$1') ?? raw ?? mark ?? word ?? '', quoted });
  }
  return tokens;
};

const isMatch = (path: readonly string[], pattern: string, negative: boolean): Filter => {
  const expression = new RegExp(pattern);
  return (row) => valuesAt(row, path).some((value) => expression.test(String(value))) !== negative;
};

/** Through lists, each of their elements counts. */
const valuesAt = (row: unknown, path: readonly string[]): readonly unknown[] => {
  const [head, ...rest] = path;
  if (head === undefined) return [row];
  if (Array.isArray(row)) return row.flatMap((item) => valuesAt(item, path));
  return typeof row === 'object' && row !== null && Object.hasOwn(row, head)
    ? valuesAt((row as Record<string, unknown>)[head], rest)
    : [];
};

const holds = (values: readonly unknown[], wanted: string) =>
  values.some((value) => {
    if (typeof value === 'string') return value.includes(wanted);
    if (Array.isArray(value)) return value.includes(wanted);
    return typeof value === 'object' && value !== null && Object.hasOwn(value, wanted);
  });

const isEmpty = (values: readonly unknown[]) =>
  values.every(
    (value) => value === null || value === '' || Object.keys(Object(value)).length === 0,
  );
