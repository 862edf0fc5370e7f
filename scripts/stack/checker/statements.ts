import type { Made, Stack } from '../resolve.ts';
import { at, type Json, list } from '../template.ts';

/**
 * A policy document, what holds it, and the roles that it speaks for; none where it is a queue's or
 * a bucket's.
 */
export interface Policy {
  /** Logical id. */
  readonly resource: string;
  /** As IAM calls them. */
  readonly roles: readonly string[];
  readonly document: Json;
}

/** One statement of a policy, with one form for what may be a text or a list. */
export interface Statement extends Omit<Policy, 'document'> {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly Condition[];
  readonly principal: Json;
}

/** `ArnEquals`, `aws:SourceArn`, and what is taken. */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** Every policy of the stack but those that say who may assume a role. */
export const policiesOf = ({ resources }: Stack): readonly Policy[] => {
  const all = Object.entries(resources);
  const holders = (arn: string) =>
    all
      .filter(([, one]) => texts(one.Properties['ManagedPolicyArns']).includes(arn))
      .map(([, one]) => one.ref);
  const rolesOf = ({ Type, Properties, ref }: Made) =>
    Type === 'AWS::IAM::ManagedPolicy' ? holders(ref) : texts(Properties['Roles']);
  return all.flatMap(([resource, one]) => {
    const inline = list(one.Properties['Policies']).map((policy) => at(policy, 'PolicyDocument'));
    const own = one.Properties['PolicyDocument'];
    return [
      ...inline.map((document) => ({ resource, roles: [one.ref], document })),
      ...(own === undefined ? [] : [{ resource, roles: rolesOf(one), document: own }]),
    ];
  });
};

const KNOWN = new WeakMap<Stack, readonly Statement[]>();

/** Every statement of those policies; read once for each stack, since every rule asks. */
export const statementsOf = (stack: Stack): readonly Statement[] => {
  const known = KNOWN.get(stack) ?? readStatements(stack);
  KNOWN.set(stack, known);
  return known;
};

const readStatements = (stack: Stack) =>
  policiesOf(stack).flatMap(({ document, ...policy }) =>
    list(at(document, 'Statement')).map((statement) => ({
      ...policy,
      effect: String(at(statement, 'Effect')),
      actions: texts(at(statement, 'Action')),
      resources: texts(at(statement, 'Resource')),
      conditions: conditionsIn(at(statement, 'Condition')),
      principal: at(statement, 'Principal'),
    })),
  );

export const texts = (json: Json): readonly string[] => list(json).map(String);

const conditionsIn = (json: Json): readonly Condition[] =>
  Object.entries(Object(json)).flatMap(([operator, keys]) =>
    Object.entries(Object(keys)).map(([key, values]) => ({
      operator,
      key,
      values: texts(values as Json),
    })),
  );

/** What IAM knows of a request, by the names of its condition keys. */
export type Context = Readonly<Record<string, string>>;

/**
 * Whether a condition holds for a request. Where the request has no such key, one that wants a
 * value does not hold, and one that wants another value does (IAM user guide, "Condition
 * operators").
 */
export const holds = ({ operator, key, values }: Condition, context: Context): boolean => {
  const [, value] = Object.entries(context).find(([name]) => isSameKey(name, key)) ?? [];
  const isNegated = /^\w+?Not/.test(operator);
  if (value === undefined) return isNegated || operator.endsWith('IfExists');
  const isWithPatterns = /^(Arn|String(Not)?Like)/.test(operator);
  const isFound = isWithPatterns
    ? values.some((pattern) => fits(value, pattern))
    : values.includes(value);
  return isFound !== isNegated;
};

/** IAM tells keys apart without case. */
const isSameKey = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** Whether a text fits a pattern of IAM's, in which `*` is any text and `?` any letter. */
export const fits = (text: string, pattern: string): boolean =>
  meet(pattern, text.replaceAll(/[*?]/g, '_'));

/** Whether some text fits both patterns. */
export const meet = (one: string, other: string): boolean => {
  if (one === other) return true;
  if (one.startsWith('*'))
    return meet(one.slice(1), other) || (other !== '' && meet(one, other.slice(1)));
  if (other.startsWith('*')) return meet(other, one);
  if (one === '' || other === '') return false;
  const isSame = one[0] === other[0] || one[0] === '?' || other[0] === '?';
  return isSame && meet(one.slice(1), other.slice(1));
};
