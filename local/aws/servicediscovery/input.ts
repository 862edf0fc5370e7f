import { AwsFault } from '../service.ts';

export type Input = Readonly<Record<string, unknown>>;

export const invalid = (message: string) => new AwsFault('InvalidInput', message);

export const optionalText = (input: Input, key: string): string | undefined => {
  const value = input[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalid(`${key} must be a string`);
  return value;
};

export const text = (input: Input, key: string): string => {
  const value = optionalText(input, key);
  if (value === undefined) throw invalid(`${key} is required`);
  return value;
};

export const optionalNumber = (input: Input, key: string, range: readonly [number, number]) => {
  const value = input[key];
  if (value === undefined || value === null) return undefined;
  const [least, most] = range;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw invalid(`${key} must be a whole number from ${least} to ${most}, not ${value}`);
  return value;
};

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const optionalRecord = (input: Input, key: string): Input | undefined => {
  const value = input[key];
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) throw invalid(`${key} must be an object`);
  return value;
};

export const records = (input: Input, key: string): readonly Input[] => {
  const value = input[key] ?? [];
  if (!Array.isArray(value) || !value.every(isRecord))
    throw invalid(`${key} must be a list of objects`);
  return value;
};

export const texts = (input: Input, key: string): readonly string[] => {
  const value = input[key] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw invalid(`${key} must be a list of strings`);
  return value;
};

export const textMap = (input: Input, key: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(optionalRecord(input, key) ?? {}).map(([name, value]) => {
      if (typeof value !== 'string') throw invalid(`${key}.${name} must be a string`);
      return [name, value];
    }),
  );
