import type { Option } from '../../command/command.ts';
import { COMMANDS } from '../../command/commands.ts';
import { usage } from '../../command/help.ts';
import { COMMON } from '../../command/options.ts';

/** Every command of `rollcall`, with its own options and what exit code 1 says. */
export const commandsTable = (): string =>
  toTable(
    ['command', 'answers', 'its options', 'exits with 1 if'],
    COMMANDS.map((one) => [
      code(usage(one)),
      one.summary,
      Object.entries(one.options ?? {})
        .map(([name, option]) => `${code(flag(name, option))} ${option.help}`)
        .join('<br>') || '-',
      one.finds,
    ]),
  );

export const commonTable = (): string =>
  toTable(
    ['option', ''],
    Object.entries(COMMON).map(([name, option]) => [code(flag(name, option)), option.help]),
  );

const flag = (name: string, { value, choices }: Option) =>
  value === undefined ? `--${name}` : `--${name} ${choices?.join('|') ?? value}`;

/** A bar would end the cell. */
const toTable = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '-'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');

const code = (text: string) => `\`${text}\``;
