import type { Route, Schema } from '../../route.ts';
import {
  listOf,
  NOT_MODIFIED,
  named,
  objectOf,
  pathParameter,
  SAMPLE,
  shapeOf,
  TEXT,
  UNREADABLE,
} from '../descriptions.ts';
import { toInstanceEntry } from './entries.ts';
import { listApplications, listVip, showApplication, showInstance } from './handlers.ts';

/**
 * Eureka's read API. Clients drop all they know on a 200 with an empty list, and keep it on every
 * answer that is not 200: so a registry that cannot be read is 503, whatever the path.
 */

const APP = pathParameter('app', 'The service’s name, in any case.');
const ID = pathParameter('id', 'The instance’s id.');
const VIP = pathParameter('vip', 'A VIP address, in any case.');

/** Fields that some instances lack. */
const OPTIONAL: ReadonlySet<string> = new Set(['homePageUrl', 'statusPageUrl', 'healthCheckUrl']);
const EMPTY = { app: '', id: '', target: SAMPLE };
const INSTANCE = named(
  'EurekaInstance',
  shapeOf(
    Object.fromEntries(
      Object.entries({ ...toInstanceEntry(EMPTY), metadata: {} }).filter(
        ([key]) => !OPTIONAL.has(key),
      ),
    ),
  ),
);
const APPLICATION = named(
  'EurekaApplication',
  objectOf({ name: TEXT, instance: listOf(INSTANCE) }),
);
const APPLICATIONS = named(
  'EurekaApplications',
  objectOf({ versions__delta: TEXT, apps__hashcode: TEXT, application: listOf(APPLICATION) }),
);

/** In JSON the body is an object with this one key, in XML the element of that name. */
const answers = (key: string, schema: Schema): Route['responses'] => ({
  200: {
    description: 'JSON where Accept says json, else XML.',
    content: { 'application/json': objectOf({ [key]: schema }), 'application/xml': TEXT },
  },
  ...NOT_MODIFIED,
  ...UNREADABLE,
});
const NOT_FOUND = { 404: { description: 'There is none.' } };
const ALL = answers('applications', APPLICATIONS);
const ONE = { ...answers('instance', INSTANCE), ...NOT_FOUND };

const UNDER_PREFIX: readonly Omit<Route, 'method'>[] = [
  {
    path: '/apps',
    summary: 'Every application with its instances, and the hash of their statuses.',
    responses: ALL,
    handle: listApplications,
  },
  {
    path: '/apps/delta',
    summary:
      'What may have changed: every instance, as added. Whoever holds more than that finds another hash.',
    responses: ALL,
    handle: listApplications,
  },
  {
    path: '/apps/{app}',
    summary: 'One application.',
    parameters: [APP],
    responses: { ...answers('application', APPLICATION), ...NOT_FOUND },
    handle: showApplication,
  },
  {
    path: '/apps/{app}/{id}',
    summary: 'One instance of an application.',
    parameters: [APP, ID],
    responses: ONE,
    handle: showInstance,
  },
  {
    path: '/instances/{id}',
    summary: 'One instance.',
    parameters: [ID],
    responses: ONE,
    handle: showInstance,
  },
  {
    path: '/vips/{vip}',
    summary: 'The instances of a VIP address.',
    parameters: [VIP],
    responses: ALL,
    handle: listVip('vipAddress'),
  },
  {
    path: '/svips/{vip}',
    summary: 'The instances of a secure VIP address.',
    parameters: [VIP],
    responses: ALL,
    handle: listVip('secureVipAddress'),
  },
];

/**
 * Under Spring's prefix and under Netflix'. Java's clients end the list's path with a slash, which
 * the server takes on every path.
 */
export const eurekaRoutes: readonly Route[] = ['/eureka', '/eureka/v2'].flatMap((prefix) =>
  UNDER_PREFIX.map(
    (route): Route => ({
      ...route,
      method: 'GET',
      path: prefix + route.path,
      optionalSlash: true,
    }),
  ),
);
