/** `consul: …`, `event.time: …`: a message that says what it is about, as ours do. */
const SAYS_WHERE = /^[a-z][\w.[\]-]*: /;

/** An error and its causes in one line, without a stack: who reads a log has no use for one. */
export const errorText = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // Node gathers failures of several addresses in an error without a message of its own.
  const gathered = error instanceof AggregateError && !error.message;
  const message = gathered ? error.errors.map(errorText).join(', ') : error.message;
  // Some of AWS's errors have their name as their message.
  const bare =
    gathered || error.name === 'Error' || error.name === message || SAYS_WHERE.test(message);
  const own = bare ? message : `${error.name}: ${message}`;
  return error.cause ? `${own} (${errorText(error.cause)})` : own;
};
