import type { Target } from '../../model/registration.ts';
import type { Parameter } from '../route.ts';

/** The query filters of our own paths: `/services`, `/resolve` and `/prometheus/sd`. */

const TAG: Parameter = {
  name: 'tag',
  in: 'query',
  description: 'Only instances with this tag; given several times, with all of them.',
  schema: { type: 'string', minLength: 1 },
  repeatable: true,
};
const PROTOCOL: Parameter = {
  name: 'protocol',
  in: 'query',
  description: 'Only instances of this protocol.',
  schema: { type: 'string', enum: ['tcp', 'udp'] },
};
const META: Parameter = {
  name: 'meta.',
  in: 'query',
  description: 'Only instances whose metadata holds this value under the key after the dot.',
  schema: { type: 'string' },
  repeatable: true,
  prefix: true,
};
const zone = (description: string): Parameter => ({
  name: 'zone',
  in: 'query',
  description,
  schema: { type: 'string', minLength: 1 },
});

/** What narrows a list. */
export const LIST_PARAMETERS: readonly Parameter[] = [
  TAG,
  PROTOCOL,
  META,
  zone('Only instances in this availability zone.'),
  {
    name: 'healthy',
    in: 'query',
    description: 'Only instances that are healthy (true), or that are not (false).',
    schema: { type: 'boolean' },
  },
  {
    name: 'limit',
    in: 'query',
    description: 'At most so many entries, in the order of the list.',
    schema: { type: 'integer', minimum: 1, maximum: 1000 },
  },
];

/** What narrows the choice of one instance. Here the zone is a preference, and no condition. */
export const CHOICE_PARAMETERS: readonly Parameter[] = [
  TAG,
  PROTOCOL,
  META,
  zone('Instances in this availability zone come first.'),
];

export type TargetFilter = (target: Target) => boolean;

/** One for each tag, protocol and metadata key in the query, which has been validated. */
const filtersIn = (query: URLSearchParams): readonly TargetFilter[] =>
  [...query].flatMap(([key, value]): readonly TargetFilter[] => {
    if (key === 'tag') return [(target) => target.tags.includes(value)];
    if (key === 'protocol') return [(target) => target.protocol === value];
    if (!key.startsWith(META.name)) return [];
    const name = key.slice(META.name.length);
    return [(target) => target.metadata[name] === value];
  });

/** For `CHOICE_PARAMETERS`. */
export const choiceFilter = (query: URLSearchParams): TargetFilter => {
  const filters = filtersIn(query);
  return (target) => filters.every((matches) => matches(target));
};

/** For `LIST_PARAMETERS`, but for `limit`. Undefined: nothing is left out. */
export const listFilter = (query: URLSearchParams): TargetFilter | undefined => {
  const [inZone, healthy] = [query.get('zone'), query.get('healthy')];
  const filters = [
    ...filtersIn(query),
    ...(inZone === null ? [] : [(target: Target) => target.zone === inZone]),
    ...(healthy === null ? [] : [(target: Target) => String(target.healthy) === healthy]),
  ];
  return filters.length === 0 ? undefined : (target) => filters.every((matches) => matches(target));
};

/** The query's `limit`. */
export const limitOf = (query: URLSearchParams): number => Number(query.get('limit') ?? Infinity);

/** Cuts a list at the query's `limit`. */
export const applyLimit = <T>(list: readonly T[], query: URLSearchParams): readonly T[] =>
  list.slice(0, limitOf(query));
