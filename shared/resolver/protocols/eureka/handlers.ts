import { REVALIDATE, type ResolverResponse } from '../../http/message.ts';
import { Problem, quote } from '../../http/problem.ts';
import { ownServices, type RequestReader } from '../../lookup/request-reader.ts';
import type { RequestContext } from '../../route.ts';
import {
  type Application,
  type InstanceEntry,
  toApplications,
  toApplicationsBody,
} from './entries.ts';
import { toXml } from './xml.ts';

/** As the server chooses: JSON where Accept names it anywhere, else XML (Prometheus reads XML). */
const answer = (
  { request }: RequestContext,
  body: Readonly<Record<string, unknown>>,
): ResolverResponse => {
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

const readApplications = async (reader: RequestReader) => toApplications(await ownServices(reader));

const readApplication = async ({ reader }: RequestContext, name: string) =>
  (await readApplications(reader)).find((one) => one.name === name.toUpperCase());

/** `/apps`, and `/apps/delta` with every instance as added. */
export const listApplications = async (context: RequestContext) =>
  answer(context, toApplicationsBody(await readApplications(context.reader)));

/** `/apps/{app}` */
export const showApplication = async (context: RequestContext) => {
  const name = context.params['app'] ?? '';
  const application = (await readApplication(context, name)) ?? notFound('application', name);
  return answer(context, { application });
};

/** `/apps/{app}/{id}` and `/instances/{id}` */
export const showInstance = async (context: RequestContext) => {
  const { app, id = '' } = context.params;
  const applications =
    app === undefined
      ? await readApplications(context.reader)
      : [await readApplication(context, app)];
  const instance = findInstance(
    applications.filter((one) => one !== undefined),
    id,
  );
  return answer(context, { instance: instance ?? notFound('instance', id) });
};

/** Applications can share an id; the first is shown, as the server does. */
const findInstance = (applications: readonly Application[], id: string) =>
  applications.flatMap(({ instance }) => instance).find(({ instanceId }) => instanceId === id);

const notFound = (what: string, name: string): never => {
  throw new Problem(404, `No ${what} ${quote(name)}.`);
};

/**
 * `/vips/{vip}` and `/svips/{vip}`. Case is ignored, as Spring does: where the source is Eureka,
 * the name's own case may be lost. Where nothing is found the answer is an empty 200, as the
 * server's.
 */
export const listVip =
  (field: 'vipAddress' | 'secureVipAddress') => async (context: RequestContext) => {
    const wanted = (context.params['vip'] ?? '').toUpperCase();
    const matches = (instance: InstanceEntry) =>
      (instance[field] ?? '').split(',').some((vip) => vip.trim().toUpperCase() === wanted);
    const found = (await readApplications(context.reader)).flatMap(({ name, instance }) => {
      const matching = instance.filter(matches);
      return matching.length > 0 ? [{ name, instance: matching }] : [];
    });
    return answer(context, toApplicationsBody(found));
  };
