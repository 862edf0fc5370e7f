import type { Rules } from '../config/config.ts';
import { byText } from '../model/text.ts';
import type { Fill } from './placeholders.ts';
import type { TaskPort } from './ports.ts';

/**
 * The record's tags, sorted and without duplicates. Registrator marks udp ports by a tag, other
 * profiles by the record's protocol alone. AWS allows no commas in its own tags, so a list there is
 * separated by spaces.
 */
export const tagsOf = (
  { words, mapping }: TaskPort,
  profile: Rules['profile'],
  fill: Fill,
): readonly string[] => {
  const word = words.get('tags');
  const said = word?.source === 'tag' ? word.value.split(/\s+/) : splitList(word?.value ?? '');
  const mark = profile === 'registrator' && mapping.protocol === 'udp' ? ['udp'] : [];
  return [...new Set([...said.map(fill), ...mark])].sort(byText);
};

/**
 * A list with commas, `\,` for a literal one. Empty items vanish, blanks stay, any other backslash
 * is literal.
 */
export const splitList = (text: string): readonly string[] =>
  text
    .split(/(?<!\\),/)
    .map((item) => item.replaceAll('\\,', ','))
    .filter((item) => item !== '');
