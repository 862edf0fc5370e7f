import type { Target } from '../../../model/registration.ts';
import type { ServiceSummary } from '../../../registries/registry.ts';
import { json, type ResolverResponse } from '../../http/message.ts';
import { negotiate } from '../../http/negotiate.ts';
import { Problem, quote, unavailable } from '../../http/problem.ts';
import { chooseTarget } from '../../lookup/choose.ts';
import { type Service, toSummary } from '../../lookup/request-reader.ts';
import { authorityOf, locationOf } from '../../lookup/target.ts';
import type { Call, Route } from '../../pipeline/router.ts';
import type { Parameter } from '../../pipeline/validation.ts';
import { CHOICE_PARAMETERS, filterChoice, filterList, LIST_PARAMETERS, limited } from '../filters.ts';
import { SERVICE_LIST, SERVICE_WITH_INSTANCES, TARGET } from '../schemas.ts';
import { NO_STORE, UNCHANGED, UNREADABLE } from '../shared.ts';

/** Our own API: JSON, plain text for scripts, and redirects. */

const NAME: Parameter = {
  name: 'name',
  in: 'path',
  description: "The service's name, as the registry carries it.",
  schema: { type: 'string', minLength: 1 },
};
const PATH: Parameter = {
  name: 'path',
  in: 'path',
  description: "The path on the instance; the query is the instance's too.",
  schema: { type: 'string' },
};

const UNKNOWN = { 404: { description: 'No such service.' } };
const NOBODY = {
  502: { description: 'The registry holds no valid address for the instance.' },
  503: { description: 'No instance is healthy, or the registry cannot be read.' },
};

const instancesOf = async ({ params, reader }: Call): Promise<readonly Target[]> => {
  const name = params['name'] ?? '';
  const targets = await reader.instances(name);
  if (!targets) throw new Problem(404, `No service ${quote(name)}.`);
  return targets;
};

const pick = (targets: readonly Target[], { params, random }: Call, zone?: string): Target => {
  const target = chooseTarget(targets, { zone, random });
  if (!target) throw unavailable(`No healthy instance of ${quote(params['name'] ?? '')} fits.`);
  return target;
};

const summarize = (
  { name, targets }: Service,
  keep: (target: Target) => boolean,
): readonly ServiceSummary[] => {
  const kept = targets.filter(keep);
  if (kept.length === 0) return [];
  return [toSummary({ name, targets: kept })];
};

const listServices = async ({ request: { query }, reader }: Call): Promise<ResolverResponse> => {
  const keep = filterList(query);
  const services = keep
    ? (await reader.everything()).flatMap((service) => summarize(service, keep))
    : await reader.services();
  return json({ services: limited(services, query) });
};

const showService = async (call: Call): Promise<ResolverResponse> => {
  const { query } = call.request;
  const targets = (await instancesOf(call)).filter(filterList(query) ?? (() => true));
  return json({ name: call.params['name'], instances: limited(targets, query) });
};

const resolve = async (call: Call): Promise<ResolverResponse> => {
  const { query, headers } = call.request;
  const fitting = (await instancesOf(call)).filter(filterChoice(query));
  const target = pick(fitting, call, query.get('zone') ?? undefined);
  const type = negotiate(headers['accept'], ['application/json', 'text/plain']);
  const shared = { ...NO_STORE, vary: 'accept' };
  if (type !== 'text/plain') return json(target, shared);
  return {
    status: 200,
    headers: { ...shared, 'content-type': 'text/plain; charset=utf-8' },
    body: authorityOf(target),
  };
};

/** A token in the query opens nothing here (access.ts), so the query goes on whole: it is the instance's. */
const go = async (call: Call): Promise<ResolverResponse> => {
  const targets = await instancesOf(call);
  const tcp = targets.filter(({ protocol }) => protocol === 'tcp');
  if (tcp.length === 0 && targets.length > 0)
    throw new Problem(409, `${quote(call.params['name'] ?? '')} speaks udp only: no redirect leads there.`);
  const location = locationOf(pick(tcp, call), call.params['path'] ?? '', call.request.rawQuery);
  return { status: 307, headers: { ...NO_STORE, location }, body: '' };
};

const REDIRECTS = {
  307: { description: 'Location is the instance.' },
  ...UNKNOWN,
  409: { description: 'The service speaks udp only.' },
  ...NOBODY,
};

export const rollcallRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/services',
    summary:
      'Every service, with how many instances it has. Filters count what fits, and leave out services without.',
    parameters: LIST_PARAMETERS,
    exact: true,
    responses: {
      200: { description: 'Sorted by name.', content: { 'application/json': SERVICE_LIST } },
      ...UNCHANGED,
      ...UNREADABLE,
    },
    handle: listServices,
  },
  {
    method: 'GET',
    path: '/services/{name}',
    summary: 'One service with its instances, the unhealthy ones included.',
    parameters: [NAME, ...LIST_PARAMETERS],
    exact: true,
    responses: {
      200: { description: 'Sorted by id.', content: { 'application/json': SERVICE_WITH_INSTANCES } },
      ...UNCHANGED,
      ...UNKNOWN,
      ...UNREADABLE,
    },
    handle: showService,
  },
  {
    method: 'GET',
    path: '/resolve/{name}',
    summary: 'One healthy instance, at random by weight.',
    parameters: [NAME, ...CHOICE_PARAMETERS],
    exact: true,
    responses: {
      200: {
        description: 'The instance; as text host:port, IPv6 in brackets.',
        content: { 'application/json': TARGET, 'text/plain': { type: 'string' } },
      },
      ...UNKNOWN,
      ...NOBODY,
    },
    handle: resolve,
  },
  {
    method: 'ANY',
    path: '/go/{name}',
    summary: 'Redirects to one healthy instance.',
    parameters: [NAME],
    responses: REDIRECTS,
    handle: go,
  },
  {
    method: 'ANY',
    path: '/go/{name}/{path+}',
    summary: 'Redirects to a path of one healthy instance, method and query kept.',
    parameters: [NAME, PATH],
    responses: REDIRECTS,
    handle: go,
  },
  {
    method: 'GET',
    path: '/health',
    summary: 'Whether the resolver itself answers; says nothing of the registry.',
    responses: { 200: { description: 'It does.', content: { 'application/json': { type: 'object' } } } },
    free: true,
    handle: () => json({ status: 'ok' }, NO_STORE),
  },
];
