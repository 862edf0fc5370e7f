/** What surrounds a command: a process's own, or a test's. */
export interface Io {
  /** One line to standard output: the answer. */
  readonly out: (line: string) => void;
  /** One line to standard error: what is wrong, and how it goes. */
  readonly err: (line: string) => void;
  /** Of the terminal; undefined where the output goes elsewhere: then nothing is shortened. */
  readonly columns: number | undefined;
  /** What was typed before the command's name: `rollcall`, or what stands for it here. */
  readonly calledBy: string;
  readonly stdin: () => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Ends early where the signal does. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Shows an address in the user's browser; false where there is none. */
  readonly browse: (url: string) => Promise<boolean>;
}
