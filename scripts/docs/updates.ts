import type { Template } from '../stack/template.ts';
import { FLIPS, otherFlips } from '../stack/updates/flips.ts';
import { type Kind, type Update, updateOf } from '../stack/updates/update.ts';
import { table } from './tables.ts';

/** What CloudFormation does with each change of parameters, and what is to be done besides. */
export const updatesTable = (template: Template): string =>
  table(
    [
      'change',
      'made',
      'changed in place',
      'replaced',
      'deleted at the end',
      'what it means, what to do',
    ],
    [
      ...FLIPS.map(({ change, from, to, procedure = 'Nothing' }) => [
        change,
        ...kindsOf([updateOf(template, from, to)]),
        `${procedure}.`,
      ]),
      othersIn(template),
    ],
  );

/** In one line: that there is nothing to tell of them is what their test holds. */
const othersIn = (template: Template) => {
  const flips = otherFlips(template);
  const updates = flips.map(({ from, to }) => updateOf(template, from, to));
  return [
    flips.map(({ change }) => `\`${change}\``).join(' '),
    ...kindsOf(updates),
    'Nothing is lost in the stack; for what is registered see [operations.md](operations.md#changing-parameters).',
  ];
};

const KINDS: readonly Kind[] = ['made', 'changed', 'replaced', 'deleted'];

const kindsOf = (updates: readonly Update[]) => KINDS.map((kind) => summary(updates, kind));

/** More than these of one type are told by their number. */
const NAMED = 10;

/**
 * By the names that a change set shows; all that there are of a type, and many, by their number.
 */
const summary = (updates: readonly Update[], kind: Kind): string => {
  const byType = new Map<string, Set<string>>();
  for (const { changes, ...update } of updates)
    for (const [name] of [...changes].filter(([, one]) => one === kind)) {
      const type = typesIn(update).get(name) ?? '';
      byType.set(type, new Set([...(byType.get(type) ?? []), name]));
    }
  return [...byType]
    .map(([type, names]) => {
      const all = new Set(updates.flatMap((update) => [...typesIn(update)]).flatMap(ofType(type)));
      const isWhole = names.size > 2 && names.size === all.size;
      if (!isWhole && names.size <= NAMED) return [...names].join(', ');
      return `${isWhole ? 'all ' : ''}${names.size} ${plural(type)}`;
    })
    .join(', ');
};

/** Types by logical id, of what is there before or after. */
const typesIn = ({ old, next }: Pick<Update, 'old' | 'next'>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries({ ...old.resources, ...next.resources }).map(([name, { Type }]) => [name, Type]),
  );

const ofType =
  (wanted: string) =>
  ([name, type]: readonly [string, string]): readonly string[] =>
    type === wanted ? [name] : [];

/** `AWS::Logs::LogGroup`: log groups. */
const plural = (type: string): string => {
  const words = (type.split('::').at(-1) ?? '').replaceAll(/(?<=[a-z])[A-Z]/g, ' $&').toLowerCase();
  return words.endsWith('y') ? `${words.slice(0, -1)}ies` : `${words}s`;
};
