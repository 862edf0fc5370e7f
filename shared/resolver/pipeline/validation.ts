import { memoize } from '../../platform/memoize.ts';
import type { RequestTarget } from '../http/message.ts';
import { Problem, quote } from '../http/problem.ts';
import type { Parameter, RequestContext, Route, StringSchema, ValueSchema } from '../route.ts';

/** Throws a 400 that lists every fault of the query: the key, what was expected, and what came. */
export const validateQuery = (routes: readonly Route[]) => {
  const checks = new Map(
    routes.map((route) => {
      const check = createCheck(route);
      return [route, memoize(({ query }: RequestTarget) => check([...query]))];
    }),
  );
  return ({ route, request }: Pick<RequestContext, 'route' | 'request'>): undefined => {
    const faults = checks.get(route)?.(request.target) ?? [];
    if (faults.length > 0) throw new Problem(400, faults.join('; '));
  };
};

/** The query's faults, a sentence each. It comes taken apart, which takes longer than a check. */
type QueryCheck = (query: readonly (readonly [key: string, value: string])[]) => readonly string[];

const createCheck = ({ parameters = [], strictQuery }: Route): QueryCheck => {
  const known = parameters.filter((parameter) => parameter.in === 'query');
  const checks = [...(strictQuery ? [checkKeys(known)] : []), ...known.map(checkParameter)];
  return (query) => checks.flatMap((check) => check(query));
};

const matchesKey = ({ name, prefix }: Parameter, key: string) =>
  prefix ? key.startsWith(name) : key === name;

/** How many unknown keys an error message shows. */
const SHOWN = 5;

/** Keys that begin with `_` are allowed: they only keep caches from answering. */
const checkKeys = (known: readonly Parameter[]): QueryCheck => {
  const names = known.map(({ name, prefix }) => (prefix ? `${name}<key>` : name)).join(', ');
  return (query) => {
    const unknown = [...new Set(query.map(([key]) => key))].filter(
      (key) => !key.startsWith('_') && !known.some((parameter) => matchesKey(parameter, key)),
    );
    const got = unknown.slice(0, SHOWN).map(quote).join(', ');
    return unknown.length === 0 ? [] : [`query: expected no keys but ${names}, got ${got}`];
  };
};

const checkParameter = (parameter: Parameter): QueryCheck => {
  const { name, prefix, repeatable } = parameter;
  const expected = createExpectation(parameter.schema);
  return (query) => {
    const given = query.filter(([key]) => matchesKey(parameter, key));
    if (given.length === 0) return [];
    if (given.length > 1 && !repeatable)
      return [`${name}: expected once, got ${given.length} times`];
    return given.flatMap(([key, value]) => {
      if (prefix && key === name) return [`${key}: expected a name after the dot, got none`];
      const what = expected(value);
      return what === undefined ? [] : [`${key}: expected ${what}, got ${quote(value)}`];
    });
  };
};

/** What a value should have been; undefined if it is right. */
type Expectation = (value: string) => string | undefined;

const createExpectation = (schema: ValueSchema): Expectation => {
  switch (schema.type) {
    case 'boolean':
      return (value) => (/^(true|false)$/.test(value) ? undefined : 'true or false');
    case 'integer': {
      const { minimum, maximum } = schema;
      const fits = (value: string) =>
        /^\d{1,15}$/.test(value) && +value >= minimum && +value <= maximum;
      return (value) => (fits(value) ? undefined : `a whole number from ${minimum} to ${maximum}`);
    }
    case 'string':
      return expectText(schema);
  }
};

const expectText = (schema: StringSchema): Expectation => {
  const { enum: choices, minLength = 0, maxLength = Infinity, pattern = '', description } = schema;
  const form = new RegExp(pattern, 'u');
  return (value) => {
    if (choices && !choices.includes(value))
      return choices.map((one) => one || 'nothing').join(' or ');
    if (value.length < minLength) return 'a text that is not empty';
    const fits = value.length <= maxLength && form.test(value);
    return fits ? undefined : (description ?? `a text like ${pattern}`);
  };
};
