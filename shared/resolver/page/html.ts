/** Text that is HTML already. Only `html` makes it, so that nothing gets into a page unescaped. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | false | undefined | readonly Html[];

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * What a reader would not see, or would see elsewhere: control characters, marks that turn the direction of writing,
 * characters without width. They are written as their code, `\u202e`.
 */
const SPECIAL = /[&<>"'\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Fit for text and for quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.toWellFormed().replace(SPECIAL, (character) => NAMED[character] ?? toCode(character));

const toCode = (character: string) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/** A template whose parts are escaped unless they are HTML; `false` and `undefined` are nothing, a list is joined. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: strings.reduce((text, string, at) => text + toHtml(parts[at - 1]) + string),
});

const toHtml = (part: Part): string => {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map((one) => one.html).join('');
};

/** Characters of one text from outside. */
const LONGEST = 400;

/** Text from outside: cut, and kept from turning the direction of what stands around it. */
export const foreign = (text: string): Html =>
  html`<bdi>${text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text}</bdi>`;
