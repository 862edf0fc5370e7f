import { slices } from '../../platform/slices.ts';
import { type Body, createBytes } from './body.ts';

/**
 * A body in pieces, in order. They are made one by one while it is rendered, so that a large list
 * keeps nobody waiting: a piece is one entry, or nothing after a step that takes as long.
 */
export type Pieces = Iterable<string>;

/**
 * Characters that are put together before they become bytes: as many as some slices of time make,
 * since no more than one chunk is compressed in a turn of the event loop.
 */
const CHUNK = 250_000;

/** The body as bytes, rendered in slices of time. */
export const render = async (pieces: Pieces): Promise<Body> => {
  const bytes = createBytes();
  try {
    let text = '';
    for (const piece of pieces) {
      text += piece;
      if (text.length >= CHUNK) {
        await bytes.add(text);
        text = '';
      }
      if (slices.isOver()) await slices.next();
    }
    await bytes.add(text);
    return await bytes.end();
  } finally {
    bytes.close();
  }
};

/** A list in JSON. `undefined` is left out: it is a step that found nothing to show. */
export function* jsonList<T>(
  items: Iterable<T | undefined>,
  toEntry: (item: T) => unknown,
): Pieces {
  let separator = '[';
  for (const item of items) {
    if (item === undefined) yield '';
    else {
      yield separator + JSON.stringify(toEntry(item));
      separator = ',';
    }
  }
  yield separator === '[' ? '[]' : ']';
}

/** An object in JSON, from its keys and values. */
export function* jsonObject(entries: Iterable<readonly [string, unknown]>): Pieces {
  let separator = '{';
  for (const [key, value] of entries) {
    yield `${separator}${JSON.stringify(key)}:${JSON.stringify(value)}`;
    separator = ',';
  }
  yield separator === '{' ? '{}' : '}';
}
