import type { Block } from './blocks.ts';
import type { Io } from './io.ts';
import type { Target } from './target/target.ts';

/**
 * One command of `rollcall`. A new one is a file in `commands/` and a line in `commands.ts`; help,
 * completion and the table in docs/command.md follow from what stands here.
 */
export interface Command {
  readonly name: string;
  /** In one line, without a full stop. */
  readonly summary: string;
  /**
   * What stands behind the name, such as `<task|service>`; in brackets where it may be left out,
   * with `…` where it may be several.
   */
  readonly takes?: string;
  readonly options?: Readonly<Record<string, Option>>;
  /** What exit code 1 says. */
  readonly finds: string;
  /** Loaded when it is called, so that help and completion are quick. */
  readonly load: () => Promise<{ readonly run: Run }>;
}

export interface Option {
  readonly help: string;
  /** What its value is called in the help; none: it is a flag. */
  readonly value?: string;
  /** One letter that stands for it. */
  readonly short?: string;
  /** The only values that it takes; completion offers them. */
  readonly choices?: readonly string[];
  /** It may be given several times. */
  readonly multiple?: true;
  /** It says which deployment is asked: commands that an answer leads to need it too. */
  readonly isWhom?: true;
}

export type Run = (input: CommandInput, tools: Tools) => Promise<Report>;

export interface CommandInput {
  /** What stood behind the name, as many as `takes` allows. */
  readonly args: readonly string[];
  /** The value of an option; a flag that is given is `''`. */
  value(name: string): string | undefined;
  /** Of one that may be given several times. */
  values(name: string): readonly string[];
  has(name: string): boolean;
}

/** What a command works with. */
export interface Tools {
  readonly io: Io;
  /** All that there are, for what tells of them. */
  readonly commands: readonly Command[];
  /** The deployment, or the local run, that the options name. Rejects with what to do. */
  connect(): Promise<Target>;
}

/** A command's answer: for people, and with `--json` for programs. */
export interface Report {
  readonly blocks: readonly Block[];
  readonly json: unknown;
  /** There is something to look at: the command exits with 1. */
  readonly found?: boolean;
  /** What is told is not all: something could not be asked. The command exits with 3. */
  readonly undecided?: boolean;
}
