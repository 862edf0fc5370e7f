import { NO_STORE, type ResolverResponse } from '../../http/message.ts';
import { Problem, quote, shorten } from '../../http/problem.ts';
import type { RequestContext } from '../../route.ts';
import { TYPE, toAssignment } from './entries.ts';

/** `POST /v3/discovery:endpoints` */
export const discoverEndpoints = async ({
  body,
  reader,
  answers,
}: RequestContext): Promise<ResolverResponse> => {
  const { name, version } = parseDiscoveryRequest(body);
  // Kept is the resource alone: around it stands its own digest.
  const resource = await answers.get(`envoy ${name}`, reader, async (reads) => {
    const targets = await reads.instances(name);
    if (!targets) throw new Problem(404, `No service ${quote(name)}.`);
    return [JSON.stringify(toAssignment(name, targets))];
  });
  const current = resource.digest.toString('hex').slice(0, 16);
  if (version === current) return { status: 304, headers: NO_STORE, body: '' };
  return {
    status: 200,
    headers: { ...NO_STORE, 'content-type': 'application/json' },
    body: `{"version_info":"${current}","type_url":"${TYPE}","resources":[${await resource.plain()}]}`,
  };
};

interface DiscoveryRequest {
  readonly name: string;
  /** Of the answer that the client holds; empty: it holds none. */
  readonly version: string;
}

/** Throws a 400 that names the field. Keys may be in camel case, as in protobuf's JSON. */
const parseDiscoveryRequest = (body: string): DiscoveryRequest => {
  const fields = parseObject(body);
  const type = fields['type_url'] ?? fields['typeUrl'] ?? TYPE;
  if (type !== TYPE && type !== '')
    throw new Problem(400, `type_url: expected ${TYPE}, got ${shown(type)}`);
  const names = fields['resource_names'] ?? fields['resourceNames'];
  const [name] = Array.isArray(names) && names.length === 1 ? names : [];
  if (typeof name !== 'string' || name === '')
    throw new Problem(
      400,
      `resource_names: expected a list of exactly one name, got ${shown(names)}`,
    );
  const version = fields['version_info'] ?? fields['versionInfo'] ?? '';
  if (typeof version !== 'string')
    throw new Problem(400, `version_info: expected a text, got ${shown(version)}`);
  return { name, version };
};

const parseObject = (body: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return Object.fromEntries(Object.entries(value));
  } catch {
    // The error below says what was expected.
  }
  throw new Problem(400, `body: expected a DiscoveryRequest as a JSON object, got ${quote(body)}`);
};

const shown = (value: unknown) => shorten(JSON.stringify(value) ?? 'nothing');
