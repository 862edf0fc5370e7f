/** Text that is HTML. Made by `html` only, so that nothing gets into a page unescaped. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | false | undefined | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Besides HTML's own characters, those that a reader cannot see or that move other text: control
 * characters, marks of writing direction, characters without width. They are shown as `\u202e`.
 */
const SPECIAL = /[&<>"'\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** For text, and for attributes in quotes. */
export const escapeHtml = (text: string): string =>
  text.toWellFormed().replace(SPECIAL, (character) => ENTITIES[character] ?? toCode(character));

const toCode = (character: string) =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/**
 * A template whose parts are escaped unless they are HTML. `false` and `undefined` become nothing,
 * a list is joined.
 */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: strings.reduce((text, string, at) => text + toHtml(parts[at - 1]) + string),
});

const toHtml = (part: Part): string => {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map((one) => one.html).join('');
};

/** Characters that are shown of one text from outside, unless said otherwise. */
const MAX_LENGTH = 400;

/** Shortened, with how long it was. */
const clip = (text: string): string =>
  text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}… (${text.length} characters)` : text;

/** For a narrow place: what is cut stands elsewhere in full. */
export const cutShort = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)}…` : text;

/** Text from outside: shortened, and kept from turning the direction of the text around it. */
export const untrusted = (text: string): Html => html`<bdi>${clip(text)}</bdi>`;
