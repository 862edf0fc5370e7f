import { grantersOf, isForTheEnd, isLasting, type Need, needsOf } from '../checker/needs.ts';
import { type Made, NAMED_BY, type Stack } from '../resolve.ts';
import { at } from '../template.ts';
import type { Update } from './update.ts';

/** What an update breaks, `resource: fault`; empty for one that can be made at any time. */
export const judge = (update: Update): readonly string[] => [
  ...lostRights(update),
  ...neededAfterwards(update),
  ...nameClashes(update),
  ...openedMeanwhile(update),
];

/** Each need of what stands beforehand is to be granted until it is changed or gone. */
const lostRights = (update: Update): readonly string[] =>
  needsOf(update.old)
    .filter((need) => isLasting(need) && grantersOf(update.old, need).length > 0)
    .filter((need) => grantersOf(meanwhile(update, need.resource), need).length === 0)
    .map((need) => `${need.resource}: loses ${wordsOf(need)} before it is changed or gone`);

/**
 * The worst that this resource sees while it is as before: all that CloudFormation may have changed
 * ahead of it is changed, and all that it may delete ahead of it is deleted.
 */
const meanwhile = ({ old, next, changes }: Update, resource: string): Stack => {
  const stands = (name: string, one: Made): Made | undefined => {
    if (name === resource) return one;
    const kind = changes.get(name);
    if (kind === 'changed' && !next.before(name).includes(resource)) return next.resources[name];
    const goesFirst = kind === 'deleted' && changes.get(resource) === 'deleted';
    return goesFirst && !old.before(resource).includes(name) ? undefined : one;
  };
  const resources = Object.entries(old.resources).flatMap(([name, one]) => {
    const found = stands(name, one);
    return found ? [[name, found] as const] : [];
  });
  return { resources: Object.fromEntries(resources), before: old.before };
};

/** What was begun under the old parameters is ended with the rights of the new ones. */
const neededAfterwards = (update: Update): readonly string[] =>
  [...interfaces(update), ...messages(update)]
    .filter((need) => grantersOf(update.next, need).length === 0)
    .map((need) => `${need.resource}: has no longer ${wordsOf(need)}`);

/**
 * Lambda deletes a function's interfaces with its role, up to twenty minutes after it has left its
 * subnets.
 */
const interfaces = ({ old, next }: Update): readonly Need[] =>
  needsOf(old)
    .filter((need) => isForTheEnd(need) && need.resource in next.resources)
    .map((need) => ({ ...need, by: roleOf(next, need.resource) }));

/** A queue's messages stay under the key under which they were sent. */
const messages = ({ old, next }: Update): readonly Need[] =>
  needsOf(old)
    .filter(({ resource, action }) => action === 'kms:Decrypt' && resource in next.resources)
    .map((need) => {
      const receive = needsOf(next).find(({ resource }) => resource === need.resource);
      return { ...need, by: receive?.by ?? need.by };
    });

const roleOf = ({ resources }: Stack, name: string) => {
  const arn = resources[name]?.Properties['Role'];
  return Object.values(resources).find((one) => one.arn === arn)?.ref ?? '';
};

/** What is made or replaced under a name that something else still has then. */
const nameClashes = ({ old, next, changes }: Update): readonly string[] => {
  const taken = Object.values(old.resources).flatMap((one) => nameOf(one) ?? []);
  return [...changes]
    .filter(([, kind]) => kind === 'made' || kind === 'replaced')
    .flatMap(([name]) => {
      const wanted = next.resources[name] && nameOf(next.resources[name]);
      return wanted && taken.includes(wanted)
        ? [`${name}: is made while ${wanted} still stands`]
        : [];
    });
};

/** Service and name, where the template gives one: both kinds of namespaces share their names. */
const nameOf = ({ Type, Properties }: Made): string | undefined => {
  const name = Properties[NAMED_BY[Type] ?? ''];
  return name === undefined
    ? undefined
    : `${Type.replace(/(::ServiceDiscovery)::.*/, '$1')} ${name}`;
};

/**
 * Who may ask is checked by the function or before it: once one has given that up, the other must
 * do so already.
 */
const openedMeanwhile = ({ old, next, changes }: Update): readonly string[] =>
  Object.entries(old.resources)
    .filter(
      ([name, { Properties }]) =>
        changes.get(name) === 'changed' &&
        Properties['AuthorizationType'] === 'NONE' &&
        next.resources[name]?.Properties['AuthorizationType'] !== 'NONE' &&
        next.before(name).some((one) => asksForToken(old, one) && !asksForToken(next, one)),
    )
    .map(([name]) => `${name}: lets everybody in until it is changed`);

const asksForToken = ({ resources }: Stack, name: string) =>
  at(resources[name]?.Properties, 'Environment', 'Variables', 'ROLLCALL_RESOLVE_ACCESS') ===
  'token';

const wordsOf = ({ by, action, on }: Need) => `${by} ${action} on ${on}`;

/** What holds something that no deployment brings back, and what that is. */
export const KEPT: Readonly<Record<string, string>> = {
  'AWS::Logs::LogGroup': 'its log',
  'AWS::S3::Bucket': 'the zips',
  'AWS::SecretsManager::Secret': 'the token',
  'AWS::ServiceDiscovery::HttpNamespace': 'the namespace',
  'AWS::ServiceDiscovery::PrivateDnsNamespace': 'the namespace',
  'AWS::SQS::Queue': 'its messages',
  'AWS::SSM::Parameter': 'its value',
};

/** Logical ids of what is deleted or replaced, with what it holds. */
export const losses = ({ old, changes }: Update): readonly string[] =>
  [...changes]
    .filter(
      ([name, kind]) =>
        (kind === 'deleted' || kind === 'replaced') && (old.resources[name]?.Type ?? '') in KEPT,
    )
    .map(([name]) => name);
