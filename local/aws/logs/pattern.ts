import { AwsFault } from '../service.ts';

type Test = (line: unknown) => boolean;

const TOKEN = /\s*(?:(\$(?:\.\w+)+)\s*=\s*"([^"]*)"|(&&|\|\|)|([()]))/y;

/**
 * A filter of JSON lines, of which this much is simulated: `{ $.a.b = "text" && ($.c = "*end" || …)
 * }`. `&&` binds first, and `*` stands for any text. Nothing, or an empty pattern, matches all.
 */
export const parsePattern = (pattern: string | undefined): Test => {
  if (!pattern?.trim()) return () => true;
  const [, body] = /^\s*\{([\s\S]*)\}\s*$/.exec(pattern) ?? [];
  if (body === undefined) throw refused(pattern);
  const tokens = tokensOf(body, pattern);
  const test = either(tokens, pattern);
  if (tokens.length > 0) throw refused(pattern);
  return test;
};

type Token = { readonly test: Test } | { readonly word: string };

const tokensOf = (body: string, pattern: string): Token[] => {
  const tokens: Token[] = [];
  const text = body.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const [, path, value = '', operator, bracket] = TOKEN.exec(text) ?? [];
    if (path !== undefined) tokens.push({ test: equals(path.slice(2).split('.'), value) });
    else if (operator ?? bracket) tokens.push({ word: operator ?? bracket ?? '' });
    else throw refused(pattern);
  }
  return tokens;
};

const equals = (path: readonly string[], value: string): Test => {
  const escaped = value.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  const wanted = new RegExp(`^${escaped}$`, 's');
  return (line) => {
    const found = path.reduce<unknown>((inner, key) => Object(inner)[key], line);
    return typeof found === 'string' && wanted.test(found);
  };
};

const takes = (tokens: Token[], word: string): boolean => {
  const [next] = tokens;
  const isNext = next !== undefined && 'word' in next && next.word === word;
  if (isNext) tokens.shift();
  return isNext;
};

const either = (tokens: Token[], pattern: string): Test => {
  const tests = [both(tokens, pattern)];
  while (takes(tokens, '||')) tests.push(both(tokens, pattern));
  return (line) => tests.some((test) => test(line));
};

const both = (tokens: Token[], pattern: string): Test => {
  const tests = [single(tokens, pattern)];
  while (takes(tokens, '&&')) tests.push(single(tokens, pattern));
  return (line) => tests.every((test) => test(line));
};

const single = (tokens: Token[], pattern: string): Test => {
  if (takes(tokens, '(')) {
    const inner = either(tokens, pattern);
    if (!takes(tokens, ')')) throw refused(pattern);
    return inner;
  }
  const next = tokens.shift();
  if (!next || !('test' in next)) throw refused(pattern);
  return next.test;
};

const refused = (pattern: string) =>
  new AwsFault('InvalidParameterException', `Invalid filter pattern: ${pattern}`);
