import { memoizeTexts } from '../../platform/memoize.ts';

/**
 * Which of the offered media types the client likes best (RFC 9110, 12.5.1). The most specific
 * range that matches a type gives its q; of equals the first offer wins. If none is acceptable, the
 * first is sent all the same.
 */
export const negotiate = (
  accept: string | undefined,
  offers: readonly [string, ...string[]],
): string => {
  const ranges = parseAccept(accept ?? '*/*');
  let best = { offer: offers[0], q: 0 };
  for (const offer of offers) {
    const q = qualityOf(offer, ranges);
    if (q > best.q) best = { offer, q };
  }
  return best.offer;
};

interface MediaRange {
  readonly type: string;
  readonly q: number;
}

/** Of the parameters only q is read: no type that is offered here has any. */
const parseAccept = memoizeTexts(
  (accept): readonly MediaRange[] =>
    accept.split(',').map((part) => {
      const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
      const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return {
        type,
        q: q === undefined || !/^[01](\.\d{0,3})?$/.test(q) ? 1 : Math.min(Number(q), 1),
      };
    }),
  { most: 100, longest: 256 },
);

const qualityOf = (offer: string, ranges: readonly MediaRange[]): number => {
  const family = `${offer.split('/')[0]}/*`;
  for (const type of [offer, family, '*/*']) {
    const range = ranges.find((one) => one.type === type);
    if (range) return range.q;
  }
  return 0;
};
