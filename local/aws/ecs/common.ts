import { number, type Page, text, texts, toPage } from '../input.ts';
import { AwsFault } from '../service.ts';
import type { Cluster } from '../world/shapes.ts';
import type { World } from '../world.ts';

export type Input = Readonly<Record<string, unknown>>;
export type Output = Record<string, unknown>;

export const invalid = (message: string) => new AwsFault('InvalidParameterException', message);

/**
 * The cluster that the call names, `default` where it names none. Throws for unknown and inactive
 * ones.
 */
export const clusterOf = (world: World, input: Input): Cluster => {
  const cluster = world.cluster(text(input, 'cluster') ?? 'default');
  if (!cluster) throw new AwsFault('ClusterNotFoundException', 'Cluster not found.');
  if (cluster.status === 'INACTIVE')
    throw new AwsFault('ClusterNotFoundException', 'The referenced cluster was inactive.');
  return cluster;
};

/** A page of ARNs: at most, and by default, 100 (10 where said). */
export const arnPage = (
  input: Input,
  arns: readonly string[],
  { usual = 100 } = {},
): Page<string> => {
  const size = number(input, 'maxResults') ?? usual;
  if (size < 1 || size > 100) throw invalid('maxResults: expected 1 to 100');
  return toPage(arns, (arn) => arn, {
    size,
    token: text(input, 'nextToken'),
    invalid: () => invalid('Invalid token.'),
  });
};

/** The ids of a Describe call: at least one, at most so many. */
export const idsOf = (input: Input, name: string, limit: number): readonly string[] => {
  const ids = texts(input, name);
  if (ids.length === 0) throw invalid(`${name} cannot be empty.`);
  if (ids.length > limit) throw invalid(`${name} can have at most ${limit} items.`);
  return ids;
};

interface Query<T> {
  readonly ids: readonly string[];
  readonly kind: 'task' | 'container-instance' | 'service';
  readonly find: (arn: string) => T | undefined;
}

/**
 * Describes what is found and lists the rest as `failures`; one identifier that is wrong fails the
 * whole call.
 */
export const describeEach = <T>(
  world: World,
  cluster: Cluster,
  { ids, kind, find }: Query<T>,
): { found: T[]; failures: Output[] } => {
  const found: T[] = [];
  const failures: Output[] = [];
  for (const given of ids) {
    const id = identify(world, cluster, kind, given);
    const arn = world.arn('ecs', `${kind}/${cluster.clusterName}/${id}`);
    const item = find(arn);
    if (item === undefined) failures.push({ arn, reason: 'MISSING' });
    else found.push(item);
  }
  return { found, failures };
};

/** AWS makes ids of 32 digits, and made UUIDs before; services are known by name. */
const ID_LENGTHS: readonly number[] = [32, 36];

/**
 * The id in an ARN, in the older ARN that names no cluster, or by itself. Refuses as AWS does, for
 * the region in words of its own.
 */
const identify = (
  world: World,
  { clusterName }: Cluster,
  kind: Query<unknown>['kind'],
  given: string,
) => {
  const [path = '', account, region, service] = given.split(':').reverse();
  const segments = path.split('/');
  const id = segments.at(-1) ?? '';
  const [named = clusterName] = segments.slice(1, -1);
  if (given.startsWith('arn:')) {
    if (segments.length > 3 || given.split(':').length !== 6) throw invalid(SEPARATORS);
    if (service !== 'ecs' || segments[0] !== kind)
      throw invalid(`Unsupported resource type: ${segments[0]}`);
    if (account !== world.account)
      throw invalid(`Identifier is for ${account}. Your accountId is ${world.account}`);
    if (region !== world.region)
      throw invalid(`Identifier is for ${region}. Your region is ${world.region}`);
    if (named !== clusterName)
      throw invalid(
        `Invalid identifier: Identifier is for cluster ${named}. Your cluster is ${clusterName}`,
      );
  } else if (given.includes('/') || given.includes(':')) throw invalid(SEPARATORS);
  if (kind !== 'service' && !ID_LENGTHS.includes(id.length))
    throw invalid(`${kind}Id length should be one of [32,36]`);
  return id;
};

const SEPARATORS = 'Invalid identifier: Unexpected number of separators';

export const wantsTags = (input: Input) => texts(input, 'include').includes('TAGS');
