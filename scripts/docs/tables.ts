import { SETTINGS, type Setting, type SettingName } from '../../shared/config/settings.ts';
import { choicesIn } from '../choices.ts';
import { EXAMPLES } from './examples.ts';
import type { Parameter, Stack } from './stack.ts';

const settings: readonly Setting[] = Object.values(SETTINGS);

type Row = readonly string[];

/** One group of parameters in full, each with the variable that it sets. */
export const groupTable = ({ groups, parameters }: Stack, title: string): string => {
  const group = groups.find((one) => one.title === title);
  if (!group) throw new Error(`no group of parameters is called ${title}`);
  return table(
    ['parameter, variable', 'meaning', 'takes', 'default'],
    group.parameters.map((name) => {
      const parameter = parameterOf(parameters, name);
      const variable = settings.find(({ param }) => param === name)?.env ?? '';
      const both = [name, variable].filter(Boolean).map(code).join('<br>');
      return [both, meaning(parameter), takes(name, parameter), fallback(parameter)];
    }),
  );
};

/** The variables that no parameter sets. */
export const stackTable = (): string =>
  table(
    ['variable', 'meaning', 'such as'],
    Object.entries(SET_BY_STACK).map(([name, meaning]) => {
      const { env } = SETTINGS[name as ByStack];
      return [code(env), meaning, example(env)];
    }),
  );

/** What the stack alone sets. */
type ByStack = {
  [K in SettingName]: (typeof SETTINGS)[K] extends { readonly param: string } ? never : K;
}[SettingName];

/** Here and not beside the settings: every function's start would carry the texts. */
const SET_BY_STACK: Readonly<Record<ByStack, string>> = {
  resolveToken: 'The resolver’s token, by reference to the secret that the stack makes.',
  loopback:
    'For a run on one machine alone: `allow` registers loopback addresses and hands them out, as `npm start` does.',
  place:
    'Partition, region and account. Clusters, events and records of another place are foreign.',
  stage: 'The stage of the deployment, for the page to show.',
  queueUrl: 'The event queue.',
  renewQueueUrl: 'The queue of the second renewal in a minute.',
  summaryParameter: 'SSM parameter that holds the last reconcile’s summary.',
  releaseParameter: 'SSM parameter that holds an operator’s release of withheld removals.',
  removalsParameter: 'SSM parameter that holds what the reconciler removed within the last hour.',
  inspectFunction:
    'The function that the page asks for a service’s history, with `pageHistory=on`.',
  logGroup: 'The log group of all functions, in which `history` looks.',
};

const parameterOf = (parameters: Stack['parameters'], name: string): Parameter => {
  const found = parameters[name];
  if (!found) throw new Error(`a group names the parameter ${name}, which there is not`);
  return found;
};

/**
 * CloudFormation's empty default says nothing to a reader, so the Description ends in what comes of
 * it.
 */
const NONE_GIVEN = /\s*None given: (.*)\.$/s;

const meaning = ({ Description }: Parameter) => Description.replace(NONE_GIVEN, '');

const fallback = ({ Default, Description }: Parameter) =>
  code(Default) || (NONE_GIVEN.exec(Description)?.[1] ?? '');

const takes = (
  name: string,
  { Type, AllowedValues, MinValue, MaxValue, MaxLength }: Parameter,
): string => {
  if (AllowedValues) return `${Type}: ${choices(AllowedValues)}`;
  if (MaxValue !== undefined) return `${Type}: ${MinValue ?? 0} to ${MaxValue}`;
  if (MinValue !== undefined) return `${Type}: from ${MinValue}`;
  const bound = MaxLength === undefined ? '' : ` of at most ${MaxLength} characters`;
  return `${Type}${bound}, such as ${example(name)}`;
};

const choices = (values: readonly string[]): string => {
  const { single, isList } = choicesIn(values);
  return `${isList ? 'any of ' : ''}${single.map(code).join(', ')}`;
};

const example = (name: string): string => {
  const text = EXAMPLES[name];
  if (text === undefined)
    throw new Error(`${name} is a free text and needs an example in scripts/docs/examples.ts`);
  return code(text);
};

export const code = (text: string): string => (text === '' ? '' : `\`${text}\``);

/** In Markdown. */
export const table = (head: Row, rows: readonly Row[]): string =>
  [line(head), `|${head.map(() => '-').join('|')}|`, ...rows.map(line)].join('\n');

const line = (cells: Row) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
