import { Problem, quote } from '../../../http/problem.ts';

/**
 * `text` is a value in quotes (without them, escapes resolved), `sign` one of `==`, `!=`, `(`, `)`.
 */
export type Token =
  | { readonly kind: 'text' | 'sign'; readonly text: string }
  | {
      readonly kind: 'word';
      readonly text: string;
      /** The parts of a selector with `[…]`: `Service.Meta["a.b"]` has three. */
      readonly path?: readonly string[];
    };

const QUOTED = '"(?:[^"\\\\]|\\\\.)*"|`[^`]*`';
const TOKEN = new RegExp(
  `\\s+|(?<sign>==|!=|[()])|(?<text>${QUOTED})|(?<word>[\\p{L}\\p{N}_][\\p{L}\\p{N}_./:-]*)(?<keys>(?:\\[(?:${QUOTED})\\])*)`,
  'yu',
);

/**
 * Throws a 400 at text that is no token. Numbers and unquoted values are words too: whether a word
 * is a selector depends on its place.
 */
export const tokenize = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (!groups && TOKEN.lastIndex <= start)
      throw new Problem(400, `filter: expected an expression, got ${quote(text.slice(start))}`);
    const { sign, text: quoted, word, keys = '' } = groups ?? {};
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    if (quoted !== undefined) tokens.push({ kind: 'text', text: unquote(quoted) });
    if (word !== undefined) tokens.push(toWord(word, keys));
  }
  return tokens;
};

const toWord = (word: string, keys: string): Token => {
  if (keys === '') return { kind: 'word', text: word };
  const inner = [...keys.matchAll(new RegExp(QUOTED, 'gu'))].map(([quoted]) => unquote(quoted));
  return { kind: 'word', text: word + keys, path: [...word.split('.'), ...inner] };
};

/** Backticks take every character as it is. Of Go's escapes only JSON's are accepted. */
const unquote = (quoted: string): string => {
  if (quoted.startsWith('`')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw new Problem(400, `filter: expected a text with valid escapes, got ${quote(quoted)}`);
  }
};
