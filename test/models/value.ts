import { type Model, type Reference, type Shape, shapeOf } from './model.ts';

export interface Finding {
  /** Where in the message: `answer.tasks[0].containers[1].name`. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

interface At {
  readonly model: Model;
  readonly path: string;
}

type Check = (value: unknown, shape: Shape, at: At) => readonly Finding[];

/**
 * What a value does that its shape forbids, in the JSON protocols' terms. Nothing: it is as AWS has
 * it.
 */
export const checkValue = (value: unknown, reference: Reference, at: At): readonly Finding[] => {
  const shape = shapeOf(at.model, reference);
  const check = CHECKS[shape.type];
  return check ? check(value, shape, at) : [];
};

export const finding = (path: string, expected: string, value: unknown): readonly Finding[] => [
  { path, expected, got: JSON.stringify(value)?.slice(0, 120) ?? 'nothing' },
];

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const checkStructure: Check = (value, shape, { model, path }) => {
  if (!isRecord(value)) return finding(path, 'a structure', value);
  const { members = {}, required = [], union } = shape;
  const known = Object.entries(value).flatMap(([name, member]) => {
    const at = `${path}.${name}`;
    const reference = Object.hasOwn(members, name) ? members[name] : undefined;
    if (!reference)
      return finding(at, `one of ${Object.keys(members).join(', ') || 'no members'}`, member);
    return checkValue(member, reference, { model, path: at });
  });
  const missing = required
    .filter((name) => value[name] === undefined)
    .flatMap((name) => finding(`${path}.${name}`, 'a required member', undefined));
  const several =
    union && Object.keys(value).length !== 1
      ? finding(path, 'exactly one member of a union', value)
      : [];
  return [...known, ...missing, ...several];
};

const checkList: Check = (value, shape, at) => {
  if (!Array.isArray(value)) return finding(at.path, 'a list', value);
  const { member } = shape;
  return [
    ...checkRange(value.length, shape, at),
    ...value.flatMap((each, index) =>
      member ? checkValue(each, member, { ...at, path: `${at.path}[${index}]` }) : [],
    ),
  ];
};

const checkMap: Check = (value, shape, at) => {
  if (!isRecord(value)) return finding(at.path, 'a map', value);
  const entries = Object.entries(value);
  return [
    ...checkRange(entries.length, shape, at),
    ...entries.flatMap(([key, each]) => {
      const path = `${at.path}.${key}`;
      return [
        ...(shape.key ? checkValue(key, shape.key, { ...at, path: `${path} (key)` }) : []),
        ...(shape.value ? checkValue(each, shape.value, { ...at, path }) : []),
      ];
    }),
  ];
};

const checkString: Check = (value, shape, at) => {
  if (typeof value !== 'string') return finding(at.path, 'a string', value);
  if (shape.enum && !shape.enum.includes(value))
    return finding(at.path, `one of ${shape.enum.join(', ')}`, value);
  return [
    ...checkRange([...value].length, shape, at),
    ...(shape.pattern && !toPattern(shape.pattern).test(value)
      ? finding(at.path, `the pattern ${shape.pattern}`, value)
      : []),
  ];
};

const checkRange = (size: number, { min, max }: Shape, { path }: At): readonly Finding[] =>
  (min !== undefined && size < min) || (max !== undefined && size > max)
    ? finding(path, `a size from ${min ?? 0} to ${max ?? 'any'}`, size)
    : [];

/**
 * AWS writes patterns for Java: the case is dropped by a prefix, and what `u` refuses (needless
 * escapes) is read without it.
 */
export const toPattern = (pattern: string): RegExp => {
  const [, prefix, body = ''] = /^(\(\?i\))?(.*)$/s.exec(pattern) ?? [];
  const flags = prefix ? 'i' : '';
  try {
    return new RegExp(body, `u${flags}`);
  } catch {
    return new RegExp(body, flags);
  }
};

const checkWhole: Check = (value, shape, at) =>
  Number.isInteger(value)
    ? checkRange(Number(value), shape, at)
    : finding(at.path, 'a whole number', value);

const checkNumber: Check = (value, shape, at) =>
  typeof value === 'number' ? checkRange(value, shape, at) : finding(at.path, 'a number', value);

const CHECKS: Readonly<Record<string, Check>> = {
  structure: checkStructure,
  list: checkList,
  map: checkMap,
  string: checkString,
  integer: checkWhole,
  long: checkWhole,
  float: checkNumber,
  double: checkNumber,
  /** Seconds since the epoch. Milliseconds would lie in the year 50,000 and later. */
  timestamp: (value, _shape, { path }) =>
    typeof value === 'number' && value < 1e11
      ? []
      : finding(path, 'seconds since the epoch', value),
  boolean: (value, _shape, { path }) =>
    typeof value === 'boolean' ? [] : finding(path, 'a boolean', value),
  blob: (value, _shape, { path }) =>
    typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value)
      ? []
      : finding(path, 'base64', value),
};
