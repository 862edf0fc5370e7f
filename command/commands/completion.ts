import type { Command, Run } from '../command.ts';
import { wrongUse } from '../exit.ts';
import { optionsOf } from '../options.ts';

export const run: Run = async ({ args: [shell = ''] }, { commands }) => {
  const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (!script) throw wrongUse(`completion: expected bash or zsh, got ${shell}`);
  const text = script(commands);
  return { blocks: [text.split('\n')], json: { shell, script: text } };
};

/** The words that may follow the command, and those that an option takes. */
const wordsOf = (command: Command) => Object.keys(optionsOf(command)).map((name) => `--${name}`);
const argumentsOf = ({ takes = '' }: Command) =>
  takes.includes('bash|zsh') ? ['bash', 'zsh'] : [];
const choicesOf = (command: Command) =>
  Object.entries(optionsOf(command)).flatMap(([name, { choices }]) =>
    choices ? [{ option: `--${name}`, choices }] : [],
  );

const bash = (commands: readonly Command[]) =>
  [
    '# rollcall: eval "$(rollcall completion bash)"',
    '_rollcall() {',
    `  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words`,
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    words="${commands.map(({ name }) => name).join(' ')}"`,
    '  else',
    `    case "\${COMP_WORDS[1]} $before" in`,
    ...commands.flatMap((command) =>
      choicesOf(command).map(
        ({ option, choices }) =>
          `      "${command.name} ${option}") words="${choices.join(' ')}" ;;`,
      ),
    ),
    `      *) case "\${COMP_WORDS[1]}" in`,
    ...commands.map(
      (command) =>
        `        ${command.name}) words="${[...argumentsOf(command), ...wordsOf(command)].join(' ')}" ;;`,
    ),
    '        *) words="" ;;',
    '      esac ;;',
    '    esac',
    '  fi',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _rollcall rollcall',
  ].join('\n');

const zsh = (commands: readonly Command[]) =>
  [
    '#compdef rollcall',
    '# rollcall: eval "$(rollcall completion zsh)"',
    '_rollcall() {',
    '  if (( CURRENT == 2 )); then',
    '    local -a names=(',
    ...commands.map(({ name, summary }) => `      '${name}:${quoted(summary)}'`),
    '    )',
    "    _describe 'command' names",
    '    return',
    '  fi',
    '  case "$words[2]" in',
    ...commands.map((command) => `    ${command.name}) _arguments ${zshOptions(command)} ;;`),
    '  esac',
    '}',
    'compdef _rollcall rollcall',
  ].join('\n');

const zshOptions = (command: Command) =>
  [
    ...Object.entries(optionsOf(command)).map(([name, { value, choices, help }]) => {
      const after =
        value === undefined ? '' : `:${value}:${choices ? `(${choices.join(' ')})` : ''}`;
      return `'--${name}[${quoted(help)}]${after}'`;
    }),
    `'2:${quoted(command.takes ?? '')}:(${argumentsOf(command).join(' ')})'`,
  ].join(' ');

/** Within single quotes, where zsh takes brackets and colons for its own. */
const quoted = (text: string) =>
  text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, (sign) => `\\${sign}`);

const SHELLS: Readonly<Record<string, (commands: readonly Command[]) => string>> = { bash, zsh };
