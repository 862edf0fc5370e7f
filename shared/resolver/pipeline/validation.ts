import { Problem, quote } from '../http/problem.ts';

export type ValueSchema =
  | {
      readonly type: 'string';
      readonly enum?: readonly string[];
      readonly minLength?: number;
      readonly maxLength?: number;
      /** In what JavaScript's and JSON Schema's syntax share; anchored. */
      readonly pattern?: string;
      /** What the text is written in; not checked here. */
      readonly format?: string;
      /** What is expected, for the document and for whoever sends something else. */
      readonly description?: string;
    }
  | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number }
  | { readonly type: 'boolean' };

/** A parameter as OpenAPI describes it; what is checked and what is documented are the same data. */
export interface Parameter {
  /** With `prefix`, the beginning of the key: `meta.` stands for `meta.<anything>`. */
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly schema: ValueSchema;
  /** May come more than once. */
  readonly repeatable?: true;
  readonly prefix?: true;
}

interface Asked {
  readonly parameters?: readonly Parameter[];
  /** Keys that nobody describes are faults. */
  readonly exact?: true;
}

/** Throws a 400 that lists every fault, each with the field, what was expected and what came. */
export const checkQuery = ({ parameters = [], exact }: Asked, query: URLSearchParams): void => {
  const known = parameters.filter((parameter) => parameter.in === 'query');
  const faults = [
    ...(exact ? strangersIn(known, query) : []),
    ...known.flatMap((parameter) => faultsOf(parameter, query)),
  ];
  if (faults.length > 0) throw new Problem(400, faults.join('; '));
};

const isMeant = ({ name, prefix }: Parameter, key: string) => (prefix ? key.startsWith(name) : key === name);

/** A key that begins with `_` makes an address new to a cache, and asks for nothing. */
const strangersIn = (known: readonly Parameter[], query: URLSearchParams): readonly string[] => {
  const strangers = [...new Set(query.keys())].filter(
    (key) => !key.startsWith('_') && !known.some((parameter) => isMeant(parameter, key)),
  );
  if (strangers.length === 0) return [];
  const names = known.map(({ name, prefix }) => (prefix ? `${name}<key>` : name)).join(', ');
  const got = strangers.slice(0, SHOWN).map(quote).join(', ');
  return [`query: expected no keys but ${names}, got ${got}`];
};

/** Strangers that a fault names. */
const SHOWN = 5;

const faultsOf = (parameter: Parameter, query: URLSearchParams): readonly string[] => {
  const given = [...query].filter(([key]) => isMeant(parameter, key));
  if (given.length > 1 && !parameter.repeatable)
    return [`${parameter.name}: expected once, got ${given.length} times`];
  return given.flatMap(([key, value]) => {
    if (key === parameter.name && parameter.prefix)
      return [`${key}: expected a name after the dot, got none`];
    const expected = expectation(parameter.schema, value);
    return expected ? [`${key}: expected ${expected}, got ${quote(value)}`] : [];
  });
};

/** What the value should have been; undefined if it is. */
const expectation = (schema: ValueSchema, value: string): string | undefined => {
  switch (schema.type) {
    case 'boolean':
      return /^(true|false)$/.test(value) ? undefined : 'true or false';
    case 'integer': {
      const fits = /^\d{1,15}$/.test(value) && +value >= schema.minimum && +value <= schema.maximum;
      return fits ? undefined : `a whole number from ${schema.minimum} to ${schema.maximum}`;
    }
    case 'string':
      return textExpectation(schema, value);
  }
};

const textExpectation = (schema: ValueSchema & { readonly type: 'string' }, value: string) => {
  const { enum: choices, minLength = 0, maxLength = Infinity, pattern = '', description } = schema;
  if (choices && !choices.includes(value)) return choices.map((one) => one || 'nothing').join(' or ');
  if (value.length < minLength) return 'a text that is not empty';
  const fits = value.length <= maxLength && new RegExp(pattern, 'u').test(value);
  return fits ? undefined : (description ?? `a text like ${pattern}`);
};
