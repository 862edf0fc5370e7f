import type { Schema } from './routes.ts';

/** The JSON of our own API, for the description that clients are generated from. */

const object = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});
const list = (items: Schema): Schema => ({ type: 'array', items });
const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };

export const TARGET: Schema = object({
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
});

export const SERVICE_LIST: Schema = object({
  services: list(object({ name: text, instances: count, healthy: count })),
});

export const SERVICE_WITH_INSTANCES: Schema = object({ name: text, instances: list(TARGET) });
