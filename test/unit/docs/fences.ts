/** A fenced block of a page: the language, what stands behind it, and the text. */
export interface Fence {
  readonly language: string;
  readonly about: string;
  readonly text: string;
}

/** All fenced blocks, those within lists included, in their order. */
export const fencesOf = (markdown: string): readonly Fence[] =>
  [...markdown.matchAll(/^( *)```(\w+)(?: ([^\n]*))?\n([\s\S]*?)^\1```$/gm)].map(
    ([, indent = '', language = '', about = '', text = '']) => ({
      language,
      about,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
