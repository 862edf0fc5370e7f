import { errorText } from '../shared/platform/error-text.ts';
import { CommandFailure, notAnswered } from './exit.ts';

/** What AWS's refusals mean for whoever calls a command, and what to do about it. */
const MEANINGS: readonly (readonly [RegExp, (said: string) => string])[] = [
  [
    /CredentialsProviderError|Could not load credentials|Token is expired|SSO session/,
    () => 'no AWS credentials: sign in (`aws sso login`), or set AWS_PROFILE',
  ],
  [
    /ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidSignature/,
    () => 'AWS does not accept the credentials: sign in again',
  ],
  [
    /AccessDenied|not authorized/,
    (said) => `${said}; docs/permissions.md lists what each command needs`,
  ],
];

const inOneLine = (text: string) => text.replaceAll(/\s*\n\s*/g, ' ');

/** Whatever was thrown, as one line and an exit code. */
export const toFailure = (error: unknown): CommandFailure => {
  if (error instanceof CommandFailure)
    return new CommandFailure(error.exit, inOneLine(error.message));
  return notAnswered(meaningOf(errorText(error)));
};

/** Of what AWS's clients say, what it means and what to do; anything else as it is. One line. */
export const meaningOf = (text: string): string => {
  const said = inOneLine(text);
  const [, meaning] = MEANINGS.find(([form]) => form.test(said)) ?? [];
  return meaning ? meaning(said) : said;
};
