/**
 * What the command exits with. Scripts rely on it: documented in docs/command.md, never changed.
 */
export const EXIT = {
  /** Answered, and nothing is amiss. */
  fine: 0,
  /** Answered, and there is something to look at: each command says what. */
  found: 1,
  /** It was called wrongly: nothing was asked. */
  wrongUse: 2,
  /** It could not be asked, or not be answered. */
  notAnswered: 3,
} as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with one clear line, which says what is wrong and what to do. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exit: Exit;
  constructor(exit: Exit, message: string) {
    super(message);
    this.exit = exit;
  }
}

export const wrongUse = (message: string) => new CommandFailure(EXIT.wrongUse, message);
export const notAnswered = (message: string) => new CommandFailure(EXIT.notAnswered, message);
