import type { Sqs } from './sqs.ts';
import type { AwsEvent } from './world/shapes.ts';

/** An EventBridge event pattern, as it stands in serverless.yml. */
export type Pattern = Readonly<Record<string, unknown>>;

/**
 * A rule with a queue for target: pass it to `onEvent`. An event that several patterns match is
 * sent once for each.
 */
export const createRule =
  (rule: { patterns: readonly Pattern[]; sqs: Sqs; queue: string }) =>
  (event: AwsEvent): void => {
    const queue = rule.sqs.queue(rule.queue);
    if (!queue) throw new Error(`no queue ${rule.queue}`);
    for (const pattern of rule.patterns)
      if (matches(pattern, event)) queue.send(JSON.stringify(event));
  };

/**
 * EventBridge's matching: every key of the pattern must match, a list matches by any of its
 * members.
 */
export const matches = (pattern: Pattern, value: unknown): boolean =>
  Object.entries(pattern).every(([key, wanted]) => {
    if (key === '$or') return toList(wanted).some((each) => matches(Object(each), value));
    const member = isStructure(value) ? value[key] : undefined;
    if (Array.isArray(wanted)) return wanted.some((each) => matchesAny(each, member));
    // Below an array, a nested pattern may match any of its structures.
    return Array.isArray(member)
      ? member.some((each) => matches(Object(wanted), each))
      : matches(Object(wanted), member);
  });

const matchesAny = (wanted: unknown, member: unknown): boolean =>
  Array.isArray(member) && !isExists(wanted)
    ? member.some((each) => matchesOne(wanted, each))
    : matchesOne(wanted, member);

const matchesOne = (wanted: unknown, value: unknown): boolean => {
  if (!isStructure(wanted)) return wanted === value;
  const [operator = '', operand] = Object.entries(wanted)[0] ?? [];
  const match = OPERATORS[operator];
  if (!match) throw new Error(`event pattern operator not simulated: ${operator}`);
  return match(operand, value);
};

const OPERATORS: Readonly<Record<string, (operand: unknown, value: unknown) => boolean>> = {
  exists: (wanted, value) => (value !== undefined) === wanted,
  prefix: (prefix, value) => typeof value === 'string' && value.startsWith(String(prefix)),
  suffix: (suffix, value) => typeof value === 'string' && value.endsWith(String(suffix)),
  wildcard: (glob, value) => typeof value === 'string' && toRegExp(String(glob)).test(value),
  'equals-ignore-case': (text, value) =>
    typeof value === 'string' && value.toLowerCase() === String(text).toLowerCase(),
  'anything-but': (refused, value) =>
    value !== undefined && !toList(refused).some((each) => matchesOne(each, value)),
};

const isExists = (wanted: unknown) => isStructure(wanted) && 'exists' in wanted;
const isStructure = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const toList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
const toRegExp = (glob: string) =>
  new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 's');
