import type { Target } from '../../model/registration.ts';
import type { Parameter } from '../pipeline/validation.ts';

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

/** What narrows the choice of one instance. Here a zone is a wish: another is taken where it has nobody. */
export const CHOICE_PARAMETERS: readonly Parameter[] = [
  TAG,
  PROTOCOL,
  META,
  zone('Instances in this availability zone come first.'),
];

type Wanted = (target: Target) => boolean;

/** The part of the query that says which instances are meant, whatever their zone and health. The query has been checked. */
const wantedBy = (query: URLSearchParams): readonly Wanted[] =>
  [...query].flatMap(([key, value]): readonly Wanted[] => {
    if (key === 'tag') return [(target) => target.tags.includes(value)];
    if (key === 'protocol') return [(target) => target.protocol === value];
    if (!key.startsWith(META.name)) return [];
    const name = key.slice(META.name.length);
    return [(target) => target.metadata[name] === value];
  });

/** For `CHOICE_PARAMETERS`. */
export const filterChoice = (query: URLSearchParams) => {
  const wanted = wantedBy(query);
  return (target: Target) => wanted.every((fits) => fits(target));
};

/** For `LIST_PARAMETERS`, but for `limit`. Undefined: nothing is left out. */
export const filterList = (query: URLSearchParams): ((target: Target) => boolean) | undefined => {
  const [inZone, healthy] = [query.get('zone'), query.get('healthy')];
  const wanted = [
    ...wantedBy(query),
    ...(inZone === null ? [] : [(target: Target) => target.zone === inZone]),
    ...(healthy === null ? [] : [(target: Target) => String(target.healthy) === healthy]),
  ];
  return wanted.length === 0 ? undefined : (target) => wanted.every((fits) => fits(target));
};

export const limited = <T>(list: readonly T[], query: URLSearchParams): readonly T[] =>
  list.slice(0, Number(query.get('limit') ?? list.length));
