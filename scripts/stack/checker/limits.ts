import { readFileSync } from 'node:fs';
import type { Stack } from '../resolve.ts';
import { at, type Json, list } from '../template.ts';
import { type Finding, found } from './finding.ts';
import { policiesOf } from './statements.ts';

/** What a schema of CloudFormation says of a property's value. */
export interface Limits {
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/**
 * Of one type: the properties whose change replaces a resource, and limits by path, `*` for each of
 * a list.
 */
export interface TypeFacts {
  readonly replacedBy: readonly string[];
  readonly limits: Readonly<Record<string, Limits>>;
}

export const TYPES: Readonly<Record<string, TypeFacts>> = JSON.parse(
  readFileSync(new URL('../facts/resources.json', import.meta.url), 'utf8'),
).types;

/** Values as they come out of the parameters: cfn-lint judges those that stand in the template. */
export const propertyLimits = (stack: Stack): readonly Finding[] =>
  Object.entries(stack.resources).flatMap(([name, { Type, Properties }]) => {
    const facts = TYPES[Type];
    if (!facts) return found(name, `${Type}: nothing is known of this type; run: npm run facts`);
    return Object.entries(facts.limits).flatMap(([path, limits]) =>
      valuesAt(Properties, path.split('/')).flatMap((value) =>
        found(name, ...faultsOf(value, limits).map((fault) => `${path}: ${fault}`)),
      ),
    );
  });

const valuesAt = (json: Json, [step, ...rest]: readonly string[]): readonly Json[] => {
  if (json === undefined) return [];
  if (step === undefined) return [json];
  return (step === '*' ? list(json) : [at(json, step)]).flatMap((one) => valuesAt(one, rest));
};

const faultsOf = (value: Json, limits: Limits): readonly string[] => {
  const {
    pattern,
    minLength = 0,
    maxLength = Infinity,
    minItems = 0,
    maxItems = Infinity,
  } = limits;
  const { minimum = -Infinity, maximum = Infinity } = limits;
  if (Array.isArray(value))
    return value.length < minItems || value.length > maxItems
      ? [`has ${value.length} entries, of ${minItems} to ${maxItems}`]
      : [];
  if (typeof value === 'object' && value !== null)
    return faultsOf(JSON.stringify(value), { minLength, maxLength });
  const text = String(value);
  return [
    ...(pattern !== undefined && !new RegExp(pattern).test(text)
      ? [`"${text}" does not fit ${pattern}`]
      : []),
    ...(text.length < minLength || text.length > maxLength
      ? [`has ${text.length} characters, of ${minLength} to ${maxLength}`]
      : []),
    ...(Number(text) < minimum || Number(text) > maximum
      ? [`${text} is not within ${minimum} to ${maximum}`]
      : []),
  ];
};

/**
 * Bounds that no schema tells. IAM user guide, "IAM and AWS STS quotas": 10,240 characters for all
 * inline policies of a role together, 6,144 for a managed one, 10 managed ones for a role. Lambda
 * quotas: 4 KB for an environment. EventBridge quotas: 2,048 characters for an event pattern.
 * Parameter Store: 4 KB.
 */
const MOST = {
  inline: 10_240,
  managed: 6_144,
  attached: 10,
  environment: 4_096,
  pattern: 2_048,
  value: 4_096,
};

export const sizes = (stack: Stack): readonly Finding[] =>
  Object.entries(stack.resources).flatMap(([name, { Type, Properties, ref }]) => {
    const size = (json: Json) => (json === undefined ? 0 : JSON.stringify(json).length);
    const inline = policiesOf(stack).filter(
      ({ roles, resource }) =>
        roles.includes(ref) && stack.resources[resource]?.Type !== 'AWS::IAM::ManagedPolicy',
    );
    const measured = {
      inline:
        Type === 'AWS::IAM::Role'
          ? inline.reduce((sum, { document }) => sum + size(document), 0)
          : 0,
      managed: Type === 'AWS::IAM::ManagedPolicy' ? size(Properties['PolicyDocument']) : 0,
      attached: list(Properties['ManagedPolicyArns']).length,
      environment: size(at(Properties, 'Environment', 'Variables')),
      pattern: size(Properties['EventPattern']),
      value: Type === 'AWS::SSM::Parameter' ? String(Properties['Value']).length : 0,
    };
    return Object.entries(measured).flatMap(([what, is]) => {
      const most = MOST[what as keyof typeof measured];
      return found(name, is > most && `${what}: ${is}, and AWS takes ${most}`);
    });
  });
