import { COMMANDS } from '../../command/commands.ts';
import { flag, usage } from '../../command/help.ts';
import { COMMON } from '../../command/options.ts';
import { code, table } from './tables.ts';

/** Every command of `rollcall`, with its own options and what exit code 1 says. */
export const commandsTable = (): string =>
  table(
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
  table(
    ['option', ''],
    Object.entries(COMMON).map(([name, option]) => [code(flag(name, option)), option.help]),
  );
