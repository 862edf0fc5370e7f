import { REVALIDATE, type ResolverResponse } from '../message.ts';
import type { Parameter } from '../parameters.ts';
import { Problem, quote } from '../problem.ts';
import type { Call, Route } from '../routes.ts';
import { UNREADABLE } from './common.ts';
import { type Application, readApplications, toBody } from './eureka/applications.ts';
import type { EurekaInstance } from './eureka/instance.ts';
import { toXml } from './eureka/xml.ts';

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

const SHAPES = {
  'application/json': { type: 'object' },
  'application/xml': { type: 'string' },
};
const responses = {
  200: { description: 'JSON where Accept says json, else XML.', content: SHAPES },
  ...UNREADABLE,
};
const findings = { ...responses, 404: { description: 'There is none.' } };

type Description = Pick<Route, 'path' | 'summary' | 'handle' | 'responses'> & Partial<Route>;

const DESCRIPTIONS: readonly Description[] = [
  {
    path: '/apps',
    summary: 'Every application with its instances, and the hash of their statuses.',
    responses,
    handle: listApplications,
  },
  {
    path: '/apps/delta',
    summary:
      'What may have changed: every instance, as added. Whoever holds more than that finds another hash.',
    responses,
    handle: listApplications,
  },
  {
    path: '/apps/{app}',
    summary: 'One application.',
    parameters: [APP],
    responses: findings,
    handle: showApplication,
  },
  {
    path: '/apps/{app}/{id}',
    summary: 'One instance of an application.',
    parameters: [APP, ID],
    responses: findings,
    handle: showInstance,
  },
  {
    path: '/instances/{id}',
    summary: 'One instance.',
    parameters: [ID],
    responses: findings,
    handle: showInstance,
  },
  {
    path: '/vips/{vip}',
    summary: 'The instances of a VIP address.',
    parameters: [VIP],
    responses,
    handle: listVip('vipAddress'),
  },
  {
    path: '/svips/{vip}',
    summary: 'The instances of a secure VIP address.',
    parameters: [VIP],
    responses,
    handle: listVip('secureVipAddress'),
  },
];

/** Under Spring's prefix and under Netflix'; Java's clients write the list with a slash at its end. */
export const eurekaRoutes: readonly Route[] = ['/eureka', '/eureka/v2'].flatMap((prefix) =>
  DESCRIPTIONS.flatMap((description) =>
    (description.path === '/apps' ? ['', '/'] : ['']).map(
      (slash): Route => ({ method: 'GET', ...description, path: `${prefix}${description.path}${slash}` }),
    ),
  ),
);
