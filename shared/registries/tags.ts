/** Tags in one metadata value, for registries without tags of their own: a list with commas, `\,` for a literal one. */
export const formatTags = (tags: readonly string[]): string =>
  tags.map((tag) => tag.replaceAll(',', '\\,')).join(',');

/**
 * Back again, sorted: the list is a set. A backslash stands for itself elsewhere and empty items vanish, as in
 * Registrator's lists; so an empty tag, and a backslash at a tag's very end, do not survive (see `carriedTags`).
 */
export const parseTags = (text: string): readonly string[] => {
  const tags = text.split(/(?<!\\),/).map((tag) => tag.replaceAll('\\,', ','));
  return [...new Set(tags)].filter((tag) => tag !== '').sort();
};

/** What remains of the tags once they were written and read: a record must hold these to compare equal later. */
export const carriedTags = (tags: readonly string[]): readonly string[] => parseTags(formatTags(tags));
