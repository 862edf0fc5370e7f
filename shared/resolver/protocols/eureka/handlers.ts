import type { Awaitable } from '../../../platform/awaitable.ts';
import type { ResolverResponse } from '../../http/message.ts';
import { Problem, quote } from '../../http/problem.ts';
import type { Pieces } from '../../http/render.ts';
import type { Catalogue } from '../../lookup/catalogue.ts';
import type { RequestContext } from '../../route.ts';
import { keptList } from '../list.ts';
import {
  type AppInstance,
  applicationsOf,
  applicationsOfVip,
  instancesById,
  type VipField,
} from './applications.ts';
import { type Format, JSON_FORMAT, XML_FORMAT } from './render.ts';

/** As the server chooses: JSON where Accept names it anywhere, else XML (Prometheus reads XML). */
const answer = (
  context: RequestContext,
  render: (catalogue: Catalogue, format: Format) => Pieces,
): Awaitable<ResolverResponse> => {
  const asJson = /json/i.test(context.request.headers['accept'] ?? '');
  const format = asJson ? JSON_FORMAT : XML_FORMAT;
  return keptList(context, async (reader) => render(await reader.catalogue(), format), {
    type: format.type,
    headers: { vary: 'accept' },
  });
};

/** `/apps`, and `/apps/delta` with every instance as added. */
export const listApplications = (context: RequestContext) =>
  answer(context, (catalogue, format) => format.applications(applicationsOf(catalogue)));

/** `/apps/{app}` */
export const showApplication = (context: RequestContext) => {
  const { app = '' } = context.params;
  const name = app.toUpperCase();
  return answer(context, (catalogue, format) =>
    format.application(name, applicationsOf(catalogue).get(name) ?? notFound('application', app)),
  );
};

/** `/apps/{app}/{id}` and `/instances/{id}` */
export const showInstance = (context: RequestContext) => {
  const { app, id = '' } = context.params;
  return answer(context, (catalogue, format) =>
    format.instance(findInstance(catalogue, app, id) ?? notFound('instance', id)),
  );
};

const findInstance = (
  catalogue: Catalogue,
  app: string | undefined,
  id: string,
): AppInstance | undefined =>
  app === undefined
    ? instancesById(catalogue).get(id)
    : applicationsOf(catalogue)
        .get(app.toUpperCase())
        ?.find((one) => one.id === id);

const notFound = (what: string, name: string): never => {
  throw new Problem(404, `No ${what} ${quote(name)}.`);
};

/**
 * `/vips/{vip}` and `/svips/{vip}`. Where nothing is found the answer is an empty 200, as the
 * server's.
 */
export const listVip = (field: VipField) => (context: RequestContext) =>
  answer(context, (catalogue, format) =>
    format.applications(applicationsOfVip(catalogue, field, context.params['vip'] ?? '')),
  );
