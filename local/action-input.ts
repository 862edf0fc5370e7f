import { REGISTRY_NAMES, type RegistryName } from '../shared/model/registration.ts';

/** The body of a `POST /control/<action>`. */
export type Input = Readonly<Record<string, unknown>>;

export const OUTAGES = ['error', 'hang'] as const;
export const POLICIES = ['observe', 'create-only', 'upsert-only', 'sync'] as const;

/** One of the values that a member may have. Throws what names it. */
export const choice = <T extends string>(input: Input, member: string, values: readonly T[]): T => {
  const found = values.find((value) => value === input[member]);
  if (found === undefined)
    throw new Error(`${member}: expected one of ${values.join(', ')}, got ${show(input[member])}`);
  return found;
};

export const registryOf = (input: Input): RegistryName => choice(input, 'registry', REGISTRY_NAMES);

export const wholeNumber = (input: Input, member: string, most: number): number => {
  const value = input[member];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most)
    return value;
  throw new Error(`${member}: expected a whole number from 0 to ${most}, got ${show(value)}`);
};

export const text = (input: Input, member: string): string => {
  const value = input[member];
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`${member}: expected a text, got ${show(value)}`);
};

export const flag = (input: Input, member: string): boolean => {
  const value = input[member];
  if (typeof value === 'boolean') return value;
  throw new Error(`${member}: expected true or false, got ${show(value)}`);
};

/** Refuses what is mistyped rather than do something else. */
export const refuseOthers = (input: Input, members: readonly string[]): void => {
  const other = Object.keys(input).find((member) => !members.includes(member));
  if (other === undefined) return;
  const expected = members.length > 0 ? `only ${members.join(', ')}` : 'an empty body';
  throw new Error(`${other}: unknown here; expected ${expected}`);
};

const show = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
