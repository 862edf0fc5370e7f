/** By code unit: the same order on every machine, unlike `localeCompare`. */
export const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Without this character at its end. By a loop: `/-+$/` takes the square of the length, and others
 * write texts of 60 KB.
 */
export const withoutEnd = (text: string, character: string): string => {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end--;
  return text.slice(0, end);
};

/** Without this character at both ends. */
export const withoutEnds = (text: string, character: string): string => {
  const kept = withoutEnd(text, character);
  let start = 0;
  while (kept[start] === character) start++;
  return kept.slice(start);
};

/**
 * What a terminal does not show, or obeys: control characters, line separators, marks that turn the
 * direction of what follows, zero-width characters, and whatever else has no shape of its own.
 */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const hex = (code: number, digits = 0) => code.toString(16).padStart(digits, '0');

/**
 * One line as an operator may read it: names come from others, and one that holds U+202E would be
 * read backwards, one that holds a line feed would pass for a line of ours. Such characters are
 * shown as `\u{202e}`.
 */
export const printable = (line: string): string =>
  line.replace(INVISIBLE, (one) => `\\u{${hex(one.codePointAt(0) ?? 0)}}`);

/** The same for JSON, whose readers get the value unchanged. */
export const printableJson = (json: string): string =>
  json.replace(INVISIBLE, (one) =>
    Array.from({ length: one.length }, (_, at) => `\\u${hex(one.charCodeAt(at), 4)}`).join(''),
  );

/** `1 cluster`, `2 clusters`. */
export const counted = (many: number, one: string): string =>
  `${many} ${one}${many === 1 ? '' : 's'}`;
