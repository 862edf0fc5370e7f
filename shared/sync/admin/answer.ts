import { SKIPS } from '../../model/plan.ts';
import { printable } from '../../model/text.ts';
import { errorText } from '../../platform/error-text.ts';
import type { ClusterState } from '../observe/cluster-state.ts';
import type { Observed } from '../observe/observe.ts';

/** For people and for programs: the same answer twice. */
export interface Answer {
  readonly text: string;
  readonly json: unknown;
}

/**
 * Sections of lines, an empty line between them. What names in them cannot show is spelled out
 * here, for every command; the JSON has them as they are.
 */
export const toAnswer = (sections: readonly (readonly string[])[], json: unknown): Answer => ({
  text: sections.map((lines) => lines.map(printable).join('\n')).join('\n\n'),
  json,
});

/**
 * A line for each task that an answer lacks, or is not sure of, with the reason: nobody shall take
 * the answer for whole. What is never registered, such as the tasks of managed daemons, it does not
 * lack.
 */
export const unreadIn = ({ tasks, unreadable, undescribed }: ClusterState): readonly string[] => [
  ...undescribed.map((arn) => `${arn}: ECS lists it, and does not describe it`),
  ...unreadable.map(({ task, detail }) => `${task}: ${detail}`),
  ...[...tasks].flatMap(([arn, one]) => {
    const what = unreadOf(one);
    return what === undefined ? [] : [`${arn}: ${what}`];
  }),
];

const unreadOf = (one: Observed): string | undefined => {
  switch (one.status) {
    case 'undefinable':
      return SKIPS[one.skip.code]?.isExpected ? undefined : one.skip.detail;
    case 'unread':
      return `cannot be derived now: ${errorText(one.fault)}`;
    case 'derived':
      if (one.hostFault === undefined) return undefined;
      return `its host cannot be read now, and is taken to be up: ${errorText(one.hostFault)}`;
    case 'underived':
      return undefined;
  }
};
