import { number, type Page, text, texts, toPage } from '../input.ts';
import { AwsFault } from '../service.ts';
import { lastSegment } from '../world/names.ts';
import type { Cluster } from '../world/shapes.ts';
import type { World } from '../world.ts';

export type Input = Readonly<Record<string, unknown>>;
export type Output = Record<string, unknown>;

export const invalid = (message: string) => new AwsFault('InvalidParameterException', message);

/** The cluster that the call names, `default` where it names none. Throws for unknown and inactive ones. */
export const clusterOf = (world: World, input: Input): Cluster => {
  const cluster = world.cluster(text(input, 'cluster') ?? 'default');
  if (!cluster) throw new AwsFault('ClusterNotFoundException', 'Cluster not found.');
  if (cluster.status === 'INACTIVE')
    throw new AwsFault('ClusterNotFoundException', 'The referenced cluster was inactive.');
  return cluster;
};

/** A page of ARNs: at most, and by default, 100 (10 where said). */
export const arnPage = (input: Input, arns: readonly string[], { usual = 100 } = {}): Page<string> => {
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

/** Describes what is found and lists the rest as `failures`. Full ARNs must be of the call's cluster. */
export const describeEach = <T>(
  world: World,
  cluster: Cluster,
  query: { ids: readonly string[]; kind: string; find: (id: string) => T | undefined },
): { found: T[]; failures: Output[] } => {
  const found: T[] = [];
  const failures: Output[] = [];
  for (const given of query.ids) {
    const id = lastSegment(given);
    const arn = `arn:aws:ecs:${world.region}:${world.account}:${query.kind}/${cluster.clusterName}/${id}`;
    if (given.startsWith('arn:') && given !== arn)
      throw invalid(`Identifier is for ${given.split('/').at(-2)}. Your cluster is ${cluster.clusterName}`);
    const item = query.find(arn);
    if (item === undefined) failures.push({ arn, reason: 'MISSING' });
    else found.push(item);
  }
  return { found, failures };
};

export const wantsTags = (input: Input) => texts(input, 'include').includes('TAGS');
