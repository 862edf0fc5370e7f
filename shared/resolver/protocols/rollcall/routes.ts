import { json, NO_STORE } from '../../http/message.ts';
import type { Parameter, Route, Schema } from '../../route.ts';
import {
  listOf,
  NOT_MODIFIED,
  named,
  objectOf,
  pathParameter,
  TEXT,
  UNREADABLE,
} from '../descriptions.ts';
import { CHOICE_PARAMETERS, LIST_PARAMETERS } from '../filters.ts';
import {
  listServices,
  redirect,
  resolveService,
  showMetrics,
  showReadiness,
  showService,
} from './handlers.ts';

/** Our own API: JSON, plain text for scripts, and redirects. */

const NAME = pathParameter('name', "The service's name, as the registry carries it.");
const PATH: Parameter = {
  name: 'path',
  in: 'path',
  description: "The path on the instance; the query is the instance's too.",
  schema: { type: 'string' },
};

const UNKNOWN_SERVICE = { 404: { description: 'No such service.' } };
const NO_INSTANCE = {
  502: { description: 'The registry holds no valid address for the instance.' },
  503: { description: 'No instance is healthy, or the registry cannot be read.' },
};
const REDIRECTS = {
  307: { description: 'Location is the instance.' },
  ...UNKNOWN_SERVICE,
  409: { description: 'The service speaks udp only.' },
  ...NO_INSTANCE,
};

const COUNT: Schema = { type: 'integer', minimum: 0 };
const INSTANCE = named(
  'Instance',
  objectOf({
    id: TEXT,
    service: TEXT,
    address: TEXT,
    port: { type: 'integer', minimum: 0, maximum: 65_535 },
    protocol: { type: 'string', enum: ['tcp', 'udp'] },
    healthy: { type: 'boolean' },
    zone: { type: ['string', 'null'] },
    weight: { type: 'number', minimum: 0 },
    tags: listOf(TEXT),
    metadata: { type: 'object', additionalProperties: TEXT },
  }),
);
const SERVICE_LIST = objectOf({
  services: listOf(objectOf({ name: TEXT, instances: COUNT, healthy: COUNT })),
});
const SERVICE_WITH_INSTANCES = objectOf({ name: TEXT, instances: listOf(INSTANCE) });

export const rollcallRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/services',
    summary:
      'Every service, with how many instances it has. Filters count what fits, and leave out services without.',
    parameters: LIST_PARAMETERS,
    strictQuery: true,
    responses: {
      200: { description: 'Sorted by name.', content: { 'application/json': SERVICE_LIST } },
      ...NOT_MODIFIED,
      ...UNREADABLE,
    },
    handle: listServices,
  },
  {
    method: 'GET',
    path: '/services/{name}',
    summary: 'One service with its instances, the unhealthy ones included.',
    parameters: [NAME, ...LIST_PARAMETERS],
    strictQuery: true,
    responses: {
      200: {
        description: 'Sorted by id.',
        content: { 'application/json': SERVICE_WITH_INSTANCES },
      },
      ...NOT_MODIFIED,
      ...UNKNOWN_SERVICE,
      ...UNREADABLE,
    },
    handle: showService,
  },
  {
    method: 'GET',
    path: '/resolve/{name}',
    summary: 'One healthy instance, at random by weight.',
    parameters: [NAME, ...CHOICE_PARAMETERS],
    strictQuery: true,
    responses: {
      200: {
        description: 'The instance; as text host:port, IPv6 in brackets.',
        content: { 'application/json': INSTANCE, 'text/plain': TEXT },
      },
      ...UNKNOWN_SERVICE,
      ...NO_INSTANCE,
    },
    handle: resolveService,
  },
  {
    method: 'ANY',
    path: '/go/{name}',
    summary: 'Redirects to one healthy instance.',
    parameters: [NAME],
    responses: REDIRECTS,
    handle: redirect,
  },
  {
    method: 'ANY',
    path: '/go/{name}/{path+}',
    summary: 'Redirects to a path of one healthy instance, method and query kept.',
    parameters: [NAME, PATH],
    responses: REDIRECTS,
    handle: redirect,
  },
  {
    method: 'GET',
    path: '/health',
    summary: 'Whether the resolver itself answers; says nothing of the registry.',
    responses: {
      200: { description: 'It does.', content: { 'application/json': { type: 'object' } } },
    },
    access: 'public',
    handle: () => json({ status: 'ok' }, NO_STORE),
  },
  {
    method: 'GET',
    path: '/ready',
    summary: 'Whether clients can be sent here: the registry was read once, be it down since.',
    responses: {
      200: { description: 'It was.', content: { 'application/json': { type: 'object' } } },
      ...UNREADABLE,
    },
    access: 'public',
    handle: showReadiness,
  },
  {
    method: 'GET',
    path: '/metrics',
    summary: 'What this process has counted of itself, for Prometheus.',
    responses: { 200: { description: 'In the text format.', content: { 'text/plain': TEXT } } },
    handle: showMetrics,
  },
];
