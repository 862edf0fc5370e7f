import type { Target } from '../../model/registration.ts';
import type { Parameter, ResponseDescription, Schema } from '../route.ts';

/** What the descriptions of routes have in common: the OpenAPI document is made from them. */

type Responses = Readonly<Record<number, ResponseDescription>>;

/** Of answers that have an ETag. */
export const NOT_MODIFIED: Responses = { 304: { description: 'It is as If-None-Match has it.' } };

export const UNREADABLE: Responses = {
  503: { description: 'The registry cannot be read, and nothing is cached.' },
};

export const pathParameter = (name: string, description: string): Parameter => ({
  name,
  in: 'path',
  description,
  schema: { type: 'string', minLength: 1 },
});

/** Gives the schema its name among the types of a generated client. */
export const named = (title: string, schema: Schema): Schema => ({ title, ...schema });

/** Every key is required. */
export const objectOf = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});

export const listOf = (items: Schema): Schema => ({ type: 'array', items });

export const TEXT: Schema = { type: 'string' };

/**
 * The schema of values that are made like this example, so that it cannot differ from what is sent.
 * Every key is required. An empty list or object in the example stands for one of texts.
 */
export const shapeOf = (example: unknown): Schema => {
  if (Array.isArray(example)) return listOf(example.length > 0 ? shapeOf(example[0]) : TEXT);
  if (typeof example === 'number') return { type: 'integer' };
  if (typeof example !== 'object' || example === null) return { type: typeof example };
  const shapes = Object.entries(example).map(([key, value]): [string, Schema] => [
    key,
    shapeOf(value),
  ]);
  return shapes.length > 0
    ? objectOf(Object.fromEntries(shapes))
    : { type: 'object', additionalProperties: TEXT };
};

/** The example that shapes are made from: an instance with nothing in it. */
export const SAMPLE: Target = {
  id: '',
  service: '',
  address: '',
  port: 0,
  protocol: 'tcp',
  healthy: true,
  zone: null,
  weight: 1,
  tags: [],
  metadata: {},
};
