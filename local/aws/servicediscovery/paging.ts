import { type Input, invalid, optionalNumber, optionalText } from './input.ts';

/**
 * One page, in order of creation. As AWS does, the page is cut first and filtered then, so that a
 * page may be empty and not be the last.
 */
export const page = <T extends { readonly seq: number }>(
  items: Iterable<T>,
  input: Input,
  keep: (item: T) => boolean = () => true,
): { readonly items: readonly T[]; readonly NextToken?: string } => {
  const size = optionalNumber(input, 'MaxResults', [1, 100]) ?? 100;
  const after = position(optionalText(input, 'NextToken'));
  const rest = [...items].filter(({ seq }) => seq > after).sort((a, b) => a.seq - b.seq);
  const cut = rest.slice(0, size);
  const last = cut.at(-1);
  return {
    items: cut.filter(keep),
    ...(last && rest.length > size && { NextToken: `after:${last.seq}` }),
  };
};

const position = (token: string | undefined): number => {
  if (token === undefined) return 0;
  const seq = Number(/^after:(\d+)$/.exec(token)?.[1]);
  if (Number.isNaN(seq)) throw invalid(`NextToken ${token} was not given out here`);
  return seq;
};
