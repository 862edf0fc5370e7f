import { withoutEnd } from '../model/text.ts';

/**
 * Tags in one metadata value, for registries without tags of their own: a list with commas, `\,`
 * for a literal one.
 */
export const formatTags = (tags: readonly string[]): string =>
  tags.map((tag) => tag.replaceAll(',', '\\,')).join(',');

/**
 * The same, read back and sorted: the list is a set. As in Registrator's lists, a backslash before
 * another character is kept, and empty items are dropped.
 */
export const parseTags = (text: string): readonly string[] =>
  toSet(text.split(/(?<!\\),/).map((tag) => tag.replaceAll('\\,', ',')));

/**
 * Tags that can be read back as they were written: none is empty, and none ends in a backslash,
 * which would escape the next comma.
 */
export const carriedTags = (tags: readonly string[]): readonly string[] =>
  toSet(tags.map((tag) => withoutEnd(tag, '\\')));

const toSet = (tags: readonly string[]): readonly string[] =>
  [...new Set(tags)].filter((tag) => tag !== '').sort();
