import type { Target } from '../../../model/registration.ts';
import { type Awaitable, andThen } from '../../../platform/awaitable.ts';
import { memoize } from '../../../platform/memoize.ts';
import type { ServiceTargets } from '../../../registries/registry.ts';
import { json, NO_STORE, type RequestTarget, type ResolverResponse } from '../../http/message.ts';
import { negotiate } from '../../http/negotiate.ts';
import { Problem, quote, unavailable } from '../../http/problem.ts';
import { jsonList, type Pieces } from '../../http/render.ts';
import { chooseTarget } from '../../lookup/choose.ts';
import type { RequestReader } from '../../lookup/request-reader.ts';
import { authorityOf, locationOf } from '../../lookup/target.ts';
import type { RequestContext } from '../../route.ts';
import { applyLimit, choiceFilter, listFilter, type TargetFilter } from '../filters.ts';
import { keptList } from '../list.ts';

/** `GET /services` */
export const listServices = (context: RequestContext): Awaitable<ResolverResponse> =>
  keptList(context, async (reader) => {
    const { query } = context.request.target;
    const filter = listFilter(query);
    const { services } = await reader.catalogue();
    const summaries = filter
      ? services.flatMap((service) => summarizeMatching(service, filter))
      : services.map(toServiceSummary);
    return [JSON.stringify({ services: applyLimit(summaries, query) })];
  });

interface ServiceSummary {
  readonly name: string;
  readonly instances: number;
  readonly healthy: number;
}

const toServiceSummary = ({ name, targets }: ServiceTargets): ServiceSummary => ({
  name,
  instances: targets.length,
  healthy: targets.filter(({ healthy }) => healthy).length,
});

/** Nothing where no instance matches. */
const summarizeMatching = (
  { name, targets }: ServiceTargets,
  filter: TargetFilter,
): readonly ServiceSummary[] => {
  const matching = targets.filter(filter);
  return matching.length > 0 ? [toServiceSummary({ name, targets: matching })] : [];
};

/** `GET /services/{name}` */
export const showService = (context: RequestContext): Awaitable<ResolverResponse> =>
  keptList(context, async (reader) => {
    const { query } = context.request.target;
    const matches = listFilter(query) ?? (() => true);
    const matching = (await instancesOf(context, reader)).filter(matches);
    return showInstances(context.params['name'] ?? '', applyLimit(matching, query));
  });

function* showInstances(name: string, instances: readonly Target[]): Pieces {
  yield `{"name":${JSON.stringify(name)},"instances":`;
  yield* jsonList(instances, (target) => target);
  yield '}';
}

/** What a target says of the instance that is wanted. */
const choiceIn = memoize(({ query }: RequestTarget) => ({
  matches: choiceFilter(query),
  zone: query.get('zone') ?? undefined,
}));

/** `GET /resolve/{name}` */
export const resolveService = (context: RequestContext): Awaitable<ResolverResponse> => {
  const { matches, zone } = choiceIn(context.request.target);
  return andThen(instancesOf(context), (targets) => {
    const target = chooseHealthy(targets.filter(matches), context, zone);
    const accepted = context.request.headers['accept'];
    const type = negotiate(accepted, ['application/json', 'text/plain']);
    const shared = { ...NO_STORE, vary: 'accept' };
    if (type !== 'text/plain') return json(target, shared);
    return {
      status: 200,
      headers: { ...shared, 'content-type': 'text/plain; charset=utf-8' },
      body: authorityOf(target),
    };
  });
};

/** `/go/{name}/{path+}`. The query goes on whole: no token is read from it, so none gets out. */
export const redirect = (context: RequestContext): Awaitable<ResolverResponse> =>
  andThen(instancesOf(context), (targets) => {
    const { params, request } = context;
    const tcp = targets.filter(({ protocol }) => protocol === 'tcp');
    if (tcp.length === 0 && targets.length > 0)
      throw new Problem(
        409,
        `${quote(params['name'] ?? '')} speaks udp only: no redirect leads there.`,
      );
    const location = locationOf(
      chooseHealthy(tcp, context),
      params['path'] ?? '',
      request.target.rawQuery,
    );
    return { status: 307, headers: { ...NO_STORE, location }, body: '' };
  });

const instancesOf = (
  { params, reader: own }: RequestContext,
  reader: RequestReader = own,
): Awaitable<readonly Target[]> => {
  const name = params['name'] ?? '';
  return andThen(reader.instances(name), (targets) => {
    if (!targets) throw new Problem(404, `No service ${quote(name)}.`);
    return targets;
  });
};

const chooseHealthy = (
  targets: readonly Target[],
  { params, random }: RequestContext,
  zone?: string,
): Target => {
  const target = chooseTarget(targets, { zone, random });
  if (!target) throw unavailable(`No healthy instance of ${quote(params['name'] ?? '')} fits.`);
  return target;
};

/** `GET /ready` */
export const showReadiness = async ({ untilReady }: RequestContext): Promise<ResolverResponse> => {
  await untilReady();
  return json({ status: 'ready' }, NO_STORE);
};

/** `GET /metrics` */
export const showMetrics = ({ metrics }: RequestContext): ResolverResponse => ({
  status: 200,
  headers: { ...NO_STORE, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  body: metrics.text(),
});
