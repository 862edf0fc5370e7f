import packageJson from '../package.json' with { type: 'json' };
import { parseCommandLine } from './arguments.ts';
import { asCalled } from './as-called.ts';
import { mapTexts, toText } from './blocks.ts';
import { COMMANDS } from './commands.ts';
import { EXIT, type Exit } from './exit.ts';
import { toFailure } from './failure.ts';
import { help } from './help.ts';
import type { Io } from './io.ts';
import { connect } from './target/connect.ts';
import type { Target } from './target/target.ts';

const VERSION = packageJson.version;

/** Runs one command; never rejects. Gives the exit code. */
export const main = async (args: readonly string[], io: Io): Promise<Exit> => {
  let told = (text: string) => text;
  try {
    if (args.length === 0) {
      io.err(toText(help(), io.columns));
      return EXIT.wrongUse;
    }
    if (args[0] === '--version') {
      io.out(VERSION);
      return EXIT.fine;
    }
    const { command, input } = parseCommandLine(args);
    told = asCalled(input, io.calledBy);
    if (!command || input.has('help')) {
      io.out(toText(help(command), io.columns));
      return EXIT.fine;
    }
    const { run } = await command.load();
    let target: Promise<Target> | undefined;
    const report = await run(input, {
      io,
      commands: COMMANDS,
      // Once for whatever is asked: `doctor --smoke` asks each second.
      connect: () => (target ??= connect(input, io.env)),
    });
    io.out(
      input.has('json') ? toJson(report.json) : toText(mapTexts(report.blocks, told), io.columns),
    );
    if (report.undecided) return EXIT.notAnswered;
    return report.found ? EXIT.found : EXIT.fine;
  } catch (error) {
    const { exit, message } = toFailure(error);
    io.err(`rollcall: ${told(message)}`);
    return exit;
  }
};

const toJson = (json: unknown) => JSON.stringify(json, null, 2);
