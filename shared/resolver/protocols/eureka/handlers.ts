import type { ResolverResponse } from '../../http/message.ts';
import { Problem, quote } from '../../http/problem.ts';
import type { Pieces } from '../../http/render.ts';
import type { Snapshot } from '../../lookup/snapshot.ts';
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
  render: (snapshot: Snapshot, format: Format) => Pieces,
): Promise<ResolverResponse> => {
  const asJson = /json/i.test(context.request.headers['accept'] ?? '');
  const format = asJson ? JSON_FORMAT : XML_FORMAT;
  return keptList(context, async (reader) => render(await reader.snapshot(), format), {
    type: format.type,
    headers: { vary: 'accept' },
  });
};

/** `/apps`, and `/apps/delta` with every instance as added. */
export const listApplications = (context: RequestContext) =>
  answer(context, (snapshot, format) => format.applications(applicationsOf(snapshot)));

/** `/apps/{app}` */
export const showApplication = (context: RequestContext) => {
  const { app = '' } = context.params;
  const name = app.toUpperCase();
  return answer(context, (snapshot, format) =>
    format.application(name, applicationsOf(snapshot).get(name) ?? notFound('application', app)),
  );
};

/** `/apps/{app}/{id}` and `/instances/{id}` */
export const showInstance = (context: RequestContext) => {
  const { app, id = '' } = context.params;
  return answer(context, (snapshot, format) =>
    format.instance(findInstance(snapshot, app, id) ?? notFound('instance', id)),
  );
};

const findInstance = (
  snapshot: Snapshot,
  app: string | undefined,
  id: string,
): AppInstance | undefined =>
  app === undefined
    ? instancesById(snapshot).get(id)
    : applicationsOf(snapshot)
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
  answer(context, (snapshot, format) =>
    format.applications(applicationsOfVip(snapshot, field, context.params['vip'] ?? '')),
  );
