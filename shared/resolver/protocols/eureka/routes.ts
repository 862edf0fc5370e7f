import { REVALIDATE, type ResolverResponse } from '../../http/message.ts';
import { Problem, quote } from '../../http/problem.ts';
import type { Call, Route, Schema } from '../../pipeline/router.ts';
import type { Parameter } from '../../pipeline/validation.ts';
import { named, shapeOf } from '../schemas.ts';
import { SAMPLE, UNCHANGED, UNREADABLE } from '../shared.ts';
import { type Application, readApplications, toBody } from './applications.ts';
import { type EurekaInstance, toInstance } from './entries.ts';
import { toXml } from './xml.ts';

/**
 * Eureka's read side. Clients drop all they know on a 200 with an empty list, and keep it on everything that is not 200:
 * a registry that cannot be read is 503 here, whatever the path.
 */

/** As the server chooses: JSON for whoever names it anywhere, XML for everybody else, Prometheus among them. */
const answer = ({ request }: Call, body: Readonly<Record<string, unknown>>): ResolverResponse => {
  const asJson = /json/i.test(request.headers['accept'] ?? '');
  return {
    status: 200,
    headers: {
      'content-type': asJson ? 'application/json' : 'application/xml',
      'cache-control': REVALIDATE,
      vary: 'accept',
    },
    body: asJson ? JSON.stringify(body) : toXml(body),
  };
};

const listApplications = async (call: Call) => answer(call, toBody(await readApplications(call.reader)));

/** What one instance is called without its application. Two can share an id; the first in order is shown, as the server does. */
const findInstance = (applications: readonly Application[], id: string) =>
  applications.flatMap(({ instance }) => instance).find(({ instanceId }) => instanceId === id);

const showApplication = async (call: Call) => {
  const name = call.params['app'] ?? '';
  return answer(call, { application: (await applicationOf(call, name)) ?? missing('application', name) });
};

const applicationOf = async ({ reader }: Call, name: string) =>
  (await readApplications(reader)).find((one) => one.name === name.toUpperCase());

const showInstance = async (call: Call) => {
  const { app, id = '' } = call.params;
  const all = app === undefined ? await readApplications(call.reader) : [await applicationOf(call, app)];
  const instance = findInstance(
    all.filter((one) => one !== undefined),
    id,
  );
  return answer(call, { instance: instance ?? missing('instance', id) });
};

const missing = (what: string, name: string): never => {
  throw new Problem(404, `No ${what} ${quote(name)}.`);
};

/** In any case, as Spring compares them: where Eureka is read, the name's own case may be lost. Nothing found is an empty 200, as the server has it. */
const listVip = (field: 'vipAddress' | 'secureVipAddress') => async (call: Call) => {
  const wanted = (call.params['vip'] ?? '').toUpperCase();
  const fits = (instance: EurekaInstance) =>
    (instance[field] ?? '').split(',').some((vip) => vip.trim().toUpperCase() === wanted);
  const found = (await readApplications(call.reader)).flatMap(({ name, instance }) => {
    const fitting = instance.filter(fits);
    return fitting.length > 0 ? [{ name, instance: fitting }] : [];
  });
  return answer(call, toBody(found));
};

const parameter = (name: string, description: string): Parameter => ({
  name,
  in: 'path',
  description,
  schema: { type: 'string', minLength: 1 },
});
const APP = parameter('app', 'The service’s name, in any case.');
const ID = parameter('id', 'The instance’s id.');
const VIP = parameter('vip', 'A VIP address, in any case.');

/** What is absent from some. */
const OPTIONAL: ReadonlySet<string> = new Set(['homePageUrl', 'statusPageUrl', 'healthCheckUrl']);
const INSTANCE = named(
  'EurekaInstance',
  shapeOf(
    Object.fromEntries(
      Object.entries({ ...toInstance(SAMPLE, ''), metadata: {} }).filter(([key]) => !OPTIONAL.has(key)),
    ),
  ),
);
const APPLICATION: Schema = {
  title: 'EurekaApplication',
  type: 'object',
  required: ['name', 'instance'],
  properties: { name: { type: 'string' }, instance: { type: 'array', items: INSTANCE } },
};
const APPLICATIONS: Schema = {
  title: 'EurekaApplications',
  type: 'object',
  required: ['versions__delta', 'apps__hashcode', 'application'],
  properties: {
    versions__delta: { type: 'string' },
    apps__hashcode: { type: 'string' },
    application: { type: 'array', items: APPLICATION },
  },
};

/** JSON's body is one key, XML's the element of that name. */
const answers = (key: string, schema: Schema): Route['responses'] => ({
  200: {
    description: 'JSON where Accept says json, else XML.',
    content: {
      'application/json': { type: 'object', required: [key], properties: { [key]: schema } },
      'application/xml': { type: 'string' },
    },
  },
  ...UNCHANGED,
  ...UNREADABLE,
});
const ALL = answers('applications', APPLICATIONS);
const MISSING = { 404: { description: 'There is none.' } };
const ONE = { ...answers('instance', INSTANCE), ...MISSING };

type Description = Pick<Route, 'path' | 'summary' | 'handle' | 'responses'> & Partial<Route>;

const DESCRIPTIONS: readonly Description[] = [
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
    responses: { ...answers('application', APPLICATION), ...MISSING },
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

/** Under Spring's prefix and under Netflix'. Java's clients write the list with a slash at its end, which the server takes anywhere. */
export const eurekaRoutes: readonly Route[] = ['/eureka', '/eureka/v2'].flatMap((prefix) =>
  DESCRIPTIONS.map(
    (description): Route => ({
      method: 'GET',
      ...description,
      path: prefix + description.path,
      slashed: true,
    }),
  ),
);
