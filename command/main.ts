import { parseCommandLine } from './arguments.ts';
import { toText } from './blocks.ts';
import { COMMANDS } from './commands.ts';
import { EXIT, type Exit } from './exit.ts';
import { toFailure } from './failure.ts';
import { help } from './help.ts';
import type { Io } from './io.ts';
import { connect } from './target/connect.ts';

/** Runs one command; never rejects. Gives the exit code. */
export const main = async (args: readonly string[], io: Io): Promise<Exit> => {
  try {
    const { command, input } = parseCommandLine(args);
    if (!command || input.has('help')) {
      io.out(toText(help(command), io.columns));
      return EXIT.fine;
    }
    const { run } = await command.load();
    const report = await run(input, {
      io,
      commands: COMMANDS,
      connect: () => connect(input, io.env),
    });
    io.out(input.has('json') ? toJson(report.json) : toText(report.blocks, io.columns));
    if (report.undecided) return EXIT.notAnswered;
    return report.found ? EXIT.found : EXIT.fine;
  } catch (error) {
    const { exit, message } = toFailure(error);
    io.err(`rollcall: ${message}`);
    return exit;
  }
};

const toJson = (json: unknown) => JSON.stringify(json, null, 2);
