import { AwsFault } from '../service.ts';
import { type Input, invalid, records, text, texts } from './input.ts';
import type { State } from './state.ts';

const MOST = 50;

export const readTags = (input: Input): Map<string, string> => {
  const tags = new Map(
    records(input, 'Tags').map((tag) => [
      checked('tag key', text(tag, 'Key'), 128),
      checked('tag value', text(tag, 'Value'), 256),
    ]),
  );
  if (tags.size > MOST) throw new AwsFault('TooManyTagsException', `At most ${MOST} tags.`);
  return tags;
};

/** The characters that AWS takes in tags: no commas, no braces. */
const checked = (what: string, value: string, most: number) => {
  if (value.length > most || !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(value))
    throw invalid(`${what} ${value}: at most ${most} letters, digits, spaces or any of _.:/=+-@`);
  return value;
};

export const tagHandlers = (state: State) => {
  const tagsOf = (input: Input) => {
    const arn = text(input, 'ResourceARN');
    const found = [...state.services.values(), ...state.namespaces.values()].find(
      (one) => one.arn === arn,
    );
    if (!found)
      throw new AwsFault('ResourceNotFoundException', `The resource ${arn} cannot be found.`);
    return found.tags;
  };
  return {
    ListTagsForResource: (input: Input) => ({
      Tags: [...tagsOf(input)].map(([Key, Value]) => ({ Key, Value })),
    }),
    TagResource(input: Input) {
      const tags = tagsOf(input);
      for (const [key, value] of readTags(input)) tags.set(key, value);
      return {};
    },
    UntagResource(input: Input) {
      const tags = tagsOf(input);
      for (const key of texts(input, 'TagKeys')) tags.delete(key);
      return {};
    },
  };
};
