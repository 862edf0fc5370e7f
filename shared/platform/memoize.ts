import { BoundedMap } from './bounded-map.ts';

/** What `make` makes of an object: made when it is first asked for, and kept as long as that. */
export const memoize = <K extends object, T>(make: (of: K) => T): ((of: K) => T) => {
  const made = new WeakMap<K, { readonly value: T }>();
  return (of) => {
    const known = made.get(of);
    if (known) return known.value;
    const value = make(of);
    made.set(of, { value });
    return value;
  };
};

export interface TextLimits {
  /** Texts that are remembered: those that were asked for last. */
  readonly most: number;
  /** Characters above which none is. */
  readonly longest: number;
}

/** The same of a text from outside, of which there may be any number. */
export const memoizeTexts = <T extends object>(
  make: (text: string) => T,
  { most, longest }: TextLimits,
): ((text: string) => T) => {
  const made = new BoundedMap<string, T>(most);
  return (text) => {
    const known = made.get(text);
    if (known) return known;
    const value = make(text);
    if (text.length <= longest) made.set(text, value);
    return value;
  };
};
