import { referred } from '../serverless/template.ts';

/** Small readings of a CloudFormation template, for assertions. */

export type Json = string | number | boolean | null | undefined | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface Template {
  readonly Description: string;
  readonly Parameters: Readonly<Record<string, JsonObject>>;
  readonly Conditions: Readonly<Record<string, Json>>;
  readonly Rules: Readonly<Record<string, Json>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Condition?: string; readonly Value: Json }>>;
}

export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  readonly Metadata?: JsonObject;
  readonly Properties: JsonObject;
}

export type Parameters = Readonly<Record<string, string>>;

const isList = (json: Json): json is readonly Json[] => Array.isArray(json);
const isObject = (json: Json): json is JsonObject =>
  typeof json === 'object' && json !== null && !isList(json);

/** One thing or several, as CloudFormation and IAM both allow. */
export const list = (json: Json): readonly Json[] =>
  json === undefined ? [] : isList(json) ? json : [json];

/** What lies at a path; nothing where the path ends early. */
export const at = (json: Json, ...path: readonly (string | number)[]): Json =>
  path.reduce<Json>(
    (here, step) => (isList(here) ? here[Number(step)] : isObject(here) ? here[step] : undefined),
    json,
  );

export const ofType = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);

const parameter = (template: Template, given: Parameters, name: Json): Json =>
  given[String(name)] ?? template.Parameters[String(name)]?.['Default'];

/** Whether each condition holds for these parameters; the defaults fill in what is not given. */
export const conditionsOf = (
  template: Template,
  given: Parameters = {},
): Record<string, boolean> => {
  const value = (json: Json): Json => {
    if (!isObject(json)) return json;
    const [name = '', inner] = Object.entries(json)[0] ?? [];
    if (name === 'Ref') return parameter(template, given, inner);
    if (name === 'Condition') return value(template.Conditions[String(inner)]);
    const values = list(inner).map(value);
    if (name === 'Fn::Equals') return String(values[0]) === String(values[1]);
    if (name === 'Fn::Not') return !values[0];
    if (name === 'Fn::And') return values.every(Boolean);
    if (name === 'Fn::Or') return values.some(Boolean);
    throw new Error(`a condition may not hold ${name}`);
  };
  return Object.fromEntries(
    Object.entries(template.Conditions).map(([name, json]) => [name, Boolean(value(json))]),
  );
};

/**
 * What CloudFormation makes of the template for these parameters: conditions decided, parameters
 * filled in.
 */
export const deployed = (template: Template, given: Parameters = {}): Template => {
  const holds = conditionsOf(template, given);
  const settle = (json: Json): Json => {
    if (isList(json)) return json.map(settle).filter((item) => item !== undefined);
    if (!isObject(json)) return json;
    const ref = json['Ref'];
    if (ref === 'AWS::NoValue') return undefined;
    if (typeof ref === 'string' && ref in template.Parameters)
      return parameter(template, given, ref);
    if ('Fn::If' in json)
      return settle(at(json, 'Fn::If', holds[String(at(json, 'Fn::If', 0))] ? 1 : 2));
    const members = Object.entries(json).map(([key, inner]) => [key, settle(inner)] as const);
    return Object.fromEntries(members.filter(([, inner]) => inner !== undefined));
  };
  const isHere = ({ Condition }: { readonly Condition?: string }) =>
    Condition === undefined || holds[Condition] === true;
  return {
    ...template,
    Resources: Object.fromEntries(
      Object.entries(template.Resources)
        .filter(([, one]) => isHere(one))
        .map(([name, one]) => [
          name,
          {
            ...one,
            Metadata: settle(one.Metadata ?? {}) as JsonObject,
            Properties: settle(one.Properties) as JsonObject,
          },
        ]),
    ),
    Outputs: Object.fromEntries(
      Object.entries(template.Outputs)
        .filter(([, one]) => isHere(one))
        .map(([name, one]) => [name, { ...one, Value: settle(one.Value) }]),
    ),
  };
};

/** All that CloudFormation makes and changes before this resource, and deletes after it. */
export const comesAfter = (template: Template, name: string): readonly string[] => {
  const found = new Set<string>();
  const visit = (one: string) => {
    const { DependsOn, Metadata, Properties } = template.Resources[one] ?? {};
    for (const before of [...list(DependsOn).map(String), ...referred([Metadata, Properties])])
      if (before in template.Resources && !found.has(before)) {
        found.add(before);
        visit(before);
      }
  };
  visit(name);
  return [...found];
};

/** A value as text, names and functions in angle brackets. */
export const text = (json: Json): string => {
  if (!isObject(json)) return String(json);
  if ('Fn::GetAtt' in json) return `<${list(json['Fn::GetAtt']).join('.')}>`;
  if ('Fn::Sub' in json) {
    const [pattern, names] = list(json['Fn::Sub']);
    const inserted = (_: string, name: string) => text(at(names, name) ?? { Ref: name });
    return String(pattern).replaceAll(/\$\{([^}]+)\}/g, inserted);
  }
  return `<${json['Ref'] ?? JSON.stringify(json)}>`;
};
