import type { Schema } from '../pipeline/router.ts';

/** The JSON of our own API, for the description that clients are generated from. */

/** A schema's title is its name among the types of a generated client. */
export const named = (title: string, schema: Schema): Schema => ({ title, ...schema });

const object = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});
const list = (items: Schema): Schema => ({ type: 'array', items });
const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };

/**
 * The schema of an answer that is made as this example was. Every key is required; what is empty in the example is a list
 * of texts, or a map of texts.
 */
export const shapeOf = (example: unknown): Schema => {
  if (Array.isArray(example)) return list(example.length > 0 ? shapeOf(example[0]) : text);
  if (typeof example === 'number') return { type: 'integer' };
  if (typeof example !== 'object' || example === null) return { type: typeof example };
  const shapes = Object.entries(example).map(([key, value]): [string, Schema] => [key, shapeOf(value)]);
  return shapes.length > 0
    ? object(Object.fromEntries(shapes))
    : { type: 'object', additionalProperties: text };
};

export const TARGET: Schema = named(
  'Instance',
  object({
    id: text,
    service: text,
    address: text,
    port: { type: 'integer', minimum: 0, maximum: 65_535 },
    protocol: { type: 'string', enum: ['tcp', 'udp'] },
    healthy: { type: 'boolean' },
    zone: { type: ['string', 'null'] },
    weight: { type: 'number', minimum: 0 },
    tags: list(text),
    metadata: { type: 'object', additionalProperties: text },
  }),
);

export const SERVICE_LIST: Schema = object({
  services: list(object({ name: text, instances: count, healthy: count })),
});

export const SERVICE_WITH_INSTANCES: Schema = object({ name: text, instances: list(TARGET) });

/** RFC 9457, as `problemResponse` writes it. */
export const PROBLEM: Schema = named(
  'Problem',
  object({
    type: text,
    title: text,
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: text,
    instance: text,
  }),
);
