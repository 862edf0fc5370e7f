import { ASKED, HARMLESS } from '../../stack/changes.ts';
import { GUESSED } from './region.ts';
import { type Aws, isWithoutCredentials, standingParameters, standsIn } from './standing-stack.ts';

type Declared = Readonly<
  Record<string, { readonly Default?: unknown; readonly NoEcho?: boolean | string }>
>;

interface Serverless {
  readonly service: {
    readonly provider: {
      readonly compiledCloudFormationTemplate: { readonly Parameters: Declared };
    };
  };
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  getProvider(name: 'aws'): Aws;
}

interface Options {
  readonly accept?: string;
  /** Where what is deployed was packaged before, with the parameters of then. */
  readonly package?: string;
}

interface Utils {
  readonly log: { warning(message: string): void; notice(message: string): void };
}

/** What is said to have a second stack made beside one in the region that used to be guessed. */
const SECOND_STACK = 'second-stack';

/**
 * CloudFormation takes the default of what is not given again, so that a deployment without
 * `policy=observe` has an observing stack write. Here the standing stack's parameters are read
 * before anything is changed, and a change that acts on what is registered (stack/changes.ts) stops
 * the deployment unless `--accept` names it. An option, since what stood in params.yml would accept
 * for ever.
 */
export default class Changes {
  readonly commands = {
    deploy: {
      options: {
        accept: {
          usage: `Parameters of the standing stack that may change, comma-separated, or ${SECOND_STACK}`,
          type: 'string',
        },
      },
    },
  };
  readonly hooks: Record<string, () => Promise<void>>;

  constructor(serverless: Serverless, options: Options, { log }: Utils) {
    const stop: Stop = (code, message) => {
      throw new serverless.classes.Error(message, code);
    };
    this.hooks = {
      'before:aws:deploy:deploy:createStack': async () => {
        const aws = serverless.getProvider('aws');
        const declared = serverless.service.provider.compiledCloudFormationTemplate.Parameters;
        const standing = await standingParameters(aws).catch((error: unknown) => {
          if (isWithoutCredentials(error)) throw error;
          return stop('STACK_UNREADABLE', unreadable(aws, error));
        });
        const accepted = namesIn(options.accept);
        const known = [SECOND_STACK, ...Object.keys({ ...declared, ...standing })];
        const unknown = accepted.filter((name) => !known.includes(name));
        if (unknown.length > 0)
          stop('INVALID_PARAMETER', `--accept ${unknown.join()}: there is no such parameter.`);
        if (standing) {
          const { asked, harmless } = changesOf(standing, declared);
          if (asked.some(({ name }) => !accepted.includes(name)))
            stop('PARAMETERS_CHANGED', question(aws, asked, { ...options, accepted }));
          const told = [...asked, ...harmless].map(inWords);
          if (told.length > 0) log.notice(`Parameters that change: ${told.join('; ')}`);
        } else if (!accepted.includes(SECOND_STACK) && (await isElsewhere(aws, log)))
          stop('STACK_ELSEWHERE', secondStack(aws));
      },
    };
  }
}

type Stop = (code: string, message: string) => never;

const namesIn = (text = ''): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** A parameter whose value this deployment would change. */
export interface Change {
  readonly name: string;
  readonly before: string;
  /** Undefined where this version of the template has no such parameter. */
  readonly after: string | undefined;
}

/**
 * What of a standing stack would change, in the template's order. What CloudFormation does not show
 * (NoEcho) cannot be compared, and what the stack has not had yet is no change.
 */
export const changesOf = (
  standing: Readonly<Record<string, string>>,
  declared: Declared,
): { readonly asked: readonly Change[]; readonly harmless: readonly Change[] } => {
  const names = [...new Set([...Object.keys(declared), ...Object.keys(standing)])];
  const changes = names.flatMap((name): readonly Change[] => {
    const before = standing[name];
    const parameter = declared[name];
    if (before === undefined || String(parameter?.NoEcho) === 'true') return [];
    const after = parameter && String(parameter.Default ?? '');
    return before === after ? [] : [{ name, before, after }];
  });
  const isHarmless = ({ name }: Change) => HARMLESS.includes(name);
  return {
    asked: changes.filter((one) => !isHarmless(one)),
    harmless: changes.filter(isHarmless),
  };
};

const isElsewhere = async (aws: Aws, log: Utils['log']): Promise<boolean> => {
  if (aws.getRegion() === GUESSED) return false;
  return standsIn(aws, GUESSED).catch((error: unknown) => {
    log.warning(
      `Whether there is a stack ${aws.naming.getStackName()} in ${GUESSED} already, where earlier versions deployed to without --region, could not be asked: ${error}`,
    );
    return false;
  });
};

const secondStack = (aws: Aws) =>
  [
    `There is no stack ${aws.naming.getStackName()} in ${aws.getRegion()}, and one in ${GUESSED}, where earlier versions deployed to without --region. Nothing was changed.`,
    `That one is meant? --region ${GUESSED}`,
    `It was a mistake? Remove it first: npx serverless remove --stage ${aws.getStage()} --region ${GUESSED} (docs/uninstall.md, where it has registered something).`,
    `Both are wanted? --accept ${SECOND_STACK}`,
  ].join('\n');

const unreadable = (aws: Aws, error: unknown) =>
  [
    `The stack ${aws.naming.getStackName()} in ${aws.getRegion()} could not be read: ${error}`,
    'So it is not known what this deployment would change, and nothing was changed. Whoever deploys needs cloudformation:DescribeStacks.',
  ].join('\n');

/** What would change and is not accepted, with the words that keep it and those that accept all. */
const question = (
  aws: Aws,
  asked: readonly Change[],
  { accepted, package: packaged }: Options & { readonly accepted: readonly string[] },
) => {
  const open = asked.filter(({ name }) => !accepted.includes(name));
  const keep = open
    .filter(({ after }) => after !== undefined)
    .map(({ name, before }) => `--param ${quoted(`${name}=${shown(before)}`)}`);
  const accept = [...new Set([...accepted, ...open.map(({ name }) => name)])];
  const add = packaged === undefined ? 'add' : 'package again, and add';
  return [
    `The stack ${aws.naming.getStackName()} in ${aws.getRegion()} stands with other parameters than are given now. Nothing was changed.`,
    ...open.flatMap((change) => [
      `  ${inWords(change)}`,
      `    ${ASKED[change.name] ?? 'What this does is not known.'}`,
    ]),
    ...(keep.length > 0
      ? [
          `To keep what is there, ${add}: ${keep.join(' ')}`,
          `  or, for good, give it in params.yml, under \`${aws.getStage()}\` (docs/configuration.md).`,
        ]
      : []),
    `To change it, say: --accept ${accept.join()}`,
    'docs/operations.md, "Changing parameters", says what each change does, and what to do before.',
  ].join('\n');
};

const inWords = ({ name, before, after }: Change) =>
  `${name}: ${named(before)} -> ${after === undefined ? '(this version has none)' : named(after)}`;

const named = (value: string) => (value === '' ? '(empty)' : shown(value));

/** A stack of an earlier version may have a password in an address. */
const shown = (value: string) => value.replaceAll(/\/\/[^/@\s]*@/g, '//***@');

/** As a POSIX shell takes it for one word. */
const quoted = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
